"""direct - the whole gateway without a socket, a file or an event loop: bytes of a client in, bytes of the gateway out.

The same smtpd, policy, cleanup, content engine and delivery as over the wire; what differs is what is around them.  DNS
answers from memory and the queue is memory, so nothing ever has to wait, and a session is a row of function calls:

    gateway = DirectGateway(settings, engine, ZoneResolver(zone), log)
    session = gateway.open(Client("192.0.2.8", name="mail.ok.test", ...))
    session.greet(); session.receive(b"EHLO mail.ok.test\\r\\n"); ...

Time does not pass by itself: a `sleep` takes none, and a mail that waits for a retry is `queued`, and forgotten
unless the gateway is `patient`: then somebody turns the clock and calls `try_again`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from harness.clock import Clock
from harness.gateway.anvil import Anvil
from harness.gateway.cleanup import Cleanup
from harness.gateway.delivery import Delivery
from harness.gateway.dns import Resolver
from harness.gateway.handover import SMTP
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Observer
from harness.gateway.pipeline import Pipeline
from harness.gateway.policy.decide import Policy
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued
from harness.gateway.server import commands
from harness.gateway.session import Client, NameStatus, Session
from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Envelope, Manners, Sent
from harness.gateway.smtpd import Services, Smtpd
from harness.gateway.smtpd_bdat import chunk_received
from harness.gateway.smtpd_settings import smtpd_settings
from harness.smtp.command import Command
from harness.smtp.data import finish
from harness.smtp.reply import Reply, parse_reply, reply
from harness.smtp.server import ServerConnection

Value = TypeVar("Value")

LOOPBACK = "127.0.0.2"  # who really connects: from this machine, but not from an address that is ours
SERVER = "127.0.0.1"  # where the gateway would listen
_TAKEN = (reply(250, "2.0.0", "Ok"), "end of DATA")


class NextHop(Protocol):
    """What takes the mail that the gateway sends on.  `takes_all`: it refuses nothing."""

    @property
    def takes_all(self) -> bool: ...

    def send(
        self, host: str, how: Manners, sender: str, recipients: list[str], data: bytes, *, utf8: bool = False
    ) -> Sent:
        """The replies to one transaction with `host`, as the log names it; `data` has LF line ends.

        `utf8`: the mail cannot go on without SMTPUTF8.
        """
        ...


class AcceptAll:
    """A next hop that takes everything and keeps nothing."""

    takes_all = True

    def send(
        self, host: str, how: Manners, sender: str, recipients: list[str], data: bytes, *, utf8: bool = False
    ) -> Sent:
        return Sent(dict.fromkeys(recipients, _TAKEN))


class DirectGateway:
    """A gateway as it stands after its start.  Sessions are opened one after the other, as many as one likes.

    Raises ConfigError for what Postfix refuses at start.  `resolver` must never suspend (ZoneResolver).
    """

    def __init__(
        self,
        settings: Settings,
        engine: Any,
        resolver: Resolver,
        log: MailLog,
        observer: Observer | None = None,
        next_hop: NextHop | None = None,
        *,
        patient: bool = False,
    ) -> None:
        self.settings, self.resolver, self.log = settings, resolver, log
        self.observer = observer or Observer()
        self.queue = MemoryQueue(log.clock)
        self.delivery = _Delivery(settings, self.queue, log, resolver, self.observer, next_hop or AcceptAll())
        self.delivery.patient = patient
        self.pipeline = _Pipeline(
            settings, Cleanup(settings, log), engine, self.queue, self.delivery, log, self.observer
        )
        self.services = Services(
            smtpd_settings(settings), Policy(settings, log), self.pipeline, log, self.observer, self.queue.new_id,
            commands(settings), chunk_received, Anvil(log.clock, settings.seconds("anvil_rate_time_unit")),
        )  # fmt: skip
        self._line_limit = self.services.settings.line_length_limit
        self._hostname = self.services.settings.myhostname
        log.utf8 = self.services.settings.smtputf8
        self._count = 0

    def forget_clients(self) -> None:
        """Let nobody be counted any more (anvil): for whom each session stands for itself."""
        self.services.anvil.forget()

    def open(
        self, client: Client, *, port: int = 0, dns: Resolver | None = None, named: bool = True, lasting: str = ""
    ) -> DirectSession:
        """A session of this client.  `named`: its names are known; otherwise they are looked up, as smtpd does.

        `port` is where the client's end of the connection is, as far as the observer is concerned; `dns` may stand
        between this session and the resolver, to note what it asks.  `lasting` says in one text all there is to know of
        the client: what the policy makes of it may then be remembered for its next session.
        """
        self._count += 1
        session = Session(client, dns or self.resolver, self._hostname, number=self._count, lasting=lasting)
        session.server_address = SERVER
        peer = (LOOPBACK if named else client.address, port)
        if named:  # otherwise the client is who connects
            session.connected = Client(LOOPBACK, str(port), "localhost", NameStatus.OK, "localhost", NameStatus.OK)
        self.observer.session_began(session, peer)
        connection = ServerConnection(line_length_limit=self._line_limit)
        smtpd = Smtpd(self.services, session, connection)
        return DirectSession(self, smtpd, named)

    def try_again(self) -> None:
        """Try what is due by the clock."""
        self.delivery.try_due()
        self.delivery.run()


class DirectSession:
    """One client's connection."""

    __slots__ = ("_connection", "_delivery", "_named", "_over", "_unread", "smtpd")

    def __init__(self, gateway: DirectGateway, smtpd: Smtpd, named: bool) -> None:
        self._delivery, self._named, self.smtpd = gateway.delivery, named, smtpd
        self._connection = smtpd.connection
        self._over, self._unread = False, b""

    @property
    def session(self) -> Session:
        """What the gateway knows of it, its trace included."""
        return self.smtpd.s

    @property
    def closing(self) -> bool:
        """The gateway hangs up after what it said last."""
        return self.smtpd.closing

    def greeting(self) -> Reply | None:
        """The first reply; None: the gateway hangs up."""
        return self._answered(self.smtpd.greet_named() if self._named else self.smtpd.greet())

    def greet(self) -> bytes:
        """The first words."""
        return now(self.smtpd.greet_named() if self._named else self.smtpd.greet())

    def receive(self, data: bytes) -> bytes:
        """The answer to these bytes; b"" says that the client has closed its side."""
        smtpd, connection = self.smtpd, self._connection
        connection.receive(data)
        said = b""
        while not smtpd.closing and (event := connection.next_event()) is not None:
            said += now(smtpd.handle(event))
            if smtpd.pending:
                said, smtpd.pending = said + smtpd.pending, b""
        if self._delivery.waiting:
            self._delivery.run()
        return said

    def command(self, *words: str) -> Reply | None:
        """The reply to a command in the words that smtpd would split its line into; None: the gateway hangs up.

        The caller answers for the words: what `split_command` makes of the line is what it is given here.
        """
        if self.smtpd.closing:
            return self._next()
        return self._answered(self.smtpd.perform(Command(words[0], words)))

    def content(self, data: bytes) -> Reply | None:
        """The reply to a message (CRLF line ends, not dot-stuffed), after DATA was answered with 354."""
        event = self._connection.hand_over(data)
        if event is not None:
            return self._answered(self.smtpd.handle(event))
        return self.line(finish(data))

    def line(self, data: bytes) -> Reply | None:
        """The reply to these bytes, likewise."""
        if not self.smtpd.closing:
            self._unread = self.receive(data)
        return self._next()

    def _answered(self, work: Coroutine[Any, Any, bytes]) -> Reply | None:
        smtpd = self.smtpd
        said = now(work)
        if self._delivery.waiting:
            self._delivery.run()
        if not smtpd.closing:
            return smtpd.said
        self._unread = said  # at the end there may be two replies, or none
        return self._next()

    def _next(self) -> Reply | None:
        """The first reply that the client has not read yet: the one that it takes for its answer."""
        if not self._unread:
            return None
        lines = self._unread.split(b"\r\n")
        last = next((number for number, line in enumerate(lines, 1) if line[3:4] != b"-"), len(lines))
        self._unread = b"\r\n".join(lines[last:])
        return parse_reply([line.decode("utf-8", "surrogateescape") for line in lines[:last]])

    def idle(self, seconds: float) -> bytes:
        """What the gateway says when nothing comes for so long: goodbye, after smtpd_timeout."""
        smtpd, settings = self.smtpd, self.smtpd.services.settings
        if smtpd.closing or seconds < settings.timeout_s:
            return b""
        smtpd.closing = True
        smtpd.lost("timeout")
        return f"421 4.4.2 {settings.myhostname} Error: timeout exceeded\r\n".encode()

    def close(self) -> None:
        """The connection is gone."""
        if self._over:
            return
        self._over, smtpd = True, self.smtpd
        if not smtpd.closing:
            smtpd.closing = True
            smtpd.lost("lost connection")
        smtpd.over()


