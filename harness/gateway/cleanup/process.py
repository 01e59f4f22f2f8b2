"""process - one message through cleanup(8): envelope, Received: header, checks, and the reply that comes of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from harness.gateway.cleanup.checks import open_checks
from harness.gateway.cleanup.envelope import NO_ENVELOPE, Envelope, EnvelopeError
from harness.gateway.cleanup.examine import ContentRules, Examination
from harness.gateway.cleanup.headers import HeaderReader, is_header, known_headers
from harness.gateway.cleanup.mime_state import MimeError, MimeRules, MimeState
from harness.gateway.cleanup.plain import Plain
from harness.gateway.cleanup.received import mail_date, received
from harness.gateway.cleanup.rewrite import Rewriter
from harness.gateway.maillog import MailLog
from harness.gateway.resolve import routes
from harness.gateway.session import Asked, Session, Wish
from harness.gateway.settings import Settings
from harness.gateway.table import TableError
from harness.smtp.address import quote_address
from harness.smtp.data import within
from harness.smtp.reply import Reply, reply

_PLACES = {
    "header": "header_checks",
    "mime": "mime_header_checks",
    "nested": "nested_header_checks",
    "body": "body_checks",
}
_TOO_BIG = reply(552, "5.3.4", "Error: message file too big")
_TOO_MANY_HOPS = reply(554, "5.4.0", "Error: too many hops")
_WRITE_ERROR = reply(451, "4.3.0", "Error: queue file write error")


class Cleaned(NamedTuple):
    """What cleanup made of a message.  With a `reply` it is refused, and the rest only tells why."""

    data: bytes
    reply: Reply | None = None
    wishes: tuple[Wish, ...] = ()  # HOLD, DISCARD, FILTER, REDIRECT, BCC of the content checks
    trace: tuple[Asked, ...] = ()
    envelope: Envelope = NO_ENVELOPE  # the whole one, copies included, aliases expanded


class Cleanup:
    """The settings of cleanup(8), read once; `process` may be called for one message after another."""

    def __init__(self, settings: Settings, log: MailLog) -> None:
        text, flag, number = settings.text, settings.flag, settings.number
        self._settings, self._log = settings, log
        self._speaking: int | None = None  # for whom a table is asked: what it warns about then is cleanup's to log
        settings.listen(self._warned)
        self._hostname, self._mail_name = text("myhostname"), text("mail_name")
        self._show_login = flag("smtpd_sasl_authenticated_header")
        self._size_limit = number("message_size_limit")
        self._always_add, self._long_ids = flag("always_add_missing_headers"), flag("enable_long_queue_ids")
        self._no_stray = flag("cleanup_replace_stray_cr_lf")
        self._undisclosed = text("undisclosed_recipients_header").encode()
        self._rewriter = Rewriter(settings, lambda: routes(settings))
        known = known_headers(text("message_drop_headers").replace(",", " ").split())
        # Without CLEANUP_FLAG_FILTER nothing of the content is looked at but its hop count (cleanup_message.c).
        looks = "no_header_body_checks" not in text("receive_override_options").replace(",", " ").split()
        places = _PLACES.items() if looks else ()
        checks = {kind: open_checks(settings, place) for kind, place in places if text(place).strip()}
        line_limit = number("line_length_limit")
        self._content = ContentRules(
            checks, known, number("body_checks_size_limit"), number("hopcount_limit"), number("header_size_limit")
        )
        reported: set[MimeError] = set()
        if looks and not flag("disable_mime_input_processing"):
            strict = flag("strict_8bitmime")
            if strict or flag("strict_7bit_headers"):
                reported.add(MimeError.HEADER_8BIT)
            if strict or flag("strict_8bitmime_body"):
                reported.add(MimeError.BODY_8BIT)
            if flag("strict_mime_encoding_domain"):
                reported.add(MimeError.ENCODING_DOMAIN)
            if reported or checks.keys() & {"header", "mime", "nested"}:
                reported.add(MimeError.NESTING)
        self._plain = None
        if not checks and not reported:
            dropped = text("message_drop_headers").replace(",", " ").split()
            self._plain = Plain(dropped, number("header_size_limit"), line_limit, number("hopcount_limit"))
        self._local_words = text("local_header_rewrite_clients").replace(",", " ").split()
        self._mime = MimeRules(
            HeaderReader(number("header_size_limit"), line_limit),
            known,
            line_limit,
            number("mime_nesting_limit"),
            number("mime_boundary_length_limit"),
            not flag("disable_mime_input_processing"),
            frozenset(reported),
        )

    def process(
        self, session: Session, queue_id: str, data: bytes, prepended: Iterable[bytes] = (), *, too_big: bool = False
    ) -> Cleaned:
        """Clean up a message as it came in (LF line ends).  `prepended`: header lines that access maps asked for.

        `too_big`: the rest of the data was dropped by the SMTP server; what came before is looked at all the same, and
        logged.  Never raises for what a message holds.
        """
        sender, pid = session.sender or "", session.number
        copies = [wish.argument for wish in session.wishes if wish.action == "BCC"]
        try:
            envelope = self._rewriter.envelope(sender, session.recipients, copies, session.said, session.written)
        except EnvelopeError as error:
            return self._unmapped(error, queue_id, pid)
        # smtpd counts each line as its length plus CRLF.
        if not too_big and self._size_limit and len(data) + data.count(b"\n") > self._size_limit:
            data, too_big = within(data, self._size_limit), True
        now = self._log.clock.now()
        incoming = self._incoming(session, queue_id, self._without_stray(data), prepended, now)
        local = self._is_local(session)
        if self._plain is not None and not session.wishes and not (local and self._rewriter.maps):
            whole = self._plain.readdressed(incoming, self._rewriter.header) if local else incoming
            found = self._plain.message_id(whole, complete=self._always_add or local)
            if found is not None:
                incoming = whole
                self._say(pid, f"{queue_id}: message-id={found}")
                if too_big:
                    return self._too_big(queue_id, pid, (), envelope.trace)
                return Cleaned(incoming, None, (), envelope.trace, envelope)
        state = Examination(
            self._content,
            lambda: _about(session, envelope),
            lambda line: self._say(pid, f"{queue_id}: {line}"),
            lambda line: self._say(pid, f"warning: {line}"),
            lambda seen: self._missing(seen, session, envelope, queue_id, now),
            queue_id,
            self._rewriter.header if local else None,
            held=any(wish.action == "HOLD" for wish in session.wishes[: session.passed_on]),
        )
        mime = MimeState(self._mime, state)
        self._speaking = pid
        try:
            mime.run(incoming)
        except EnvelopeError as error:  # of an address in a header
            return self._unmapped(error, queue_id, pid)
        finally:
            self._speaking = None
        trace = envelope.trace + tuple(state.trace)
        if too_big:
            return self._too_big(queue_id, pid, tuple(state.wishes), trace)
        answer = _reply(state, mime)
        if answer is not None:
            return Cleaned(b"", answer, tuple(state.wishes), trace)
        if state.copies and not state.stopped:
            try:
                envelope = self._rewriter.copies(envelope, state.copies)
            except EnvelopeError as error:
                return self._unmapped(error, queue_id, pid)
        return Cleaned(b"".join(state.out), None, tuple(state.wishes), trace, envelope)

    def _too_big(self, queue_id: str, pid: int, wishes: tuple[Wish, ...], trace: tuple[Asked, ...]) -> Cleaned:
        self._log.line("smtpd", pid, f"warning: {queue_id}: queue file size limit exceeded")
        self._say(pid, "warning: mail_stream_cleanup: close error")
        return Cleaned(b"", _TOO_BIG, wishes, trace)

    def _without_stray(self, data: bytes) -> bytes:
        """A CR that ends no line becomes a blank before anything is looked at (cleanup_replace_stray_cr_lf)."""
        return data.replace(b"\r", b" ") if self._no_stray else data

    def _incoming(self, session: Session, queue_id: str, data: bytes, prepended: Iterable[bytes], now: float) -> bytes:
        """The message as smtpd hands it on: prepended headers, Received:, and the data."""
        top = received(
            session,
            queue_id,
            now,
            hostname=self._hostname,
            mail_name=self._mail_name,
            show_login=self._show_login,
        )
        pieces = [line if line.endswith(b"\n") else line + b"\n" for line in prepended]
        pieces += (top.encode("utf-8", "surrogateescape"), b"\n")
        pieces.append(data)
        if data and not data.endswith(b"\n"):
            pieces.append(b"\n")
        return b"".join(pieces)

    def _missing(
        self, state: Examination, session: Session, envelope: Envelope, queue_id: str, now: float
    ) -> list[bytes]:
        """Message-Id, Date, From and To where they are missing and ours to add; and the line that pflogsumm reads."""
        seen, lines = state.seen, list[str]()
        prefix = "Resent-" if state.resent else ""
        local = self._always_add or self._is_local(session)
        if local and f"{prefix}Message-Id" not in seen:
            stamp = "" if self._long_ids else time.strftime("%Y%m%d%H%M%S.", time.gmtime(now))
            lines.append(f"{prefix}Message-Id: <{stamp}{queue_id}@{self._hostname}>")
            state.log(f"{prefix.lower()}message-id=<{stamp}{queue_id}@{self._hostname}>")
            seen.add(f"{prefix}Message-Id")
        if "Message-Id" not in seen:
            state.log("message-id=<>")
        if local and f"{prefix}Date" not in seen:
            lines.append(f"{prefix}Date: {mail_date(now)}")
        if local and f"{prefix}From" not in seen:
            lines.append(f"{prefix}From: {quote_address(envelope.sender or 'MAILER-DAEMON')}")
        added = [line.encode("utf-8", "surrogateescape") + b"\n" for line in lines]
        if local and self._undisclosed and not seen & {"To", "Cc", "Resent-To", "Resent-Cc"}:
            if is_header(self._undisclosed):
                added.append(self._undisclosed + b"\n")
            else:
                text = self._undisclosed.decode()
                state.warn(f'bad undisclosed_recipients_header header text "{text}" -- need "headername: headervalue"')
        return added

    def _is_local(self, session: Session) -> bool:
        """Whether the client matches local_header_rewrite_clients."""
        client = session.client
        for word in self._local_words:
            if word == "permit_inet_interfaces":
                if routes(self._settings).is_mine((session.connected or client).address):  # the socket's, not XCLIENT's
                    return True
            elif word == "permit_mynetworks":
                try:
                    if self._settings.address_list("mynetworks").matches(client.name, client.address):
                        return True
                except TableError:
                    return False
            elif word == "permit_sasl_authenticated":
                if session.sasl_username:
                    return True
            elif ":" in word:
                try:
                    if self._settings.table(word).lookup(client.address) is not None:
                        return True
                except TableError:
                    return False
        return False

    def _unmapped(self, error: EnvelopeError, queue_id: str, pid: int) -> Cleaned:
        self._say(pid, f"warning: {queue_id}: {error.what} -- message not accepted, try again later")
        return Cleaned(b"", _WRITE_ERROR if error.unusable else reply(451, "4.6.0", "Alias expansion error"))

    def _warned(self, text: str) -> bool:
        if self._speaking is not None:
            self._say(self._speaking, f"warning: {text}")
        return self._speaking is not None

    def _say(self, pid: int, text: str) -> None:
        self._log.line("cleanup", pid, text)


def _reply(state: Examination, mime: MimeState) -> Reply | None:
    """The refusal, gravest first: the order of cleanup_stat_map.  Source: data_cmd in smtpd.c."""
    if state.reason:
        status, _, text = state.reason.partition(" ")
        return reply(451 if status[0] == "4" else 550, status, text.replace("\t", " "))
    if state.too_many_hops:
        return _TOO_MANY_HOPS
    if state.unusable:
        return _WRITE_ERROR
    if mime.errors and not state.stopped:
        gravest = next(error for error in MimeError if error in mime.errors)
        return reply(550, "5.6.0", gravest.value)
    return None


def _about(session: Session, envelope: Envelope) -> str:
    """`from name[addr]; from=<> to=<> proto=ESMTP helo=<>` (cleanup_act_log)."""
    text = f"from {session.client.namaddr}; from=<{quote_address(envelope.sender)}>"
    if envelope.last:
        text += f" to=<{quote_address(envelope.last)}>"
    text += f" proto={session.protocol}"
    return text + (f" helo=<{session.helo_name}>" if session.helo_name else "")
