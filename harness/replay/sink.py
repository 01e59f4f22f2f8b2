"""sink - the next hop: aiosmtpd on our own loop, keeping what arrives and failing as its script says. (IO)"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, cast

from harness.observation import Delivery
from harness.replay.hop_script import HopScript
from harness.replay.script import duration
from harness.scenario import HopMoment, HopRule

_LONGEST = 1 << 24  # bytes of a line: how long a line may be is the gateway's business, not ours

_QUEUE_ID = re.compile(rb"\bid ([0-9A-Za-z]{6,20})\b")


class Sink:
    """Accepts mail on port 0 and keeps it in order of arrival; what it does instead is in its script."""

    def __init__(self, script: HopScript | None = None) -> None:
        self.script = script or HopScript()
        self.deliveries: list[Delivery] = []
        self._servers: list[asyncio.Server] = []
        self._connections: set[Any] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> tuple[str, int]:
        """Listen; gives (host, port)."""
        server = await asyncio.get_running_loop().create_server(self._connected, host, port)
        self._servers.append(server)
        return cast("tuple[str, int]", server.sockets[0].getsockname()[:2])

    async def serve(self, listening: socket.socket) -> None:
        """Accept on this socket, too, which somebody bound elsewhere: in another network namespace, for one."""
        self._servers.append(await asyncio.get_running_loop().create_server(self._connected, sock=listening))

    def _connected(self) -> asyncio.Protocol:
        """A protocol for one more connection."""
        made: asyncio.Protocol = _server()(
            self, data_size_limit=None, enable_SMTPUTF8=True, hostname="next-hop.test", ident="next hop",
            loop=asyncio.get_running_loop(),
        )  # fmt: skip
        return made

    async def stop(self) -> None:
        """Close the server and what is still connected."""
        for server in self._servers:
            server.close()
        for transport in tuple(self._connections):
            transport.abort()
        for server in self._servers:
            await server.wait_closed()
        while self._connections:  # noqa: ASYNC110  # one turn of the loop is enough
            await asyncio.sleep(0)  # until each has heard that it is gone
        self._servers = []

    def take(self, session: Any, envelope: Any) -> str:
        """A mail has arrived; what is said of it."""
        content = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
        self.deliveries.append(
            Delivery(
                queue_id(content), _sender(envelope.mail_from), tuple(envelope.rcpt_tos), content, str(session.peer[0])
            )
        )
        return f"250 2.0.0 Ok: kept as {len(self.deliveries)}"

    # The hooks that aiosmtpd calls.

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, said: list[str]) -> list[str]:
        session.host_name = name
        return [*said[:-1], "250-STARTTLS", said[-1]] if self.script.offers("starttls") else said

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if (reply := await server.failing("mail", _sender(address))) is not None:
            return cast(str, reply)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if (reply := await server.failing("rcpt", _sender(envelope.mail_from), (address,))) is not None:
            return cast(str, reply)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        rule = self.script.at("end_of_data", _sender(envelope.mail_from), envelope.rcpt_tos)
        said = self.take(session, envelope) if rule is not None and rule.taken else None
        reply = await server.fail(rule)
        return cast(str, reply or said or self.take(session, envelope))


@cache
def _server() -> type[Any]:
    """aiosmtpd's server, which tells the sink of its connections, so that none outlives it, and asks the script."""
    from aiosmtpd.smtp import SMTP  # at the first mail: it takes 0.2 s to import, and many a run delivers nothing

    commands = [name for name in dir(SMTP) if name.startswith(("smtp_", "auth_"))]

    class Server(SMTP):
        line_length_limit = command_size_limit = _LONGEST
        event_handler: Sink

        def __dir__(self) -> list[str]:
            """For each connection aiosmtpd looks through all names there are, for those of commands."""
            return commands

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.own = cast(asyncio.Transport, transport)  # aiosmtpd forgets it before we hear that it is gone
            self.cutting: HopRule | None = None  # what is to happen in the middle of the content ...
            self.left = 0  # ... after so many more bytes
            self.deaf = False
            self.event_handler._connections.add(transport)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            self.event_handler._connections.discard(self.own)

        def data_received(self, data: bytes) -> None:
            if self.deaf:
                return
            if self.cutting is not None:
                self.left -= len(data)
                if self.left <= 0:
                    rule, self.cutting, self.deaf = self.cutting, None, True
                    _end(self.own, rule)
                    return
            super().data_received(data)

        def eof_received(self) -> bool | None:
            return True if self.deaf else super().eof_received()

        async def push(self, status: Any) -> None:
            if isinstance(status, str) and status.startswith("354") and self._moment("content"):
                rule = self.event_handler.script.at("content", *self._envelope())
                self.cutting, self.left = rule, rule.bytes if rule is not None else 0
            await super().push(status)
            if isinstance(status, str) and status.startswith("421") and self.transport is not None:
                self.transport.close()  # RFC 5321 3.8: it says so, and goes

        async def fail(self, rule: HopRule | None) -> str | None:
            """Do what the rule says: a reply to give instead of the usual one, or None for the usual one.

            Where the rule says that no reply comes, none does: the task ends with the connection.
            """
            if rule is None:
                return None
            if rule.delay is not None:
                await asyncio.sleep(duration(rule.delay))
            if rule.drop is not None or rule.half_close or rule.silence:
                self.deaf = True
                _end(self.own, rule)
                await asyncio.Event().wait()
            return rule.reply

        async def failing(self, moment: HopMoment, sender: str = "", recipients: tuple[str, ...] = ()) -> str | None:
            """What the script has for this moment."""
            return await self.fail(self.event_handler.script.at(moment, sender, recipients))

        async def _handle_client(self) -> None:
            reply = await self.failing("connect")
            if reply is None:
                await super()._handle_client()
            else:
                await self.push(reply)
                self.own.close()

        async def smtp_EHLO(self, hostname: str) -> None:
            await self._unless("ehlo", super().smtp_EHLO, hostname)

        async def smtp_HELO(self, hostname: str) -> None:
            await self._unless("helo", super().smtp_HELO, hostname)

        async def smtp_STARTTLS(self, arg: str) -> None:
            await self._unless("starttls", super().smtp_STARTTLS, arg)

        async def smtp_DATA(self, arg: str) -> None:
            await self._unless("data", super().smtp_DATA, arg)

        async def smtp_QUIT(self, arg: str) -> None:
            await self._unless("quit", super().smtp_QUIT, arg)

        async def _unless(self, moment: HopMoment, usual: Callable[[str], Awaitable[None]], argument: str) -> None:
            reply = await self.failing(moment, *(self._envelope() if moment == "data" else ()))
            await (usual(argument) if reply is None else self.push(reply))

        def _moment(self, moment: HopMoment) -> bool:
            return self.event_handler.script.offers(moment)

        def _envelope(self) -> tuple[str, tuple[str, ...]]:
            assert self.envelope is not None
            return _sender(self.envelope.mail_from), tuple(self.envelope.rcpt_tos)

    return Server


def _end(transport: asyncio.Transport, rule: HopRule) -> None:
    """FIN, RST, FIN of our side only, or nothing at all."""
    if rule.drop == "reset":
        if (sock := transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif rule.drop == "close":
        transport.close()
    elif rule.half_close:
        transport.write_eof()
    elif rule.on == "content":  # silent, and it does not even read on
        transport.pause_reading()


def _sender(address: str | None) -> str:
    return "" if address in (None, "<>") else str(address)  # `<>` is aiosmtpd's spelling of the null sender


def queue_id(content: bytes) -> str:
    """The id in the topmost Received header that has one: that of the gateway which sent it here."""
    head = content.partition(b"\r\n\r\n")[0]
    for field in re.split(rb"\r\n(?![ \t])", head):
        if field[:9].lower() == b"received:" and (found := _QUEUE_ID.search(field)):
            return found[1].decode("ascii")
    return ""
