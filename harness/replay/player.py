"""player - a script and the bytes that come back -> what to do next; keeps the exchanges.  No sockets, no clock.

while not isinstance(action := player.next_action(), Done): do it, then tell: receive, closed, or timed_out
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from harness.observation import Exchange, Phase
from harness.replay.script import Script
from harness.replay.step import (
    Await,
    Capture,
    DnsFault,
    Eof,
    Expect,
    GoOn,
    HalfClose,
    Last,
    NeedsRecipient,
    Pace,
    Reconnect,
    Reset,
    Send,
    Silence,
    Sleep,
    WhenOffered,
    WhenRefused,
    Within,
)
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.pattern import ReplyPattern
from harness.smtp.reply import Reply


@dataclass(frozen=True, slots=True)
class Write:
    """Send these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """Wait for bytes, the end, or for this many seconds to pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Reset the connection."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Close the sending side only."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do: close."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Let this connection go and make another one."""


Action = Write | Read | Pause | Drop | Finish | Connect | Pace | DnsFault | Done

_PHASES: dict[bytes, Phase] = {
    b"HELO": "helo", b"EHLO": "helo", b"LHLO": "helo", b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data",
    b"QUIT": "quit",
}  # fmt: skip
_DOT_END = re.compile(rb"\.\r*\n")
_GOODBYES = (221, 421, 521)  # the server hangs up behind them
_PARTING_S = 1.0  # for a server that is about to hang up
_NAME = re.compile(rb"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


@dataclass(slots=True)
class _Open:
    """Something sent that has had no reply yet.  `guessed`: only if the server saw the end of data there."""

    phase: Phase
    sent: bytes
    guessed: bool = False


class Player:
    """Plays one script."""

    def __init__(self, script: Script, timeout_s: float = 10.0) -> None:
        self.script, self.timeout_s = script, timeout_s
        self.exchanges: list[Exchange] = []
        self.failures: list[str] = []
        self.hung_up = False
        self._connection = ClientConnection()
        self._steps = deque(script.steps)
        self._open: deque[_Open] = deque([_Open("connect", b"")])
        self._content: bytearray | None = None  # being sent after a 354
        self._early = b""  # sent behind DATA, before its 354
        self._accepted = self._stopped = False
        self._within: float | None = None
        self._last: Reply | None = None
        self._offered: dict[str, str] = {}
        self._parted = False
        self._values: dict[bytes, bytes] = {}
        self._now_ms = 0.0

    def receive(self, data: bytes, at_ms: float = 0.0) -> None:
        """Take bytes off the wire; `at_ms` is when they came, from the start of the session."""
        self._now_ms = at_ms
        self._connection.receive(data)

    def closed(self) -> None:
        """The server has hung up."""
        self.hung_up = True

    def next_action(self) -> Action:
        """What to do now."""
        while self._steps:
            action = self._step()
            if action is not None:
                return action
        return Read(_PARTING_S) if self._parting() else Done()

    def timed_out(self) -> None:
        """The time of the last Read is over and nothing came."""
        if not self._steps:
            self._parted = True
            return
        step = self._steps.popleft()
        match step:
            case Silence():
                pass
            case Expect(optional=True):
                pass
            case Expect(pattern=pattern, line=line):
                self._fail(line, f"expected {_shown(pattern)}, and no reply came in {self._patience():g} s")
            case Eof(line):
                self._fail(line, f"expected the server to hang up, and it did not in {self.timeout_s:g} s")
            case _:
                self._fail(0, f"no reply came in {self._patience():g} s")
        self._within = None

    @property
    def late(self) -> bytes:
        """Bytes that came and made no reply anybody waited for."""
        return self._connection.rest()

    def _step(self) -> Action | None:
        """One step: an action, or None when it took none (and is done)."""
        step = self._steps[0]
        match step:
            case Expect() | Await():
                reply = self._connection.next_reply()
                if reply is None:
                    if not self.hung_up:
                        return Read(self._patience())
                    self._steps.popleft()
                    self._unanswered(step)
                    return None
                self._steps.popleft()
                self._within = None
                self._answered(reply)
                self._judge(step, reply)
                return None
            case Silence(seconds, line):
                if self._connection.pending or self.hung_up:
                    self._steps.popleft()
                    self._fail(line, f"expected silence, got {self._what_came()}")
                    return None
                return Read(seconds)
            case Eof(line):
                if self._connection.pending and (reply := self._connection.next_reply()) is not None:
                    self._answered(reply)
                    self._steps.popleft()
                    self._fail(line, f"expected the server to hang up, got {str(reply)!r}")
                    return None
                if not self.hung_up:
                    return Read(self.timeout_s)
        self._steps.popleft()
        match step:
            case Send(data):
                return self._write(_NAME.sub(lambda name: self._values.get(name[1], name[0]), data))
            case Sleep(seconds):
                return Pause(seconds)
            case Reset():
                if not any(isinstance(later, Reconnect) for later in self._steps):
                    self._steps.clear()
                return Drop()
            case HalfClose():
                return Finish()
            case Reconnect():
                self._begin_anew()
                return Connect()
            case Pace() | DnsFault():
                return step
            case Within(seconds):
                self._within = seconds
            case NeedsRecipient():
                if not self._accepted:
                    self._stop()
            case WhenRefused(steps):
                if self._last is not None and self._last.code == 421:
                    self._stop()
                elif self._last is None or not 200 <= self._last.code < 300:
                    self._steps.extendleft(reversed(steps))
            case WhenOffered(keyword, steps, otherwise):
                self._steps.extendleft(reversed(steps if keyword in self._offered else otherwise))
            case GoOn(steps):
                if self._last is not None and self._last.code in _GOODBYES:
                    self._steps.clear()
                elif self._last is not None and self._last.code == 354:
                    self._steps.extendleft(reversed(steps))
            case Capture(name, regex, line):
                found = regex.search(str(self._last)) if self._last is not None else None
                if found is None:
                    self._fail(line, f"nothing to capture: /{regex.pattern}/ is not in {str(self._last)!r}")
                else:
                    value = found[1] if regex.groups else found[0]
                    self._values[name.encode()] = value.encode("utf-8", "surrogateescape")
            case Last() | Eof():
                pass
            case _:
                raise AssertionError(step)
        return None

    def _begin_anew(self) -> None:
        """A new connection: nothing is open but its greeting, nothing is known of the server."""
        self._connection, self._open = ClientConnection(), deque([_Open("connect", b"")])
        self._content, self._early, self._offered, self._last = None, b"", {}, None
        self._accepted = self._stopped = self.hung_up = self._parted = False

    def _parting(self) -> bool:
        """Is it still to be seen whether the server hangs up?  Not after a QUIT: then both do."""
        if self.hung_up or self._parted or self.failures or any(e.phase == "quit" for e in self.exchanges):
            return False
        return self.script.watched or (self._last is not None and self._last.code in (421, 521))

    def _patience(self) -> float:
        return self.timeout_s if self._within is None else self._within

    def _write(self, data: bytes) -> Action:
        if self.hung_up:
            self._fail(0, f"the server hung up before {data[:60]!r} could be sent")
        while self._open and self._open[-1].guessed:
            self._open.pop()  # nobody answered: the server took it for content
        if self._content is not None:
            self._content += data
        else:
            self._commands(data, False)
        return Write(data)

    def _commands(self, data: bytes, guessed: bool) -> None:
        """Note each command in these bytes as open."""
        while data:
            line, _, rest = data.partition(b"\n")
            sent = data[: len(data) - len(rest)]
            words = line.split()
            verb = words[0].upper() if words else b""
            if verb == b"BDAT" and len(words) > 1 and words[1].isdigit():
                chunk, rest = rest[: int(words[1])], rest[int(words[1]) :]
                last = len(words) > 2 and words[2].upper() == b"LAST"
                self._open.append(_Open("end_of_data" if last else "data", sent + chunk, guessed))
            else:
                self._open.append(_Open(_PHASES.get(verb, "other"), sent, guessed))
                if verb == b"DATA":
                    self._early = rest
                    return
            data = rest

    def _answered(self, reply: Reply) -> None:
        """Pair a reply with what it answers."""
        self._last = reply
        if self._content is not None:
            content, self._content = bytes(self._content), None
            self.exchanges.append(Exchange("end_of_data", content, reply, self._now_ms))
            end = _any_end(content)
            if end >= 0:
                self._commands(content[end:], True)
            return
        opened = self._open.popleft() if self._open else _Open("other", b"")
        self.exchanges.append(Exchange(opened.phase, opened.sent, reply, self._now_ms))
        if opened.phase == "helo":
            self._offered = ehlo_keywords(reply)
        if opened.phase == "data" and reply.code == 354:
            self._content, self._early = bytearray(self._early), b""
            if self._stopped:
                self._send_nothing()

    def _judge(self, step: Expect | Await, reply: Reply) -> None:
        match step:
            case Expect(pattern, _, line):
                fits = pattern.matches(reply) if isinstance(pattern, ReplyPattern) else pattern.search(str(reply))
                if not fits:
                    self._fail(line, f"expected {_shown(pattern)}, got {str(reply)!r}")
            case Await("yes"):
                if not 200 <= reply.code < 400:
                    self._stop()
            case Await("any"):
                self._accepted = self._accepted or 200 <= reply.code < 300

    def _unanswered(self, step: Expect | Await) -> None:
        """The server hung up where a reply was due."""
        opened = self._open.popleft() if self._open else None
        if opened is not None and opened.sent:
            self.exchanges.append(Exchange(opened.phase, opened.sent, None, self._now_ms))
        if isinstance(step, Expect):
            if not step.optional:
                self._fail(step.line, f"expected {_shown(step.pattern)}, and the server hung up")
        elif not self._stopped:
            self._stop(hung_up=True)

    def _stop(self, hung_up: bool = False) -> None:
        """Go to the end of the mail: QUIT is all that is left to say."""
        self._stopped = True
        while self._steps and not isinstance(self._steps[0], Last):
            self._steps.popleft()
        if hung_up:
            self._steps.clear()
            return
        self._steps.extendleft(Await() for _ in self._open)  # replies to what was sent in the same write still come
        if self._content is not None:
            self._send_nothing()

    def _send_nothing(self) -> None:
        """The server wants content of a mail that was stopped: a lone dot, as RFC 2920 3.1 has it."""
        self._steps.extendleft((Await(), Send(b".\r\n")))

    def _what_came(self) -> str:
        reply = self._connection.next_reply()
        if reply is None:
            return repr(self._connection.rest()) if self._connection.pending else "the end of the connection"
        self._answered(reply)
        return repr(str(reply))

    def _fail(self, line: int, what: str) -> None:
        place = f"{self.script.file}:{line}: " if line else ""
        self.failures.append(f"{place}{what}")
        self._steps.clear()


def _shown(pattern: ReplyPattern | re.Pattern[str]) -> str:
    return str(pattern) if isinstance(pattern, ReplyPattern) else f"/{pattern.pattern}/"


def _any_end(content: bytes) -> int:
    """Where the first thing ends that some server might take for the end of data; -1: there is none."""
    for found in _DOT_END.finditer(content):  # a pattern that begins with a literal is quick in megabytes
        if not found.start() or content[found.start() - 1] in b"\r\n":
            return found.end()
    return -1
