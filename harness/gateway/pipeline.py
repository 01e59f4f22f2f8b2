"""pipeline - after end of data: cleanup, content before the queue, the queue, the reply, content after it, delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.gateway.cleanup import Cleanup
from harness.gateway.delivery import Delivery
from harness.gateway.dns import Resolver
from harness.gateway.dsn import Attempt
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Kept, Observer
from harness.gateway.quarantine_folder import QuarantineFolder
from harness.gateway.queue import Queue
from harness.gateway.queue_file import is_too_large
from harness.gateway.queued import Queued, by_domain, called
from harness.gateway.session import Session, Wish
from harness.gateway.settings import Settings
from harness.smtp.address import quote_address
from harness.smtp.reply import Reply, reply

if TYPE_CHECKING:
    from harness.gateway.content.outcome import Outcome  # an engine is loaded only where there is one

TOO_BIG = reply(552, "5.3.4", "Error: message file too big")
WRITE_ERROR = reply(451, "4.3.0", "Error: queue file write error")
NOT_EXAMINED = reply(451, "4.3.0", "Error: content could not be examined")


class Pipeline:
    """Takes whole messages.  A positive reply is given only for a mail that is safe, or whose fate is sealed."""

    def __init__(
        self,
        settings: Settings,
        cleanup: Cleanup,
        engine: Any,  # content.examine.Engine; None or an inactive one examines nothing
        queue: Queue,
        delivery: Delivery,
        log: MailLog,
        observer: Observer,
    ) -> None:
        self._cleanup, self._queue, self._delivery = cleanup, queue, delivery
        self._log, self._observer = log, observer
        self._content_filter = settings.text("content_filter")
        self._hostname = settings.text("myhostname")
        self._size_limit, self._line_limit = settings.number("message_size_limit"), settings.number("line_length_limit")
        self._engine = engine if engine is not None and engine.active else None
        folder = "quarantine" if self._engine is None else self._engine.quarantine_dir
        self._quarantine = QuarantineFolder(queue.directory.parent / folder, log)

    async def accept(self, session: Session, data: bytes, too_big: bool) -> Reply:
        """The reply to the end of data; what has to happen later is on its way when it is given."""
        if _wish(session.wishes, "DISCARD") is not None:  # nobody looks at what is thrown away
            if too_big:
                self._log.line("smtpd", session.number, f"warning: {session.queue_id}: queue file size limit exceeded")
                return TOO_BIG
            self._observer.queued(session, session.queue_id)
            self._observer.settled(session.queue_id, "discarded")
            return reply(250, "2.0.0", f"Ok: queued as {session.queue_id}")
        cleaned = self._cleanup.process(session, session.queue_id, data, _prepended(session), too_big=too_big)
        session.trace.extend(cleaned.trace)
        if cleaned.reply is not None:
            return cleaned.reply
        if is_too_large(session, session.recipients, cleaned.data, self._size_limit, self._line_limit):
            self._log.line("cleanup", session.number, f"warning: {session.queue_id}: queue file size limit exceeded")
            return TOO_BIG
        wishes = (*session.wishes, *cleaned.wishes)
        envelope = cleaned.envelope
        mail = Queued(
            session.queue_id,
            envelope.sender,
            envelope.recipients,
            self._log.clock.now(),
            session.number,
            envelope_id=session.envelope_id,
            returned=session.returned,
            utf8=session.smtputf8,
            wanted=envelope.wanted,
            originals=envelope.originals,
            attempts=tuple(Attempt(one, "2.0.0", "alias expanded", action="expanded") for one in envelope.expanded),
            data=cleaned.data,
        )
        done = reply(250, "2.0.0", f"Ok: queued as {mail.queue_id}")
        refused = await self._take(session, mail, wishes)
        if refused is not None:
            return refused
        self._observer.queued(session, mail.queue_id)
        return done

    def look(self, session: Session, data: bytes) -> None:
        """Have cleanup log what it sees in content that the end-of-data list refuses: it has read it by then."""
        if _wish(session.wishes, "DISCARD") is None:
            self._cleanup.process(session, session.queue_id, data, _prepended(session))

    async def _take(self, session: Session, mail: Queued, wishes: tuple[Wish, ...]) -> Reply | None:
        """Take the mail in, or give the reply that refuses it."""
        if _wish(wishes, "DISCARD") is not None:
            self._observer.settled(mail.queue_id, "discarded")
            return None
        mail = self._redirected(mail, wishes)
        filtered = _wish(wishes, "FILTER")
        if filter := filtered.argument if filtered is not None else self._content_filter:
            mail = replace(mail, filter=filter)
        hold = _wish(wishes, "HOLD") is not None
        if self._engine is not None and self._engine.mode == "before_queue" and not hold:
            try:
                outcome = await self._examine(mail, session.client.address, session.client.name, session)
            except Exception as error:
                self._log.line("ravmd", mail.pid, f"warning: {mail.queue_id}: not examined: {error!r}")
                _report_exception(error)
                return NOT_EXAMINED  # never "clean": the client keeps it and comes again
            return await self._refuse_or_pass_on(session, mail, outcome)
        if self._engine is None and not hold and self._delivery.is_sealed(mail):
            self._delivery.discard(mail)
            return None
        if hold:
            mail = replace(mail, held=True)
        if self._engine is not None:
            mail = replace(mail, unexamined=(session.client.address, session.client.name))
        if not await self._committed(mail, (mail,)):
            return WRITE_ERROR
        if hold:
            self._observer.settled(mail.queue_id, "held")
        elif self._engine is None:
            self._delivery.begin(mail)
        else:
            await self._examine_stored(mail, session)
        return None

    async def resume(self, mail: Queued, resolver: Resolver) -> None:
        """Take up a mail an earlier run left in the queue: what was not examined yet is examined now."""
        if mail.unexamined is None or self._engine is None:
            self._delivery.begin(mail)
        else:
            await self._examine_stored(mail, None, resolver)

    def retry(self, mail: Queued, resolver: Resolver) -> None:
        """The same in the background, for one that waited under an earlier configuration."""
        self._delivery.start(self.resume(mail, resolver))

    def _redirected(self, mail: Queued, wishes: tuple[Wish, ...]) -> Queued:
        """REDIRECT replaces all recipients; the last one wins."""
        wish = _wish(wishes, "REDIRECT")
        if wish is None:
            return mail
        self._observer.settled(mail.queue_id, "redirected")
        # The first one's original address, ORCPT and NOTIFY stay (qmgr_message_resolve, after qmgr_message_sort).
        first = sorted(mail.recipients, key=by_domain)[:1]
        wanted = {wish.argument: mail.wanted[first[0]][:1]} if first and first[0] in mail.wanted else {}
        return replace(
            mail, recipients=(wish.argument,), originals={wish.argument: called(mail, first)}, wanted=wanted,
        )  # fmt: skip

    async def _committed(self, mail: Queued, stored: Sequence[Queued], removed: Sequence[str] = ()) -> bool:
        """Change the queue in one step; False, and logged, when that cannot be."""
        try:
            await self._queue.commit(stored, removed)
        except OSError as error:
            self._log.line("cleanup", mail.pid, f"warning: {mail.queue_id}: write queue file: {error.strerror}")
            return False
        return True

    # -- content -----------------------------------------------------------------------------------------------------

    async def _examine_stored(self, mail: Queued, session: Session | None, resolver: Resolver | None = None) -> None:
        """Examine a mail that is in the queue; when that fails it stays there unexamined, and is taken up later."""
        assert mail.unexamined is not None
        try:
            outcome = await self._examine(mail, *mail.unexamined, session, resolver)
            if await self._pass_on(mail, outcome, stored=True):
                return
        except Exception as error:
            self._log.line("ravmd", mail.pid, f"warning: {mail.queue_id}: not examined: {error!r}")
            _report_exception(error)
        dns = resolver or (session.dns if session is not None else None)
        self._delivery.later(mail, lambda again: self._delivery.start(self._examine_stored(again, None, dns)))

    async def _examine(
        self,
        mail: Queued,
        client_address: str,
        client_name: str,
        session: Session | None,  # None after a restart: nobody is waiting
        resolver: Resolver | None = None,
    ) -> Outcome:
        """Let the content engine look at it."""
        from harness.gateway.content.outcome import Mail

        assert self._engine is not None
        outcome: Outcome = await self._engine.examine(
            Mail(
                mail.queue_id, mail.sender, mail.recipients, client_address, client_name, mail.data,
            ),
            self._keep,
            self._log.clock,
            self._hostname,
            session.dns if session is not None else resolver,
        )  # fmt: skip
        for line in outcome.log:
            self._log.line("ravmd", mail.pid, line)
        if session is not None:
            session.trace.extend(outcome.trace)
        return outcome

    async def _refuse_or_pass_on(self, session: Session, mail: Queued, outcome: Outcome) -> Reply | None:
        """Do what the engine said of a mail whose client is waiting: refused for everybody means refused."""
        refused = list(outcome.refused.values())
        if refused and not outcome.deliveries:
            notices = self._notices(mail, outcome)
            if not await self._committed(mail, notices):
                return WRITE_ERROR
            self._tell(mail, outcome, notices)
            self._say(session, mail, "reject", f"{refused[0][0]} {refused[0][1]}")
            return reply(550, *refused[0])
        if not await self._pass_on(mail, outcome, stored=False):
            return WRITE_ERROR
        if outcome.discarded and not outcome.deliveries:
            self._say(session, mail, "discard", "milter triggers DISCARD action")
        return None

    def _say(self, session: Session, mail: Queued, action: str, text: str) -> None:
        """Before the queue the engine stands where a milter would, and cleanup logs what a milter decides."""
        helo = f" helo=<{session.helo_name}>" if session.helo_name is not None else ""
        self._log.line(
            "cleanup", mail.pid,
            f"{mail.queue_id}: milter-{action}: END-OF-MESSAGE from {session.client.namaddr}: {text}; "
            f"from=<{quote_address(mail.sender)}> to=<{quote_address(mail.recipients[-1])}> "
            f"proto={session.protocol}{helo}",
        )  # fmt: skip

    async def _pass_on(self, mail: Queued, outcome: Outcome, *, stored: bool) -> bool:
        """Queue, in one step, all that is left of the mail and all that is to be said about it.

        The first part keeps the mail's own id, those of other groups get new ones.  False: nothing has changed.
        """
        parts = []
        for index, (recipients, data) in enumerate(outcome.deliveries):
            part = replace(mail, recipients=tuple(recipients), data=data, unexamined=None)
            if index:
                part = replace(part, queue_id=self._queue.new_id(), about=mail.queue_id)
            parts.append(part)
        notices = self._notices(mail, outcome)
        refused = [Attempt(recipient, status, text) for recipient, (status, text) in outcome.refused.items()]
        bounces = self._delivery.bounce(replace(mail, returned="HDRS"), refused)  # and not the virus
        gone = (mail.queue_id,) if stored and not parts else ()
        # A mail that goes on whole, and of which nobody was told, stays on disk as it came: after a crash it is looked
        # at once more, and the same comes of it.
        whole = [part.recipients for part in parts] == [mail.recipients] and not outcome.quarantined
        if not (stored and whole and not notices and not bounces) and not await self._committed(
            mail, (*parts, *notices, *bounces), gone
        ):
            return False
        if not parts:
            self._log.line("qmgr", mail.pid, f"{mail.queue_id}: removed")
        for part in parts:
            self._delivery.begin(part)
        self._tell(mail, outcome, notices)
        if refused:
            self._observer.settled(mail.queue_id, "bounced")
        self._delivery.announce(bounces)
        return True

    def _notices(self, mail: Queued, outcome: Outcome) -> list[Queued]:
        return [self._delivery.notice(notice.kind, mail, notice.to, notice.data) for notice in outcome.notices]

    def _tell(self, mail: Queued, outcome: Outcome, notices: list[Queued]) -> None:
        for kept in outcome.quarantined:
            self._observer.kept(Kept(kept.name, mail.queue_id, kept.path, kept.reason, kept.data))
        if outcome.quarantined:
            self._observer.settled(mail.queue_id, "quarantined")
        if outcome.discarded:
            self._observer.settled(mail.queue_id, "discarded")
        self._delivery.announce(notices)

    def _keep(self, name: str, data: bytes) -> bool:
        """Put an object into quarantine, synced; False when that fails."""
        return self._quarantine.keep(name, data)


def _prepended(session: Session) -> list[bytes]:
    return [wish.argument.encode("utf-8", "surrogateescape") for wish in session.wishes if wish.action == "PREPEND"]


def _wish(wishes: Sequence[Wish], action: str) -> Wish | None:
    return next((wish for wish in reversed(wishes) if wish.action == action), None) if wishes else None


def _report_exception(error: Exception) -> None:
    """A fault of ours must show, whatever becomes of the mail."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # direct mode
        raise error from None
    loop.call_exception_handler({"message": "content engine failed", "exception": error})
