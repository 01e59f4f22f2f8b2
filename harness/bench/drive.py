"""drive - one process of load: sockets driven by one poll loop, sessions begun when they are due. (IO)

No event loop of asyncio's: its create_connection alone costs as much as half a session here.  In open loop a session
begins when it is due, whatever the server does, and its latency counts from then.  In closed loop so many connections
are kept busy.
"""

from __future__ import annotations

import contextlib
import errno
import select
import signal
import socket
import time
from array import array
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from harness.arrivals import Arrivals
from harness.bench.conversation import Conversation, Route
from harness.bench.hopeless import Hope
from harness.bench.limits import leave_a_processor
from harness.bench.measured import INTERRUPTED, Measured
from harness.bench.workload import Job, schedule
from harness.threshold import Threshold

_IN, _OUT = select.EPOLLIN, select.EPOLLOUT
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
_START_S = 60.0  # of processes, on a busy machine
_LOOK_S = 0.25  # between two looks at what has become of the thresholds
_BEHIND_S = 10.0  # so late a session of an open loop may begin; then the rate is one that nobody reaches
_WHOSE = {True: "all connections are busy", False: "the load client cannot begin so many a second"}
_AT_A_TIME = 64  # sockets that are dealt with before others are looked for
_ASKS, _SOON_S = 64, 50e-6  # times an eager driver asks before it sleeps; so soon an answer was worth the asking
_HOPELESS = 200  # failures in a row, and not one session in between


@dataclass(frozen=True, slots=True)
class Order:
    """What one driver is to do.  `arrivals` None: closed loop on `connections`; else these are the most at once.

    It ends after `sessions` (0: no limit) or `duration_s` (0: no limit), whichever is first, and what is open is
    finished.  `begin_at` is a moment of time.monotonic().
    """

    address: tuple[str, int]
    jobs: tuple[Job, ...]
    connections: int = 10
    sessions: int = 0
    duration_s: float = 0.0
    arrivals: Arrivals | None = None
    place: int = 0  # of `of` drivers: of the arrivals, this one has every so-manieth
    of: int = 1
    seed: int = 1
    begin_at: float = 0.0
    timeout_s: float = 30.0
    thresholds: tuple[Threshold, ...] = ()  # given up as soon as one of them is lost
    last: Job | None = None  # the last of `sessions`, where that is another one
    eager: bool = False  # ask for answers again and again before we sleep, as long as they come at once
    planned: int = 0  # values of a phase there will be at most, of all drivers; 0: nobody knows


class Stop(Protocol):
    """What tells every driver that the user wants no more."""

    def is_set(self) -> bool: ...


class Meeting(Protocol):
    """Where every driver waits for the others."""

    def wait(self, timeout: float | None = None) -> int: ...


_stop: Stop | None = None
_meeting: Meeting | None = None


def obey(stop: Stop, meeting: Meeting, several: bool) -> None:
    """Begin a process of drivers: it ends its load when `stop` is set, and not at Ctrl-C, so that nothing is lost."""
    if several:
        leave_a_processor()
    global _stop, _meeting
    _stop, _meeting = stop, meeting
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def meet() -> None:
    """Wait for the other drivers: who is still being started while others have begun makes them all look slow."""
    if _meeting is not None:
        _meeting.wait(_START_S)


class _Open:
    """One connection."""

    __slots__ = ("conversation", "recv", "send", "sock", "unsent", "writing")

    def __init__(self, sock: socket.SocketType, conversation: Conversation) -> None:
        self.sock, self.conversation = sock, conversation
        self.recv, self.send = sock.recv, sock.send
        self.unsent = conversation.begin()
        self.writing = bool(self.unsent)


def drive(order: Order) -> Measured:
    """Do it; whatever the target does, what was measured so far comes back."""
    return _Driver(order).run()


