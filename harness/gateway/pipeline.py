"""pipeline - after end of data: cleanup, content before the queue, the queue, the reply, content after it, delivery."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from harness.gateway.bounce import Failure
from harness.gateway.cleanup import Cleanup
from harness.gateway.delivery import Delivery
from harness.gateway.dns import Resolver
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Kept, Observer
from harness.gateway.queue import Queue, Queued
from harness.gateway.resolve import routes
from harness.gateway.session import Session, Wish
from harness.gateway.settings import Settings
from harness.smtp.reply import Reply, reply

WRITE_ERROR = reply(451, "4.3.0", "Error: queue file write error")


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
        self._routes = routes(settings)
        self._hostname = settings.text("myhostname")
        self._engine = engine if engine is not None and engine.active else None
        self._content: set[Any] = set()

    async def accept(self, session: Session, data: bytes, too_big: bool) -> Reply:
        """The reply to the end of data; what has to happen later is on its way when it is given."""
        prepended = [w.argument.encode("utf-8", "surrogateescape") for w in session.wishes if w.action == "PREPEND"]
        cleaned = self._cleanup.process(session, session.queue_id, data, prepended, too_big=too_big)
        session.trace.extend(cleaned.trace)
        if cleaned.reply is not None:
            return cleaned.reply
        wishes = (*session.wishes, *cleaned.wishes)
        mail = Queued(
            session.queue_id,
            cleaned.sender,
            cleaned.recipients,
            self._log.clock.now(),
            session.number,
            data=cleaned.data,
        )
        done = reply(250, "2.0.0", f"Ok: queued as {mail.queue_id}")
        refused = await self._take(session, mail, wishes)
        if refused is not None:
            return refused
        self._observer.queued(session, mail.queue_id)
        return done

    async def _take(self, session: Session, mail: Queued, wishes: tuple[Wish, ...]) -> Reply | None:
        """Take the mail in, or give the reply that refuses it."""
        if _wish(wishes, "DISCARD") is not None:
            self._observer.settled(mail.queue_id, "discarded")
            return None
        mail = self._redirected(mail, wishes)
        hold = _wish(wishes, "HOLD") is not None
        if self._engine is not None and self._engine.mode == "before_queue" and not hold:
            return await self._examine(mail, session.client.address, session.client.name, session, before_queue=True)
        if self._engine is None and not hold and self._is_sealed(mail):
            self._delivery.discard(mail)
            return None
        mail = replace(mail, held=hold)
        if self._engine is not None:
            mail = replace(mail, unexamined=(session.client.address, session.client.name))
        if not await self._safe(mail):
            return WRITE_ERROR
        if hold:
            self._observer.settled(mail.queue_id, "held")
        elif self._engine is None:
            self._delivery.begin(mail)
        else:
            await self._examine(mail, session.client.address, session.client.name, session, before_queue=False)
        return None

    async def resume(self, mail: Queued, resolver: Resolver) -> None:
        """Take up a mail an earlier run left in the queue: what was not examined yet is examined now."""
        if mail.unexamined is None or self._engine is None:
            self._delivery.begin(mail)
        else:
            await self._examine(mail, *mail.unexamined, None, before_queue=False, resolver=resolver)

    def _redirected(self, mail: Queued, wishes: tuple[Wish, ...]) -> Queued:
        """REDIRECT replaces all recipients; the last one wins."""
        wish = _wish(wishes, "REDIRECT")
        if wish is None:
            return mail
        self._observer.settled(mail.queue_id, "redirected")
        return replace(mail, recipients=(wish.argument,))

    def _is_sealed(self, mail: Queued) -> bool:
        """Nothing can get lost of a mail that is thrown away for everybody."""
        return all(self._routes.resolve(recipient).transport == "discard" for recipient in mail.recipients)

    async def _safe(self, mail: Queued) -> bool:
        try:
            await self._queue.store(mail)
        except OSError as error:
            self._log.line("cleanup", mail.pid, f"warning: {mail.queue_id}: write queue file: {error.strerror}")
            return False
        return True

    async def _examine(
        self,
        mail: Queued,
        client_address: str,
        client_name: str,
        session: Session | None,  # None after a restart: nobody is waiting
        *,
        before_queue: bool,
        resolver: Resolver | None = None,
    ) -> Reply | None:
        """Let the content engine look, and do what it says; before the queue a refusal is the reply."""
        from harness.gateway.content.outcome import Mail

        assert self._engine is not None
        outcome = await self._engine.examine(
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
        failures = [Failure(recipient, status, text) for recipient, (status, text) in outcome.refused.items()]
        if before_queue and failures and not outcome.deliveries:
            await self._tell(mail, outcome)
            return reply(550, failures[0].status, failures[0].why)
        if await self._pass_on(mail, outcome.deliveries, stored=not before_queue) is not None:
            return WRITE_ERROR
        await self._tell(mail, outcome)
        if failures:
            self._observer.settled(mail.queue_id, "bounced")
            if mail.sender:
                await self._delivery.notify_sender(mail, failures)
        return None

    async def _pass_on(self, mail: Queued, deliveries: Any, *, stored: bool) -> Reply | None:
        """Queue what is left of the mail: the first part under its own id, those of other groups under new ones."""
        if not deliveries:
            self._queue.remove(mail.queue_id)
            self._log.line("qmgr", mail.pid, f"{mail.queue_id}: removed")
        for index, (recipients, data) in enumerate(deliveries):
            part = replace(mail, recipients=tuple(recipients), data=data, unexamined=None)
            if index:
                part = replace(part, queue_id=self._queue.new_id(), about=mail.queue_id)
            if (index or not stored or part != replace(mail, unexamined=None)) and not await self._safe(part):
                return WRITE_ERROR
            self._delivery.begin(part)
        return None

    async def _tell(self, mail: Queued, outcome: Any) -> None:
        for kept in outcome.quarantined:
            self._observer.kept(Kept(kept.name, mail.queue_id, kept.path, kept.reason, kept.data))
        if outcome.quarantined:
            self._observer.settled(mail.queue_id, "quarantined")
        if outcome.discarded:
            self._observer.settled(mail.queue_id, "discarded")
        for notice in outcome.notices:
            await self._delivery.write(notice.kind, mail, notice.to, notice.data)

    def _keep(self, name: str, data: bytes) -> bool:
        """Put an object into quarantine, synced; False when that fails."""
        directory = self._queue.directory.parent / "quarantine"
        try:
            directory.mkdir(exist_ok=True)
            path = directory / name.replace("/", "_")
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._log.line("ravmd", 0, f"warning: quarantine {name}: {error.strerror}")
            return False
        return True


def _wish(wishes: tuple[Wish, ...], action: str) -> Wish | None:
    return next((wish for wish in reversed(wishes) if wish.action == action), None) if wishes else None