def now(work: Coroutine[Any, Any, Value]) -> Value:
    """What a coroutine gives that has nothing to wait for.  Raises AssertionError for one that does wait."""
    try:
        work.send(None)
    except StopIteration as stop:
        value: Value = stop.value
        return value
    work.close()
    raise AssertionError("direct mode has no event loop, and something waits for one")


class MemoryQueue(Queue):
    """The queue of a gateway that is never restarted."""

    def __init__(self, clock: Clock) -> None:
        self.directory, self._clock = Path("queue"), clock
        self._count, self._earlier = 0, set()
        self.mails: dict[str, Queued] = {}

    async def commit(self, mails: Sequence[Queued], removed: Sequence[str] = ()) -> None:
        self.mails.update((mail.queue_id, mail) for mail in mails)
        for queue_id in removed:
            self.remove(queue_id)

    def remove(self, queue_id: str) -> None:
        self.mails.pop(queue_id, None)

    def set_aside(self, mail: Queued) -> None:
        self.remove(mail.queue_id)

    def pending(self) -> tuple[list[Queued], list[str]]:
        return list(self.mails.values()), []


class _Delivery(Delivery):
    """Delivers when the session has had its answer, in order, to a next hop that is a function."""

    def __init__(
        self, settings: Settings, queue: Queue, log: MailLog, resolver: Resolver, observer: Observer, next_hop: NextHop
    ) -> None:
        super().__init__(settings, queue, log, resolver, lambda nexthop: ("", 0), observer)
        self._next_hop = next_hop
        self.waiting: deque[Coroutine[Any, Any, None]] = deque()
        self.patient = False

    def run(self) -> None:
        """Deliver everything there is, notices about it included."""
        while self.waiting:
            now(self.waiting.popleft())

    def begin(self, mail: Queued) -> None:
        """Where everybody gets it, nobody is to be told and nobody reads the log, it is given, and that is all."""
        if not self._next_hop.takes_all or self._log.sinks or mail.wanted or mail.attempts:
            super().begin(mail)
            return
        groups = self._by_next_hop(mail)
        if not all(transport in SMTP for (transport, _), _ in groups):
            super().begin(mail)
            return
        for (_, nexthop), recipients in groups:
            self._next_hop.send(nexthop, self._manners, mail.sender, recipients, mail.data)
        self._observer.settled(mail.queue_id, "delivered")
        self._queue.remove(mail.queue_id)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self.waiting.append(work)

    async def _send(self, nexthop: str, host: str, envelope: Envelope, data: bytes) -> Sent:
        recipients = list(envelope.recipients)
        return self._next_hop.send(host, self._manners, envelope.sender, recipients, data, utf8=envelope.needs_utf8)

    def _wait(self, delay_s: float, mail: Queued, begin: Callable[[Queued], None]) -> None:
        if self.patient:
            self._waiting[mail.queue_id] = self._log.clock.now() + delay_s, mail, begin
        else:
            self._queue.remove(mail.queue_id)  # nobody will take it up again; that it waits is told already


class _Pipeline(Pipeline):
    """Quarantine is what the observer is told."""

    def _keep(self, name: str, data: bytes) -> bool:
        return True
