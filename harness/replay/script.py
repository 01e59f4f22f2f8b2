"""script - what one client is going to do, step by step: parsed from a chat, or made from an envelope and a content.

The chat language, one act a line (`#` begins a comment):

    C: text          send text and CRLF                  C. escaped       send exactly these bytes, no line end
    C< file          send a file, dot-stuffed            C<! file         send a file as it is
    S: 250 2.1.0 Ok  read a reply that fits the pattern  S~ regex         read a reply whose lines match
    S* 250           the same as S:, for many lines      S? 221           read it if it comes
    S! eof           the server hangs up                 S! silence 800ms it says nothing for so long
    S! within 50ms   the next reply comes in that time
    !call proc       !sleep 50ms     !rst     !half-close     !capture name regex
    !reconnect       connect anew, introduced as before; what is sent from now on goes there
    !pace segment=1 gap=1ms..3ms     from now on send one byte at a time, so far apart; `!pace` alone: as usual again
    !dns name on     the fault of this name in `dns:` begins (or, `off`, ends)
    !pipeline {      what is sent between the braces goes in one write; ends with }
    !repeat 3 {      the lines between the braces, three times; ends with }

In `C.` there are \\r \\n \\t \\0 \\\\ \\xHH \\u{HEX}, and \\*N repeats the character before it N times in all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from harness.errors import ScenarioError, did_you_mean
from harness.replay.step import (
    AS_USUAL,
    Await,
    Capture,
    DnsFault,
    Eof,
    Expect,
    HalfClose,
    Last,
    NeedsRecipient,
    Pace,
    Reconnect,
    Reset,
    Send,
    SendFile,
    Silence,
    Sleep,
    Step,
    WhenOffered,
    WhenRefused,
    Within,
)
from harness.scenario import Send as Mail
from harness.smtp.pattern import compile_regex, parse_pattern


@dataclass(frozen=True, slots=True)
class Script:
    """The steps, and the file their lines belong to.  `watched`: whether the server hangs up is of interest."""

    steps: tuple[Step, ...]
    file: str = ""
    watched: bool = False
    files: tuple[str, ...] = field(default=())  # names that SendFile steps want read
    pace: Pace = AS_USUAL
    seed: str = ""  # of the gaps

    @property
    def waits_s(self) -> float:
        """How long the script itself wants to take."""
        return sum(step.seconds for step in self.steps if isinstance(step, Sleep | Silence))

    @property
    def dns_faults(self) -> tuple[DnsFault, ...]:
        """What it does to the DNS, for which it has to be alone."""
        return tuple(step for step in self.steps if isinstance(step, DnsFault))


def script_of(mail: Mail, content: bytes, helo: str) -> Script:
    """A well-behaved mail: EHLO, MAIL, each RCPT, DATA or BDAT, content, QUIT; stopped where the server refuses.

    HELO where EHLO is refused (RFC 5321 3.2); MAIL to DATA in one write if that is asked for, and offered.
    """
    parameters = f" {mail.mail_params}" if mail.mail_params else ""
    envelope = [f"MAIL FROM:<{mail.sender}>{parameters}", *(f"RCPT TO:<{address}>" for address in mail.to)]
    steps: list[Step] = [Await("yes"), Send(_line(f"EHLO {helo}")), Await()]
    steps.append(WhenRefused((Send(_line(f"HELO {helo}")), Await("yes"))))
    apart: list[Step] = [Send(_line(envelope[0])), Await("yes")]
    for line in envelope[1:]:
        apart += [Send(_line(line)), Await("any")]
    apart.append(NeedsRecipient())
    if not mail.bdat:
        apart += [Send(_line("DATA")), Await("yes")]
    if mail.pipeline and not mail.bdat:
        together: list[Step] = [Send(b"".join(map(_line, [*envelope, "DATA"])))]
        together += [Await("yes"), *(Await("any") for _ in mail.to), Await("yes"), NeedsRecipient()]
        steps.append(WhenOffered("PIPELINING", tuple(together), tuple(apart)))
    else:
        steps += apart
    if mail.bdat:
        steps += [Send(b"BDAT %d LAST\r\n" % len(content) + content), Await()]
    else:
        steps += [Send(dot_stuffed(content) + b".\r\n"), Await()]
    steps.append(Last())
    if mail.quit:
        steps += [Send(b"QUIT\r\n"), Await()]
    return Script(tuple(steps))


def dot_stuffed(content: bytes) -> bytes:
    """The content as it goes after DATA: a dot before each line that begins with one, CRLF at the end (RFC 5321)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if not stuffed or stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def parse_chat(text: str, procs: Mapping[str, str], file: str, line: int = 1) -> Script:
    """The script that a chat writes; `line` is where its first line stands in the file.

    Raises ScenarioError with file:line for an unknown token, a bad pattern, a proc that is not there.
    """
    lines = [_Line(line + index, written.strip(" \t")) for index, written in enumerate(text.split("\n"))]
    steps = tuple(_Parser(procs, file).block(iter(lines), (), None))
    return Script(steps, file, files=tuple(step.name for step in steps if isinstance(step, SendFile)))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


