"""smtp_connection - one connection to a next hop: lines out, replies in, and how long one waits for them. (IO)

A protocol of its own: asyncio's streams cost a task and a timer for each reply.
"""

from __future__ import annotations

import asyncio
import os
from typing import cast

from harness.smtp.client import ClientConnection
from harness.smtp.reply import Reply

Address = tuple[str, int]
_STALL_S = 0.05  # a timer that fires so late tells of a busy machine, and of no silent next hop


class Unreachable(Exception):
    """There is no connection to the next hop, in the words of smtp(8)."""


class Lost(Exception):
    """The connection broke off, or the next hop fell silent, in the words of smtp(8)."""


class SmtpConnection(asyncio.Protocol):
    """Made by `connect`; `shown` is the next hop as replies to it are logged, without its port."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.offered: dict[str, str] = {}  # of the answer to EHLO
        self.uses = 0  # mails that it was taken for
        self.begun_at = 0.0
        self.said_quit = False
        self.gone = False  # the other end has closed it
        self._client = ClientConnection()
        self._heard: asyncio.Future[bool] | None = None
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def connect(cls, address: Address, shown: str, timeout_s: float | None) -> SmtpConnection:
        """A new one, of which nothing was read yet.  Raises Unreachable."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                _, made = await loop.create_connection(lambda: cls(shown.rpartition(":")[0]), *address)
        except (OSError, TimeoutError) as error:
            reason = os.strerror(error.errno) if error.errno else "Connection timed out"
            raise Unreachable(f"connect to {shown}: {reason}") from None
        made.begun_at = loop.time()
        return made

    def say(self, *lines: str) -> None:
        """Send these command lines at once."""
        self.write("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))

    def write(self, data: bytes) -> None:
        """Send these bytes.  To whoever is gone nothing is sent, which shows when the answer is waited for."""
        if not self.gone:
            self._transport.write(data)

    async def ask(self, command: str, doing: str, timeout_s: float | None) -> Reply:
        """The reply to one command.  Raises Lost."""
        self.say(command)
        return await self.reply(doing, timeout_s)

    async def reply(self, doing: str, timeout_s: float | None) -> Reply:
        """The next reply; None: one waits for ever.  Raises Lost."""
        loop = self._loop
        while (reply := self._client.next_reply()) is None:
            if self.gone:
                raise Lost(f"lost connection with {self.shown} while {doing}")
            heard, begun = loop.create_future(), loop.time()
            timer = None if timeout_s is None else loop.call_later(timeout_s, self._wake, False)
            self._heard = heard
            try:
                if await heard or timeout_s is None or loop.time() - begun > timeout_s + _STALL_S:
                    continue  # or it was we who slept: nobody could be heard
            finally:
                self._heard = None
                if timer is not None:
                    timer.cancel()
            raise Lost(f"conversation with {self.shown} timed out while {doing}")
        return reply

    @property
    def silent(self) -> bool:
        """Is it there, and has nothing been said that nobody asked for?"""
        return not self.gone and not self._client.pending

    def close(self) -> None:
        """Say goodbye and hang up: its answer would change nothing (smtp_skip_quit_response)."""
        if not self.said_quit:
            self.say("QUIT")
        self._transport.close()

    def abort(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    # -- what the loop calls -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._client.receive(data)
        self._wake(True)

    def eof_received(self) -> bool:
        self.gone = True
        self._wake(True)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self._wake(True)

    def _wake(self, heard: bool) -> None:
        """Somebody waits: for something that was heard, or was not in time."""
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(heard)
