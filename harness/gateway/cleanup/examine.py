"""examine - one message on its way through the checks: what is kept of it, what is wished for it, and why.

Every action of header_checks(5) is a method here.  Source: cleanup_message.c of Postfix 3.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.gateway.cleanup.checks import Checks, reject_reason, split_action
from harness.gateway.cleanup.headers import KnownHeader, cut_header, is_header
from harness.gateway.cleanup.mime_state import HeaderClass, MimeError
from harness.gateway.rule import Rule
from harness.gateway.session import Asked, Wish
from harness.gateway.table import Hit, TableError

NUL = b"\0"  # ends what is looked at, and what is logged of it


@dataclass(frozen=True, slots=True)
class ContentRules:
    """Settings of the checks.  A class of lines without tables has no entry."""

    checks: Mapping[str, Checks]  # by "header", "mime", "nested", "body"
    known: Mapping[bytes, KnownHeader]
    body_size_limit: int = 51200  # body_checks_size_limit; 0 = no limit
    hopcount_limit: int = 50
    header_size_limit: int = 102400


@dataclass(slots=True)
class Examination:
    """Takes headers and content from the MIME machine.  `stopped` once the message's fate is sealed."""

    rules: ContentRules
    about: Callable[[], str]  # `from name[addr]; from=<> to=<> proto=ESMTP helo=<>`, made when a line is logged
    log: Callable[[str], None]  # an informational line, to be headed by the queue id
    warn: Callable[[str], None]  # a warning, whole
    missing: Callable[[Examination], list[bytes]]  # gives the header lines to add at the end of the headers
    queue_id: str
    readdress: Callable[[str, bytes], bytes] | None = None  # (class, header) -> header, of local mail
    out: list[bytes] = field(default_factory=list)
    stopped: bool = False
    reason: str = ""  # `5.7.1 text`, `4.7.1 text`
    hops: int = 0
    too_many_hops: bool = False
    unusable: bool = False  # a table could not answer
    resent: bool = False
    seen: set[str] = field(default_factory=set)  # known names among the primary headers
    wishes: list[Wish] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)  # BCC addresses
    trace: list[Asked] = field(default_factory=list)
    _filter: bool = True  # cleared by REJECT, DISCARD, REDIRECT, PASS: no more inspection
    held: bool = False  # and said so

    # What the MIME machine tells.

    def header(self, kind: HeaderClass, header: bytes, known: KnownHeader | None) -> None:
        """A logical header: checked, then kept, dropped or replaced."""
        received = known is not None and known.name == "Received"
        if received:
            self.hops += 1  # even of a header that a check drops
        checks = self.rules.checks.get("mime" if known is not None and known.mime else kind)
        if checks is not None and self._filter:
            result = self._check(checks, "header", header)
            if result is None:
                return
            if result is not header:
                header = result
                known = self.rules.known.get(header.partition(b":")[0].rstrip(b" \t").lower())
        header = cut_header(header, self.rules.header_size_limit)
        if known is None or known.mime or kind != "header":
            self.out += (header, b"\n")
            return
        self.seen.add(known.name)
        if known.name == "Message-Id" or known.name == "Resent-Message-Id":
            value = header.partition(b":")[2].lstrip().decode("utf-8", "surrogateescape")
            self.log(f"{known.name.lower()}={value}")
        elif known.name == "Received" and self.hops >= self.rules.hopcount_limit:
            self.warn(f"{self.queue_id}: message rejected: hopcount exceeded")
            self.too_many_hops = self.stopped = True
        self.resent = self.resent or known.resent
        if known.drop:
            return
        if known.addresses and self.readdress is not None:
            header = self.readdress(known.addresses, header)
        self.out += (header, b"\n")

    def headers_done(self) -> None:
        """Put in the headers that are missing."""
        self.out += self.missing(self)

    def wants_records(self, offset: int) -> bool:
        """body_checks look at the first bytes of each segment."""
        limit = self.rules.body_size_limit
        return self._filter and "body" in self.rules.checks and (not limit or offset < limit)

    def record(self, text: bytes, whole: bool, offset: int) -> None:
        """A record of content: checked, then kept, dropped or replaced."""
        result = self._check(self.rules.checks["body"], "body", text)
        if result is not None:
            self.out += (result, b"\n") if whole else (result,)

    def content(self, data: bytes) -> None:
        """Content that no check looks at."""
        self.out.append(data)

    def mime_error(self, error: MimeError, text: bytes) -> None:
        """Log it; it becomes the reply only when the whole message was read and nothing else was wrong."""
        # Postfix leaves protocol and HELO name out of this line.
        about = self.about().partition(" proto=")[0]
        self.log(f"reject: mime-error {error.value}: {_text(text.partition(NUL)[0][:100])} {about}")

    # Checks and their actions.

    def _check(self, checks: Checks, context: str, line: bytes) -> bytes | None:
        """The line as the checks leave it, or None when it goes."""
        try:
            found = checks.find(_text(line.partition(NUL)[0]))
        except TableError as error:
            self.warn(str(error))
            self.warn(f"{self.queue_id}: {checks.name} map lookup problem -- message not accepted, try again later")
            self.unusable = self.stopped = True
            rule = Rule("main.cf", 0, checks.name)
            self.trace.append(Asked("end_of_data", checks.name, "", rule, f"error: {error}", True))
            return line
        if found is None:
            return line
        table, hit = found
        command, text = split_action(hit.value)
        self.trace.append(Asked("end_of_data", checks.name, table.name, hit.rule, hit.value, command in _DECIDING))
        act = ACTIONS.get(command)
        if act is None:
            self.warn(f"unknown command in {checks.name} map: {hit.value}")
            return line
        return act(self, _Match(checks.name, context, line, hit, command, text))

    def _note(self, verb: str, match: _Match, text: str) -> None:
        tail = f": {text}" if text else ""
        self.log(f"{verb}: {match.context} {_text(match.line.partition(NUL)[0][:200])} {self.about()}{tail}")

    def _wish(self, match: _Match) -> None:
        self._note(match.command.lower(), match, match.text)
        self.wishes.append(Wish(match.command, match.text, match.hit.rule))

    def _reject(self, match: _Match) -> bytes:
        self.reason = reject_reason(match.text, self.warn)
        self._filter, self.stopped = False, True
        self._note("reject", match, self.reason)
        return match.line

    def _discard(self, match: _Match) -> bytes:
        self._wish(match)
        self._filter, self.stopped = False, True
        return match.line

    def _pass(self, match: _Match) -> bytes:
        self._note("pass", match, match.text)
        self._filter = False
        return match.line

    def _warning(self, match: _Match) -> bytes:
        self._note("warning", match, match.text)
        return match.line

    def _info(self, match: _Match) -> bytes:
        self._note("info", match, match.text)
        return match.line

    def _hold(self, match: _Match) -> bytes:
        if not self.held:
            self.held = True
            self._wish(match)
        return match.line

    def _route(self, match: _Match) -> bytes:
        if not match.text:
            self.warn(f"missing FILTER command argument in {match.place} map")
        elif ":" not in match.text:
            self.warn(f"bad FILTER command {match.text} in {match.place} -- need transport:destination")
        else:
            self._wish(match)
        return match.line

    def _redirect(self, match: _Match) -> bytes:
        if "@" not in match.text:
            self.warn(f'bad REDIRECT target "{match.text}" in {match.place} map -- need user@domain')
        else:
            self._wish(match)
            self._filter = False
        return match.line

    def _copy(self, match: _Match) -> bytes:
        if "@" not in match.text:
            self.warn(f'bad BCC address "{match.text}" in {match.place} map -- need user@domain')
        else:
            self._wish(match)
            self.copies.append(match.text)
        return match.line

    def _prepend(self, match: _Match) -> bytes:
        text = _bytes(match.text)
        if self._has_text(match, text):
            self._note("prepend", match, match.text)
            self.out += (text, b"\n")
        return match.line

    def _replace(self, match: _Match) -> bytes:
        text = _bytes(match.text)
        if not self._has_text(match, text):
            return match.line
        self._note("replace", match, match.text)
        return text

    def _has_text(self, match: _Match, text: bytes) -> bool:
        """Whether PREPEND or REPLACE has a text that may stand where the line stands."""
        if not text:
            self.warn(f"{match.command} action without text in {match.place} map")
        elif match.context == "header" and not is_header(text):
            self.warn(
                f'bad {match.command} header text "{match.text}" in {match.place} map -- need "headername: headervalue"'
            )
        else:
            return True
        return False

    def _strip(self, match: _Match) -> None:
        self._note("strip", match, match.text)

    def _ignore(self, match: _Match) -> None:
        return None

    def _keep(self, match: _Match) -> bytes:
        return match.line


@dataclass(frozen=True, slots=True)
class _Match:
    """A line that a check matched."""

    place: str  # header_checks, mime_header_checks, ...
    context: str  # header, body
    line: bytes
    hit: Hit
    command: str
    text: str


_DECIDING = frozenset({"REJECT", "DISCARD"})

ACTIONS: dict[str, Callable[[Examination, _Match], bytes | None]] = {
    "BCC": Examination._copy,
    "DISCARD": Examination._discard,
    "DUNNO": Examination._keep,
    "FILTER": Examination._route,
    "HOLD": Examination._hold,
    "IGNORE": Examination._ignore,
    "INFO": Examination._info,
    "OK": Examination._keep,
    "PASS": Examination._pass,
    "PREPEND": Examination._prepend,
    "REDIRECT": Examination._redirect,
    "REJECT": Examination._reject,
    "REPLACE": Examination._replace,
    "STRIP": Examination._strip,
    "WARN": Examination._warning,
}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
