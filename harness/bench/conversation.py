"""conversation - one session under load as a state machine: bytes in, bytes out, codes and times kept; no sockets."""

from __future__ import annotations

from harness.bench.workload import Job
from harness.smtp.client import ClientConnection

_NEEDED = frozenset({"connect", "introduce", "ehlo", "mail", "data"})  # refused, there is nothing to go on with
_QUIT = b"QUIT\r\n"


class Conversation:
    """Plays a job as far as the server lets it; `over` when there is nothing more to be said.

    `took` holds (phase, seconds) of each reply, from the write it answers; that of the greeting from `intended`, when
    the session was to begin: a late start is the server's delay if the server caused it (no coordinated omission).
    """

    __slots__ = (
        "_accepted", "_connection", "_refused", "_reply", "_since", "_stopped", "_turn", "_turns", "_whole", "codes",
        "intended", "job", "messages", "over", "took",
    )  # fmt: skip

    def __init__(self, job: Job, intended: float) -> None:
        self.job, self.intended = job, intended
        self.codes: list[int] = []
        self.took: list[tuple[str, float]] = []
        self.messages = 0
        self.over = False
        self._turns, self._turn, self._reply = job.turns, 0, 0
        self._accepted = self._refused = self._stopped = False
        self._since = intended
        self._connection = ClientConnection()
        self._whole = True  # no reply is half here

    def begin(self) -> bytes:
        """What is to be sent before the greeting (a PROXY header, or nothing)."""
        return self._turns[0].data

    def receive(self, data: bytes, now: float) -> bytes:
        """What to send after these bytes; b"": nothing yet, or nothing more if it is `over`."""
        if self._whole and data[3:4] == b" " and data.find(b"\n") == len(data) - 1 and not self.over:
            digits = data[:3]  # one reply of one line, as nearly always
            return self._answered(int(digits) if digits.isdigit() else 0, now)
        connection, answer = self._connection, b""
        connection.receive(data)
        while not self.over and (code := connection.next_code()) is not None:
            answer += self._answered(code, now)
        self._whole = not connection.pending
        return answer

    def right(self) -> bool:
        """Did the session get the codes it must get?"""
        return self.job.codes is None or tuple(self.codes) == self.job.codes

    def verdict(self) -> str:
        """accept, reject, defer, or none where nothing was refused and nothing accepted."""
        if self.messages:
            return "accept"
        refused = [code for code in self.codes if code >= 400]
        return "none" if not refused else "reject" if max(refused) >= 500 else "defer"

    def _answered(self, code: int, now: float) -> bytes:
        if self._stopped:  # the answer to QUIT
            self.codes.append(code)
            self.took.append(("quit", now - self._since))
            self.over = True
            return b""
        turn = self._turns[self._turn]
        phase = turn.phases[self._reply]
        if turn.counted or code >= 400:  # who is not even let in is told apart by the code
            self.codes.append(code)
        self.took.append((phase, now - self._since))
        if phase == "rcpt":
            self._accepted |= 200 <= code < 300
        elif phase == "eom":
            self.messages += code == 250
            self._accepted = False
        elif code >= 400 or not code:
            self._refused |= phase in _NEEDED
        self._reply += 1
        if self._reply < len(turn.phases):
            return b""
        self._reply = 0
        self._turn += 1
        self._since = now
        if self._refused or (turn.needs_recipient and not self._accepted) or self._turn == len(self._turns):
            return self._stop(code)
        return self._turns[self._turn].data

    def _stop(self, code: int) -> bytes:
        """Say goodbye; a server that has said 421 is not listening any more.  After a stray 354 the mail is ended."""
        self._stopped = True
        if not self.job.quit or code in (421, 521):
            self.over = True
            return b""
        return b".\r\n" + _QUIT if code == 354 else _QUIT
