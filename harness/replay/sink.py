"""sink - the next hop: aiosmtpd on our own loop, keeping what arrives and refusing what it is told to. (IO)"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, cast

from harness.observation import Delivery

VERBS = ("EHLO", "MAIL", "RCPT", "DATA", "END-OF-DATA")  # what can be refused
_LONGEST = 1 << 24  # bytes of a line: how long a line may be is the gateway's business, not ours

_QUEUE_ID = re.compile(rb"\bid ([0-9A-Za-z]{6,20})\b")


class Sink:
    """Accepts mail on port 0 and keeps it in order of arrival.

    `replies` maps "VERB argument" or "VERB" to a reply given instead: {"RCPT full@gw.test": "452 4.2.2 mailbox full",
    "DATA": "451 4.3.0 later", "END-OF-DATA": "550 5.7.1 no"}; the content is read between the two.
    """

    def __init__(self, replies: Mapping[str, str] | None = None) -> None:
        self.replies = {key.lower(): reply for key, reply in (replies or {}).items()}
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

    # The hooks that aiosmtpd calls.

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if (reply := self._instead("mail", address)) is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if (reply := self._instead("rcpt", address)) is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if (reply := self._instead("end-of-data", "")) is not None:
            return reply
        content = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
        self.deliveries.append(
            Delivery(
                queue_id(content), _sender(envelope.mail_from), tuple(envelope.rcpt_tos), content, str(session.peer[0])
            )
        )
        return f"250 2.0.0 Ok: kept as {len(self.deliveries)}"

    def _instead(self, verb: str, argument: str) -> str | None:
        return self.replies.get(f"{verb} {argument}".strip().lower()) or self.replies.get(verb)


@cache
def _server() -> type[Any]:
    """aiosmtpd's server, which tells the sink of its connections, so that none outlives it, and asks it first."""
    from aiosmtpd.smtp import SMTP  # at the first mail: it takes 0.2 s to import, and many a run delivers nothing

    class Server(SMTP):
        line_length_limit = command_size_limit = _LONGEST
        event_handler: Sink

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.own = transport  # aiosmtpd forgets its transport before we hear that it is gone
            self.event_handler._connections.add(transport)

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            self.event_handler._connections.discard(self.own)

        async def smtp_EHLO(self, hostname: str) -> None:
            await self._unless("ehlo", super().smtp_EHLO, hostname)

        async def smtp_DATA(self, arg: str) -> None:
            await self._unless("data", super().smtp_DATA, arg)

        async def _unless(self, verb: str, usual: Callable[[str], Awaitable[None]], argument: str) -> None:
            reply = self.event_handler._instead(verb, "")
            await (usual(argument) if reply is None else self.push(reply))

    return Server


def _sender(address: str | None) -> str:
    return "" if address in (None, "<>") else str(address)  # `<>` is aiosmtpd's spelling of the null sender


def queue_id(content: bytes) -> str:
    """The id in the topmost Received header that has one: that of the gateway which sent it here."""
    head = content.partition(b"\r\n\r\n")[0]
    for field in re.split(rb"\r\n(?![ \t])", head):
        if field[:9].lower() == b"received:" and (found := _QUEUE_ID.search(field)):
            return found[1].decode("ascii")
    return ""
