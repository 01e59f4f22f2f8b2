"""smtp_client - hand one mail to a next hop: EHLO, MAIL, RCPTs, DATA; what it said about each recipient. (IO)"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from harness.smtp.address import quote_address
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.data import to_wire
from harness.smtp.reply import Reply

Address = tuple[str, int]


class Unreachable(Exception):
    """The next hop cannot be talked to, in the words of smtp(8)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of each recipient: the reply that decided, and in reply to what."""

    replies: dict[str, tuple[Reply, str]]


async def send(
    address: Address,
    shown: str,
    hello: str,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    *,
    timeout_s: float = 30,
) -> Sent:
    """Deliver one mail (LF line ends); `shown` is the next hop as log lines name it.  Raises Unreachable."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), timeout_s)
    except (OSError, TimeoutError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "Connection timed out"
        raise Unreachable(f"connect to {shown}: {reason}") from None
    talk = _Talk(reader, writer, shown, timeout_s)
    try:
        return await _transaction(talk, hello, sender, recipients, data)
    finally:
        writer.transport.abort()


async def _transaction(talk: _Talk, hello: str, sender: str, recipients: Sequence[str], data: bytes) -> Sent:
    replies: dict[str, tuple[Reply, str]] = {}

    def all_get(reply: Reply, command: str) -> Sent:
        return Sent({recipient: replies.get(recipient, (reply, command)) for recipient in recipients})

    greeting = await talk.read("receiving the initial server greeting")
    if greeting.code != 220:
        return all_get(greeting, "initial server greeting")
    hi = await talk.ask(f"EHLO {hello}", "performing the EHLO handshake")
    if hi.code >= 400:
        hi = await talk.ask(f"HELO {hello}", "performing the HELO handshake")
        if hi.code >= 400:
            return all_get(hi, "HELO")
    size = f" SIZE={len(data)}" if "SIZE" in ehlo_keywords(hi) else ""
    mail = await talk.ask(f"MAIL FROM:<{quote_address(sender)}>{size}", "sending MAIL FROM")
    if mail.code >= 400:
        return all_get(mail, "MAIL FROM")
    accepted = []
    for recipient in recipients:
        answer = await talk.ask(f"RCPT TO:<{quote_address(recipient)}>", "sending RCPT TO")
        if answer.code >= 400:
            replies[recipient] = (answer, "RCPT TO")
        else:
            accepted.append(recipient)
    if accepted:
        go = await talk.ask("DATA", "sending DATA command")
        if go.code != 354:
            return all_get(go, "DATA")
        talk.writer.write(to_wire(data))
        end = await talk.read("sending end of data -- message may be sent more than once")
        for recipient in accepted:
            replies[recipient] = (end, "end of DATA")
    talk.writer.write(b"QUIT\r\n")  # its answer changes nothing
    await talk.writer.drain()
    return Sent(replies)


class _Talk:
    """One conversation."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shown: str, timeout_s: float
    ) -> None:
        self.reader, self.writer, self.shown, self.timeout_s = reader, writer, shown, timeout_s
        self.connection = ClientConnection()

    async def ask(self, command: str, doing: str) -> Reply:
        self.writer.write(command.encode("utf-8", "surrogateescape") + b"\r\n")
        return await self.read(doing)

    async def read(self, doing: str) -> Reply:
        while (reply := self.connection.next_reply()) is None:
            try:
                data = await asyncio.wait_for(self.reader.read(65536), self.timeout_s)
            except TimeoutError:
                raise Unreachable(f"conversation with {self.shown} timed out while {doing}") from None
            except OSError:
                data = b""
            if not data:
                raise Unreachable(f"lost connection with {self.shown} while {doing}")
            self.connection.receive(data)
        return reply