class _Parser:
    """Reads lines; procs are read where they are called."""

    def __init__(self, procs: Mapping[str, str], file: str) -> None:
        self.procs, self.file = procs, file

    def block(self, lines: Iterator[_Line], calls: tuple[str, ...], opened: _Line | None) -> Iterator[Step]:
        for line in lines:
            if not line.text or line.text.startswith("#"):
                continue
            if line.text == "}":
                if opened is None:
                    raise self._wrong(line, "'}' without a '{'")
                return
            try:
                yield from self._steps(line, lines, calls)
            except ScenarioError as error:
                raise error if error.file else self._wrong(line, error.what) from None
        if opened is not None:
            raise self._wrong(opened, "'{' is never closed")

    def _steps(self, line: _Line, lines: Iterator[_Line], calls: tuple[str, ...]) -> Iterator[Step]:
        token, _, rest = line.text.partition(" ")
        rest = rest.strip(" ")
        match token:
            case "C:":
                yield Send(_line(rest), line.number)
            case "C.":
                yield Send(unescape(rest), line.number)
            case "C<" | "C<!":
                yield SendFile(rest, token == "C<!", line.number)
            case "S:" | "S*" | "S?":
                yield Expect(parse_pattern(rest), token == "S?", line.number)
            case "S~":
                yield Expect(compile_regex(rest), False, line.number)
            case "S!":
                yield self._server(line, rest)
            case "!call":
                if rest in calls:
                    raise ScenarioError(f"proc {rest!r} calls itself")
                if rest not in self.procs:
                    raise ScenarioError(f"no proc {rest!r}{did_you_mean(rest, self.procs)}")
                inside = (_Line(line.number, text.strip(" \t")) for text in self.procs[rest].split("\n"))
                yield from self.block(inside, (*calls, rest), None)
            case "!sleep":
                yield Sleep(duration(rest))
            case "!rst":
                yield Reset()
            case "!half-close":
                yield HalfClose()
            case "!reconnect":
                yield Reconnect()
            case "!pace":
                yield parse_pace(rest)
            case "!dns":
                name, _, state = rest.rpartition(" ")
                if state not in ("on", "off") or not name:
                    raise ScenarioError("expects !dns NAME on, or !dns NAME off")
                yield DnsFault(name, state == "on", line.number)
            case "!capture":
                name, _, regex = rest.partition(" ")
                yield Capture(name, compile_regex(regex), line.number)
            case "!pipeline" | "!pipeline{":
                yield self._pipeline(line, list(self.block(lines, calls, line)))
            case "!repeat":
                times = rest.removesuffix("{").strip()
                if not (times.isascii() and times.isdigit()) or not rest.endswith("{"):
                    raise ScenarioError("expects !repeat N {")
                steps = list(self.block(lines, calls, line))
                for _ in range(int(times)):
                    yield from steps
            case _:
                raise ScenarioError(f"no chat token {token!r}{did_you_mean(token, _TOKENS)}")

    def _server(self, line: _Line, rest: str) -> Step:
        word, _, value = rest.partition(" ")
        match word:
            case "eof":
                return Eof(line.number)
            case "silence":
                return Silence(duration(value), line.number)
            case "within":
                return Within(duration(value))
        raise ScenarioError(f"S! {word!r}{did_you_mean(word, ('eof', 'silence', 'within'))}")

    def _pipeline(self, line: _Line, steps: list[Step]) -> Step:
        if not all(isinstance(step, Send) for step in steps):
            raise ScenarioError("only C: and C. may stand in a !pipeline")
        return Send(b"".join(step.data for step in steps if isinstance(step, Send)), line.number)

    def _wrong(self, line: _Line, what: str) -> ScenarioError:
        return ScenarioError(what, file=self.file, line=line.number)


