"""conversation - one session under load as a state machine: bytes in, bytes out, codes and times kept; no sockets."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from harness.bench.workload import Job
from harness.smtp.client import ClientConnection

_NEEDED = frozenset({"connect", "introduce", "ehlo", "mail", "data"})  # refused, there is nothing to go on with
_USUAL = {"connect": 220, "data": 354, "quit": 221, "introduce": -1}  # 250 otherwise; -1: no code is
_QUIT = b"QUIT\r\n"
_MOST_KNOWN = 4096  # a server that names a queue file in its answer never gives the same twice

_known: dict[bytes, int] = {}  # what once came as one whole reply, and no more -> its code

Next = tuple[int, bytes, "Next | None"]  # the code that a reply has when all goes well; what is written then; the next
_ANY: Next = (-1, b"", None)  # every reply is looked at


class Result(NamedTuple):
    """What came of a session: the codes of the replies that are its own, and whether they are those it must get."""

    codes: tuple[int, ...]
    messages: int  # accepted
    verdict: str  # accept, reject, defer, or none where nothing was refused and nothing accepted
    right: bool

    @classmethod
    def of(cls, job: Job, codes: Sequence[int], messages: int) -> Result:
        """Who is refused for good is rejected."""
        worst = max(codes, default=0)
        verdict = "accept" if messages else "none" if worst < 400 else "reject" if worst >= 500 else "defer"
        return cls(tuple(codes), messages, verdict, job.codes is None or tuple(codes) == job.codes)


class Route:
    """A job laid out reply by reply, once for all its sessions.

    Of each: its phase, its usual code, whether it ends a turn, what is written then, from which time it counts, and
    where what it took is kept.
    """

    def __init__(self, job: Job, latency: dict[str, array[float]]) -> None:
        self.job = job
        each = [(number, turn, at) for number, turn in enumerate(job.turns) for at in range(len(turn.phases))]
        self.last = len(each) - 1
        self.phases = (*(turn.phases[at] for _, turn, at in each), "quit")
        self.samples = tuple(latency.setdefault(phase, array("d")) for phase in self.phases)
        self.ends = tuple(at == len(turn.phases) - 1 for _, turn, at in each)
        self.since = (*(place - at for place, (_, _, at) in enumerate(each)), len(each))
        self.counted = (*(turn.counted for _, turn, _ in each), True)
        self.needs_recipient = tuple(turn.needs_recipient for _, turn, _ in each)
        writes = [*(turn.data for turn in job.turns[1:]), _QUIT if job.quit else b""]
        self.after = tuple(writes[number] if end else b"" for (number, *_), end in zip(each, self.ends, strict=True))
        self.usual = tuple(_USUAL.get(phase, 250) for phase in self.phases[: len(each) + job.quit])
        self.nexts: list[Next] = []
        for code, write in reversed([*zip(self.usual, (*self.after, b""), strict=False)]):
            self.nexts.append((code, write, self.nexts[-1] if self.nexts else None))
        self.nexts.reverse()
        said = [code for code, counted in zip(self.usual, self.counted, strict=False) if counted]
        self.result = Result.of(job, said, self.phases.count("eom"))  # when all goes well


class Conversation:
    """Plays a job as far as the server lets it; `over` when there is nothing more to be said.

    The time of a reply is from the write it answers; that of the greeting from `intended`, when the session was to
    begin: a late start is the server's delay if the server caused it (no coordinated omission).
    """

    __slots__ = ("_codes", "_connection", "_next", "_quit_at", "_refused", "_route", "_times", "over")

    def __init__(self, route: Route, intended: float) -> None:
        self._route, self._next = route, route.nexts[0]
        self._times = [intended]  # then one of each reply
        self.over = False
        # What is not as usual:
        self._connection: ClientConnection | None = None
        self._codes: list[int] = []  # of the first replies; those of the rest are the usual ones
        self._refused = False
        self._quit_at = -1  # the reply that is the answer to QUIT, if that came early

    def begin(self) -> bytes:
        """What is to be sent before the greeting (a PROXY header, or nothing)."""
        return self.job.turns[0].data

    def receive(self, data: bytes, now: float) -> bytes:
        """What to send after these bytes; b"": nothing yet, or nothing more if it is `over`."""
        code, answer, following = self._next
        if _known.get(data) != code:
            return self._received(data, now)
        self._times.append(now)
        if following is None:
            self.over, following = True, _ANY
        self._next = following
        return answer

    @property
    def job(self) -> Job:
        """What is played."""
        return self._route.job

    @property
    def intended(self) -> float:
        """When it was to begin."""
        return self._times[0]

    def result(self) -> Result:
        """What came of it so far; who is not even let in is told apart by the code, too."""
        if self.over and self._connection is None:
            return self._route.result
        codes, counted, phases = self._replies(), self._route.counted, self._route.phases
        quit_at = self._quit_at if self._quit_at >= 0 else len(codes)
        own = [code for at, code in enumerate(codes) if at >= quit_at or code >= 400 or counted[at]]
        accepted = [
            code for code, phase in zip(codes[:quit_at], phases, strict=False) if phase == "eom" and code == 250
        ]
        return Result.of(self.job, own, len(accepted))

    def record(self) -> None:
        """Keep how long each reply took."""
        route, times, quit_at = self._route, self._times, self._quit_at
        usual = times[1 : quit_at + 1] if quit_at >= 0 else times[1:]
        for samples, since, time in zip(route.samples, route.since, usual, strict=False):
            samples.append(time - times[since])
        if 0 <= quit_at < len(times) - 1:
            route.samples[-1].append(times[-1] - times[-2])

    def _replies(self) -> list[int]:
        self._codes += self._route.usual[len(self._codes) : len(self._times) - 1]
        return self._codes

    def _received(self, data: bytes, now: float) -> bytes:
        """Whatever came: half a reply, several, a refusal."""
        connection = self._connection = self._connection or ClientConnection()
        codes = self._replies()
        answer, before, whole = b"", len(codes), not connection.pending
        connection.receive(data)
        while not self.over and (code := connection.next_code()) is not None:
            answer += self._answered(code, now)
        if connection.pending or self._refused or self.over or self._quit_at >= 0:
            self._next = _ANY
        else:
            self._next = self._route.nexts[len(codes)]
        if whole and not connection.pending and len(codes) == before + 1 and len(_known) < _MOST_KNOWN:
            _known[data] = codes[-1]
        return answer

    def _answered(self, code: int, now: float) -> bytes:
        route, at = self._route, len(self._codes)
        self._codes.append(code)
        self._times.append(now)
        if self._quit_at >= 0 or at > route.last:
            self.over = True
            return b""
        if code >= 400 or not code:
            self._refused |= route.phases[at] in _NEEDED
        if not route.ends[at]:
            return b""
        if self._refused or at == route.last or (route.needs_recipient[at] and not self._somebody_accepted()):
            return self._stop(code)
        return route.after[at]

    def _somebody_accepted(self) -> bool:
        """A recipient, since the last mail."""
        for phase, code in zip(reversed(self._route.phases[: len(self._codes)]), reversed(self._codes), strict=True):
            if phase == "eom":
                return False
            if phase == "rcpt" and 200 <= code < 300:
                return True
        return False

    def _stop(self, code: int) -> bytes:
        """Say goodbye; a server that has said 421 is not listening any more.  After a stray 354 the mail is ended."""
        self._quit_at = len(self._codes)
        if not self.job.quit or code in (421, 521):
            self.over = True
            return b""
        return b".\r\n" + _QUIT if code == 354 else _QUIT
