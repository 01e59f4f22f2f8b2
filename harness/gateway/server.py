"""server - sockets around the sessions, and the gateway as a whole: start, reload, settle, stop. (IO)

A session is a coroutine that waits for DNS only.  It is stepped directly from the callback that brought the bytes, so
that a session which need not wait costs no task and no turn of the event loop.  Driving the sockets by hand, with
add_reader or an epoll of our own, was measured and is no cheaper than uvloop's transports.

Flow control: a client that sends on while its session waits, or that leaves its answers unread, is not read any further
than 64 KiB; so what is kept for one client stays within a few buffers and one message.
"""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

from harness.gateway import smtpd_commands
from harness.gateway.anvil import Anvil
from harness.gateway.cleanup import Cleanup
from harness.gateway.delivery import Delivery, Route
from harness.gateway.dns import Resolver
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Observer
from harness.gateway.pipeline import Pipeline
from harness.gateway.policy.decide import Policy
from harness.gateway.queue import Queue
from harness.gateway.resolve import routes
from harness.gateway.resolver import RecordingResolver
from harness.gateway.session import Client, Session
from harness.gateway.settings import Settings
from harness.gateway.smtpd import Handler, Services, Smtpd
from harness.gateway.smtpd_bdat import bdat, chunk_received
from harness.gateway.smtpd_mail import mail, rcpt
from harness.gateway.smtpd_settings import smtpd_settings
from harness.gateway.smtpd_xforward import xforward
from harness.smtp.server import ServerConnection

Address = tuple[str, int]

STALL_S = 0.05  # a timer that fires so late tells of a busy machine, and of no silent client
_READ_AHEAD = 65536  # bytes of commands that may wait for their turn; what is in sight tells of pipelining