class _Driver:
    def __init__(self, order: Order) -> None:
        self.order, self.seen = order, Measured()
        self.routes = [Route(job, self.seen.latency) for job in order.jobs]
        self.last = Route(order.last, self.seen.latency) if order.last else None
        self.whole = self.seen.latency.setdefault("session", array("d"))
        self.places = schedule(order.jobs)
        self.poll = select.epoll()
        self.open: dict[int, _Open] = {}
        self.by_age: deque[tuple[float, int, Conversation]] = deque()
        self.family = socket.AF_INET6 if ":" in order.address[0] else socket.AF_INET
        self.in_a_row = 0
        self.hope = Hope(order.thresholds, order.planned)
        self.look_at = 0.0
        self.asks = _ASKS
        self.patience_s = min(1.0, order.timeout_s)

    def run(self) -> Measured:
        order, seen = self.order, self.seen
        while (wait := order.begin_at - time.monotonic()) > 0:
            time.sleep(wait)
        cpu, began = time.process_time(), time.monotonic()
        seen.began_at = seen.ended_at = began
        try:
            if order.arrivals is None:
                self._closed(began)
            else:
                self._paced(began, order.arrivals)
        finally:
            for connection in self.open.values():
                connection.sock.close()
            self.poll.close()
        if not seen.finished:
            seen.ended_at = time.monotonic()
        seen.cpu_s = time.process_time() - cpu
        seen.latency = {phase: samples for phase, samples in seen.latency.items() if samples}
        seen.busiest = seen.cpu_s / max(time.monotonic() - began, 1e-9)
        return seen

    def _closed(self, began: float) -> None:
        order = self.order
        until = began + order.duration_s if order.duration_s else float("inf")
        most = order.sessions or float("inf")
        while not self.seen.hopeless:
            now = time.monotonic()
            while len(self.open) < order.connections and self.seen.started < most and now < until:
                if self.seen.hopeless:
                    return
                self._begin(now, now)
                now = time.monotonic()
            if not self.open:
                return
            self._turn(self.patience_s)

    def _paced(self, began: float, arrivals: Arrivals) -> None:
        order, due = self.order, None
        times = islice(arrivals.times(order.duration_s or float("inf"), order.seed), order.place, None, order.of)
        most = order.sessions or float("inf")
        more, held = True, False  # held up by a full house: that is not our own fault
        while more or self.open:
            now = time.monotonic()
            while more and not self.seen.hopeless:
                if due is None:
                    offset = next(times, None)
                    if offset is None or self.seen.started >= most:
                        more = False
                        break
                    due = began + offset
                    self.seen.due_s = offset
                if due > now or len(self.open) >= order.connections:
                    held = due <= now
                    break
                if held:
                    self.seen.late_s = max(self.seen.late_s, now - due)
                else:
                    self.seen.lag.append(now - due)
                if now - due > _BEHIND_S:
                    self.seen.hopeless = f"sessions begin {now - due:.1f} s late: {_WHOSE[held]}"
                self._begin(due, now)
                due, now = None, time.monotonic()
            if self.seen.hopeless:
                return
            full = len(self.open) >= order.connections
            self._turn(self.patience_s if due is None or full else max(0.0, due - time.monotonic()))

    def _begin(self, intended: float, now: float) -> None:
        seen = self.seen
        route = self.routes[self.places[seen.started % len(self.places)]]
        seen.started += 1
        if self.last is not None and seen.started == self.order.sessions:
            route = self.last
        try:
            sock = socket.SocketType(self.family, _STREAM)
        except OSError as error:
            self._failed("files" if error.errno in (errno.EMFILE, errno.ENFILE) else "socket")
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = sock.connect_ex(self.order.address)
        if code not in (0, errno.EINPROGRESS):
            sock.close()
            self._failed("refused" if code == errno.ECONNREFUSED else errno.errorcode.get(code, "connect").lower())
            return
        connection = _Open(sock, Conversation(route, intended))
        number = sock.fileno()
        self.open[number] = connection
        self.poll.register(number, _IN | _OUT if connection.writing else _IN)
        self.by_age.append((now, number, connection.conversation))

    def _turn(self, patience_s: float) -> None:
        """Wait so long for something to happen, and deal with it."""
        opened, clock, written = self.open, time.monotonic, 0
        ready = self._ready(patience_s) if self.order.eager else self.poll.poll(patience_s, _AT_A_TIME)
        woke = clock()
        for number, _ in ready:
            connection = opened[number]
            try:
                if connection.unsent:
                    self._write(connection, number)
                data = connection.recv(65536)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                self._end(number, connection, "refused" if error.errno == errno.ECONNREFUSED else "reset")
                continue
            if not data:
                self._end(number, connection, "hung_up")
                continue
            conversation = connection.conversation
            answer = conversation.receive(data, clock())
            if answer:
                try:
                    sent = 0 if connection.unsent else connection.send(answer)
                except BlockingIOError:
                    sent = 0
                except OSError:
                    self._end(number, connection, "reset")
                    continue
                written += sent
                if sent < len(answer):
                    connection.unsent += answer[sent:]
                    self._watch(connection, number)
            if conversation.over:
                self._end(number, connection, "")
        now = clock()
        self.seen.bytes += written
        if ready:
            self.seen.loop.append(now - woke)
        self._give_up_the_slow(now)
        if self.look_at < now:
            self.look_at = now + _LOOK_S
            interrupted = _stop is not None and _stop.is_set()
            self.seen.hopeless = self.seen.hopeless or (INTERRUPTED if interrupted else self.hope.lost(self.seen))

    def _ready(self, patience_s: float) -> list[tuple[int, int]]:
        """Those that something has come for; to wake us costs a server that is about to answer as much as answering."""
        poll = self.poll.poll
        for _ in range(self.asks):
            if ready := poll(0, _AT_A_TIME):
                return ready
        asleep = time.monotonic()
        ready = poll(patience_s, _AT_A_TIME)
        soon = time.monotonic() - asleep < _SOON_S
        self.asks = min(2 * self.asks + 1, _ASKS) if soon else self.asks // 2
        return ready

    def _write(self, connection: _Open, number: int) -> None:
        """Send what the socket takes; the rest goes when it is writable again."""
        with contextlib.suppress(BlockingIOError):
            sent = connection.send(connection.unsent)
            self.seen.bytes += sent
            connection.unsent = connection.unsent[sent:]
        self._watch(connection, number)

    def _watch(self, connection: _Open, number: int) -> None:
        """Be told when the socket takes more, as long as there is more."""
        if bool(connection.unsent) is not connection.writing:
            self.seen.backlog = max(self.seen.backlog, len(connection.unsent))
            connection.writing = not connection.writing
            self.poll.modify(number, _IN | _OUT if connection.writing else _IN)

    def _end(self, number: int, connection: _Open, error: str) -> None:
        del self.open[number]
        connection.sock.close()
        seen, conversation, now = self.seen, connection.conversation, time.monotonic()
        result = conversation.result()
        if error and not (error == "hung_up" and result.right and conversation.job.codes is not None):
            self._failed(error)
            return
        self.in_a_row = 0
        seen.ended_at = now
        seen.finished += 1
        seen.messages += result.messages
        seen.verdicts[result.verdict] += 1
        if not result.right:
            seen.mismatches[f"{conversation.job.id}: got {' '.join(map(str, result.codes))}"] += 1
        conversation.record()
        self.whole.append(now - conversation.intended)

    def _failed(self, kind: str) -> None:
        self.seen.errors[kind] += 1
        self.in_a_row += 1
        if self.in_a_row >= _HOPELESS and not self.seen.hopeless:
            self.seen.hopeless = f"{_HOPELESS} sessions in a row failed: {kind}"

    def _give_up_the_slow(self, now: float) -> None:
        """Sessions that take longer than `timeout_s` as a whole."""
        by_age, latest = self.by_age, now - self.order.timeout_s
        while by_age and (by_age[0][0] < latest or by_age[0][2].over):
            _, number, conversation = by_age.popleft()
            connection = self.open.get(number)
            if connection is not None and connection.conversation is conversation:
                self._end(number, connection, "timeout")