_TOKENS = (
    "C:", "C.", "C<", "C<!", "S:", "S~", "S*", "S?", "S!", "!call", "!sleep", "!rst", "!half-close", "!pipeline",
    "!repeat", "!capture", "!reconnect", "!pace", "!dns",
)  # fmt: skip

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|\*([0-9]{1,7})|(.)|$)", re.DOTALL)
_LETTERS: dict[str, bytes] = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


def unescape(text: str) -> bytes:
    """The bytes that the text after `C.` stands for.  Raises ScenarioError for an escape there is none of."""
    out, at = bytearray(), 0
    last = b""
    for found in _ESCAPE.finditer(text):
        plain = text[at : found.start()]
        out += plain.encode("utf-8", "surrogateescape")
        last = plain[-1:].encode("utf-8", "surrogateescape") or last
        at = found.end()
        if found[1]:
            last = bytes.fromhex(found[1])
        elif found[2]:
            last = chr(int(found[2], 16)).encode("utf-8", "surrogatepass")
        elif found[3]:
            if not last:
                raise ScenarioError("\\*N repeats the character before it, and there is none")
            out += last * (int(found[3]) - 1)
            continue
        elif found[4] in _LETTERS:
            last = _LETTERS[found[4]]
        else:
            raise ScenarioError(f"no escape {found[0]!r}; there are \\r \\n \\t \\0 \\\\ \\xHH \\u{{HEX}} \\*N")
        out += last
    return bytes(out) + text[at:].encode("utf-8", "surrogateescape")


_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?(ms|s|m|h|d|)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float:
    """`800ms`, `2s` or `5m` in seconds.  Raises ScenarioError."""
    parsed = _DURATION.fullmatch(text)
    if parsed is None:
        raise ScenarioError(f"expects a time as 800ms or 2s, got {text!r}")
    return float(parsed[1]) * _UNITS_S[parsed[2]]


def parse_pace(text: str) -> Pace:
    """`segment=1 gap=2ms..5ms slow`; nothing is as usual.  Raises ScenarioError."""
    segment, gap, slow = None, (0.0, 0.0), False
    for word in text.split():
        key, _, value = word.partition("=")
        if key == "segment" and value.isascii() and value.isdigit() and int(value):
            segment = int(value)
        elif key == "gap":
            gap = parse_gap(value)
        elif word == "slow":
            slow = True
        else:
            raise ScenarioError(f"a pace has segment=BYTES, gap=TIME and slow, not {word!r}")
    return Pace(segment, gap, slow)


def parse_gap(text: str) -> tuple[float, float]:
    """`2ms`, or `1ms..5ms` for one by chance between the two, seeded.  Raises ScenarioError."""
    low, dots, high = text.partition("..")
    gap = duration(low), duration(high if dots else low)
    if gap[0] > gap[1]:
        raise ScenarioError(f"{text!r} ends before it begins")
    return gap


def with_files(script: Script, read: Callable[[str], bytes]) -> Script:
    """The same script with the content of its files in place.  Raises ScenarioError for one that is not there."""
    if not script.files:
        return script
    steps: list[Step] = []
    for step in script.steps:
        if isinstance(step, SendFile):
            content = read(step.name)
            step = Send(content if step.raw else dot_stuffed(content), step.line)
        steps.append(step)
    return replace(script, steps=tuple(steps), files=())


def _line(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") + b"\r\n"