class Gateway:
    """A running gateway.  Everything it needs from outside is handed in: clock (in the log), resolver, route."""

    def __init__(
        self,
        settings: Settings,
        engine: Any,
        resolver: Resolver,
        log: MailLog,
        queue_directory: Path,
        route: Route,
        observer: Observer | None = None,
        *,
        record_dns: bool = False,
        long_lived: bool = False,
    ) -> None:
        """Raises ConfigError for what Postfix refuses at start.

        `long_lived`: blocklist answers are remembered for as many sessions as one smtpd(8) serves (max_use,
        smtpd_rbl_cache in smtpd_check.c), and not when nobody came for max_idle; what tables say of a client or an
        address is remembered, where nothing was warned of; connections to next hops are kept.
        Otherwise each session asks for itself, and each mail goes its own way, as if it had processes of its own.
        """
        self._resolver, self._log, self._observer = resolver, log, observer or Observer()
        self._route, self._record = route, record_dns
        self._queue = Queue(queue_directory, log.clock)
        self._anvil = Anvil(log.clock, settings.seconds("anvil_rate_time_unit"))
        self._servers: list[asyncio.Server] = []
        self._connections: set[_Connection] = set()
        self._count = 0
        self._patience: asyncio.TimerHandle | None = None
        self._long_lived = long_lived
        self._answers: dict[str, object] = {}
        self._came_at = 0.0  # the last session
        # Those of earlier configurations, too, as long as a session, a mail under way or one that waits has them.
        self._deliveries: weakref.WeakSet[Delivery] = weakref.WeakSet()
        self.services = self._make(settings, engine)

    def reload(self, settings: Settings, engine: Any) -> None:
        """Use another configuration from the next session on.  Raises ConfigError, and then nothing has changed."""
        earlier = tuple(self._deliveries)
        self.services = self._make(settings, engine)
        self._answers = {}  # postfix reload ends every smtpd(8)
        for delivery in earlier:
            delivery.hand_over(lambda mail: self.services.pipeline.retry(mail, self._resolver))

    def _make(self, settings: Settings, engine: Any) -> Services:
        delivery = Delivery(
            settings, self._queue, self._log, self._resolver, self._route, self._observer, long_lived=self._long_lived
        )
        pipeline = Pipeline(
            settings, Cleanup(settings, self._log), engine, self._queue, delivery, self._log, self._observer
        )
        services = Services(
            smtpd_settings(settings), Policy(settings, self._log), pipeline, self._log, self._observer,
            self._queue.new_id, commands(settings), chunk_received, self._anvil, self._long_lived,
        )  # fmt: skip
        self._deliveries.add(delivery)
        self._log.utf8 = services.settings.smtputf8
        return services

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Address:
        """Listen, and take up what an earlier run left in the queue; gives (host, port).  Raises OSError."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), host, port, backlog=512)
        self._servers.append(server)
        pending, corrupt = self._queue.pending()
        for queue_id in corrupt:
            self._log.line("qmgr", 0, f"warning: {queue_id}: corrupt queue file, moved to corrupt/")
        for left in pending:
            if not left.held:
                await self.services.pipeline.resume(left, self._resolver)
        return cast(Address, server.sockets[0].getsockname()[:2])

    async def settle(self) -> None:
        """Wait until no session is in the middle of something and nothing is being delivered."""
        while any(connection.busy for connection in self._connections):  # noqa: ASYNC110  # any may be busy anew
            await asyncio.sleep(0.001)
        for delivery in tuple(self._deliveries):
            await delivery.settle()

    def try_again(self) -> None:
        """Try what waits in the queue and is due by the clock, as after a jump of it."""
        for delivery in tuple(self._deliveries):
            delivery.try_due()

    async def stop(self) -> None:
        """Close every socket; what is in the queue stays on disk."""
        for server in self._servers:
            server.close()
        if self._patience is not None:
            self._patience.cancel()
        for connection in tuple(self._connections):
            connection.abort()
        for delivery in tuple(self._deliveries):
            delivery.stop()
        for server in self._servers:
            await server.wait_closed()
        await self._queue.close()
        while self._connections:  # noqa: ASYNC110  # one turn of the loop is enough
            await asyncio.sleep(0)

    def wait_for(self, connection: _Connection, limit_s: float) -> None:
        """Let this connection go when it has been silent for so long: one timer serves all of them."""
        loop = connection.loop
        self._connections.add(connection)
        if self._patience is None or loop.time() + limit_s < self._patience.when():
            if self._patience is not None:
                self._patience.cancel()
            self._patience = loop.call_later(limit_s, self._check_patience, loop)

    def _check_patience(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._patience is not None
        late = loop.time() - self._patience.when()
        if late > STALL_S:  # it was we who slept: nobody could be heard
            for connection in self._connections:
                connection.heard_at += late
        self._patience = None
        if self._connections:
            left = min([connection.patience(loop.time()) for connection in tuple(self._connections)])
            self._patience = loop.call_later(max(0.1, left), self._check_patience, loop)

    def new_session(self, peer: Address) -> Session:
        """A session for a client that has just connected."""
        self._count += 1
        resolver = RecordingResolver(self._resolver) if self._record else self._resolver
        session = Session(
            Client(peer[0], str(peer[1])), resolver, self.services.settings.myhostname, number=self._count
        )
        if self._long_lived:
            settings, now = self.services.settings, self._log.clock.now()
            if self._count % (settings.max_use or 1) == 0 or now - self._came_at > settings.max_idle_s:
                self._answers = {}
            self._came_at = now
            session.flags.answers = self._answers
        self._observer.session_began(session, peer)
        return session


def commands(settings: Settings) -> dict[str, Handler]:
    """Verb -> handler."""
    where = routes(settings)
    return {
        "HELO": smtpd_commands.helo,
        "EHLO": smtpd_commands.helo,
        "MAIL": functools.partial(mail, routes=where),
        "RCPT": functools.partial(rcpt, routes=where),
        "DATA": smtpd_commands.data,
        "BDAT": bdat,
        "RSET": smtpd_commands.rset,
        "NOOP": smtpd_commands.noop,
        "QUIT": smtpd_commands.quit,
        "VRFY": functools.partial(smtpd_commands.vrfy, routes=where),
        "ETRN": smtpd_commands.etrn,
        "XCLIENT": smtpd_commands.xclient,
        "XFORWARD": xforward,
        "AUTH": smtpd_commands.auth,
        "STARTTLS": smtpd_commands.starttls,
    }


class _Connection(asyncio.Protocol):
    """One client's socket: bytes to the session, answers back."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.loop = gateway, asyncio.get_running_loop()
        self.connection = ServerConnection(line_length_limit=gateway.services.settings.line_length_limit)
        self.smtpd: Smtpd
        self.transport: asyncio.Transport
        self.busy = False  # a coroutine of this session is waiting for something
        self.unread = False  # the client does not take our answers
        self.reading = True
        self.heard_at = 0.0
        self.deadline = gateway.services.settings.request_deadline

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        gateway, peer = self.gateway, transport.get_extra_info("peername")[:2]
        session = gateway.new_session(peer)
        host, port = transport.get_extra_info("sockname")[:2]
        session.server_address, session.server_port = host, str(port)
        self.smtpd = Smtpd(gateway.services, session, self.connection)
        self.heard_at = self.loop.time()
        gateway.wait_for(self, gateway.services.settings.timeout_s)
        self._step(self.smtpd.greet())

    def data_received(self, data: bytes) -> None:
        now = self.loop.time()
        if not self.deadline:
            self.heard_at = now
        elif self.connection.in_content:  # each byte earns its time (smtpd_min_data_rate)
            self.heard_at = min(now, self.heard_at + len(data) / self.gateway.services.settings.data_rate)
        self.connection.receive(data)
        if not self.busy and not self.unread:
            self._next()
        elif self.reading and self.connection.buffered > _READ_AHEAD:
            self.reading = False
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self.unread = True

    def resume_writing(self) -> None:
        self.unread = False
        if not self.busy:
            self._next()

    def eof_received(self) -> bool:
        self.connection.receive(b"")
        if not self.busy and not self.unread:
            self._next()
        return True  # answers may still be on their way

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.smtpd.closing:
            self.smtpd.closing = True
            self.smtpd.lost("lost connection")
        self.smtpd.over()
        self.gateway._connections.discard(self)

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    def _next(self) -> None:
        """Handle events until there are none, or one of them has to wait."""
        smtpd, connection = self.smtpd, self.connection
        while not smtpd.closing:
            event = connection.next_event()
            if event is None:
                if not self.reading:
                    self.reading = True
                    self.transport.resume_reading()
                return
            self._step(smtpd.handle(event))
            if self.deadline:  # the next request has all the time again
                self.heard_at = self.loop.time()
            if self.busy or self.unread:
                return
        self.transport.close()

    def _step(self, work: Coroutine[Any, Any, bytes]) -> None:
        """Run a coroutine until it has an answer or waits for a future; in that case go on when the future is done."""
        try:
            future = work.send(None)
        except StopIteration as stop:
            answer, smtpd, transport = stop.value, self.smtpd, self.transport
            if smtpd.pending:
                answer, smtpd.pending = answer + smtpd.pending, b""
            if answer and not transport.is_closing():
                transport.write(answer)
            if smtpd.closing:
                transport.close()
            if self.busy:
                self.busy = False
                self.heard_at = self.loop.time()  # now it is the client's turn
                if not smtpd.closing and not self.unread:
                    self._next()
            return
        except (Exception, asyncio.CancelledError) as error:
            self._broke(error)
            return
        self.busy = True
        if future is None:  # a bare yield: asyncio.sleep(0)
            self.loop.call_soon(self._step, work)
            return
        future._asyncio_future_blocking = False  # we, and no task, are waiting for it
        future.add_done_callback(lambda _: self._step(work))

    def _broke(self, error: BaseException) -> None:
        """Our own fault: it shows, in the log and to whoever watches the loop, and it costs this session only."""
        self.busy = False
        self.smtpd.fail(error)
        if not self.transport.is_closing():
            host = self.gateway.services.settings.myhostname
            self.transport.write(f"421 4.3.0 {host} Server local error\r\n".encode())
        self.transport.close()
        self.loop.call_exception_handler({"message": "SMTP session failed", "exception": error, "protocol": self})

    def patience(self, now: float) -> float:
        """How much longer this client may be silent, in s; one that has been for too long is let go (smtpd_timeout)."""
        limit = self.gateway.services.settings.timeout_s
        left = self.heard_at + limit - now
        if left > 0 or self.busy:
            return left
        smtpd = self.smtpd
        if smtpd.closing:  # and it still does not read our last words
            self.abort()
            return limit
        smtpd.closing = True
        smtpd.lost("timeout")
        host = self.gateway.services.settings.myhostname
        self.transport.write(f"421 4.4.2 {host} Error: timeout exceeded\r\n".encode())
        self.transport.close()
        self.heard_at = now
        return limit
