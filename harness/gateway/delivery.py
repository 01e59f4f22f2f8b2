"""delivery - take mail from the queue to where it belongs, tell senders what came of it, try again: qmgr(8). (IO)"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from harness.gateway.bounce import COPY, DELAY, DOUBLE, FAILURE, SUCCESS, WARNING, Kind, report
from harness.gateway.cleanup.rewrite import Rewriter
from harness.gateway.dns import Resolver
from harness.gateway.dsn import Attempt, noted, telling
from harness.gateway.handover import DISCARDING, Handover
from harness.gateway.maillog import MailLog
from harness.gateway.next_hops import NextHops, keeping
from harness.gateway.observer import Notified, Observer
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued, by_domain, called
from harness.gateway.resolve import routes
from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Envelope, Sent, manners
from harness.smtp.address import quote_address

Route = Callable[[str], tuple[str, int]]
"""Next hop as transport_maps writes it -> the address to connect to."""

_SAYS = {
    "bounce": "sender non-delivery notification",
    "delay": "sender delay notification",
    "success": "sender delivery status notification",
    "postmaster": "postmaster non-delivery notification",
}


class Delivery:
    """Delivers in the background; `settle` waits until nothing is under way.

    `long_lived`: connections to next hops are kept while much mail goes there.
    """

    def __init__(
        self,
        settings: Settings,
        queue: Queue,
        log: MailLog,
        resolver: Resolver,
        route: Route,
        observer: Observer,
        *,
        long_lived: bool = False,
    ) -> None:
        self._routes = routes(settings)
        self._queue, self._log, self._route, self._observer = queue, log, route, observer
        limits = settings.number("smtp_line_length_limit"), settings.number("lmtp_line_length_limit")
        self._rewriter = Rewriter(settings, lambda: routes(settings))
        self._hostname, self._manners = settings.text("myhostname"), manners(settings)
        self._hops = NextHops(self._hostname, self._manners, keeping(settings) if long_lived else None)
        self._handover = Handover(
            log, resolver, self._send, self._hops.kept, *limits, soft_bounce=settings.flag("soft_bounce")
        )
        self._double_bounce = settings.text("double_bounce_sender").lower()
        self._postmasters_sender = f"{settings.text('double_bounce_sender')}@{self._hostname}"
        self._classes = frozenset(settings.text("notify_classes").replace(",", " ").split())
        self._postmaster = {name: settings.text(f"{name}_notice_recipient") for name in ("2bounce", "bounce", "delay")}
        seconds = settings.seconds
        self._retry_s, self._retry_max_s = seconds("minimal_backoff_time"), seconds("maximal_backoff_time")
        self._lifetime_s, self._bounce_lifetime_s = seconds("maximal_queue_lifetime"), seconds("bounce_queue_lifetime")
        self._warning_s = seconds("delay_warning_time")
        self._size_limit = settings.number("bounce_size_limit")
        self._pool = asyncio.Semaphore(20)  # default_process_limit is 100; a test machine has two cores
        self._under_way: set[asyncio.Task[None]] = set()
        # When its next try is due, by the clock, and who begins it.
        self._waiting: dict[str, tuple[float, Queued, Callable[[Queued], None]]] = {}
        self._successor: Callable[[Queued], None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def begin(self, mail: Queued) -> None:
        """Start to deliver a mail that is safe in the queue."""
        self.start(self._deliver(mail))

    def later(self, mail: Queued, begin: Callable[[Queued], None]) -> None:
        """Begin anew with a mail that stays in the queue, later each time."""
        age = self._log.clock.now() - mail.arrived_at
        self._observer.settled(mail.queue_id, "queued")
        self._wait(min(max(self._retry_s, age), self._retry_max_s), mail, begin)

    def try_due(self) -> None:
        """Try what is due by the clock, which may have been turned; otherwise timers see to it."""
        now = self._log.clock.now()
        for queue_id in [queue_id for queue_id, (due_at, *_) in self._waiting.items() if due_at <= now]:
            self._due(queue_id)

    def hand_over(self, begin: Callable[[Queued], None]) -> None:
        """From now on another configuration begins what is to be tried again: qmgr(8), too, reads main.cf anew."""
        self._successor = begin

    def discard(self, mail: Queued) -> None:
        """Throw away, at once, a mail that is to be thrown away for everybody and was never put into the queue."""
        if self._log.sinks:  # or nobody reads it
            self._active(mail)
            for recipient in mail.recipients:
                self._handover.discard(mail, self._target(mail, recipient)[1], (recipient,))
            self._removed(mail)
        self._observer.settled(mail.queue_id, "discarded")

    def is_sealed(self, mail: Queued) -> bool:
        """Nothing can get lost of a mail that is thrown away for everybody, and nobody asked to be told."""
        return (
            not mail.wanted
            and bool(mail.data)
            and all(self._target(mail, one)[0] == "discard" for one in mail.recipients)
        )

    async def settle(self) -> None:
        """Wait until every mail has arrived, bounced, or waits for its next try."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def stop(self) -> None:
        """No more tries; what is in the queue stays there."""
        for timer in self._timers.values():
            timer.cancel()
        for task in tuple(self._under_way):
            task.cancel()
        self._hops.stop()

    # -- the three places at which delivery touches the world; direct mode puts its own there ------------------------

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this in the background; `settle` waits for it, `stop` ends it."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, nexthop: str, host: str, envelope: Envelope, data: bytes) -> Sent:
        return await self._hops.send(nexthop, self._route(nexthop), host, envelope, data)

    def _wait(self, delay_s: float, mail: Queued, begin: Callable[[Queued], None]) -> None:
        self._waiting[mail.queue_id] = self._log.clock.now() + delay_s, mail, begin
        self._timers[mail.queue_id] = asyncio.get_running_loop().call_later(delay_s, self._due, mail.queue_id)

    def _due(self, queue_id: str) -> None:
        if (timer := self._timers.pop(queue_id, None)) is not None:
            timer.cancel()
        _, mail, begin = self._waiting.pop(queue_id)
        (self._successor or begin)(mail)

    # -- mails of the gateway's own --------------------------------------------------------------------------------

    def notice(self, kind: str, about: Queued, recipient: str, data: bytes, queue_id: str = "") -> Queued:
        """A mail of the gateway's own, from the null sender, that is not in the queue yet."""
        return Queued(
            queue_id or self._queue.new_id(), "", (recipient,), self._log.clock.now(), about.pid,
            notice=kind, about=about.queue_id, utf8=about.utf8, data=data,
        )  # fmt: skip

    def bounce(self, mail: Queued, attempts: Sequence[Attempt]) -> list[Queued]:
        """The notice of these failures, if there is somebody who wants it."""
        return self._report("bounce", FAILURE, mail, telling(noted(attempts, mail.wanted, mail.originals), "FAILURE"))

    def announce(self, notices: Iterable[Queued]) -> None:
        """These notices are safe in the queue: say so, and start to deliver them."""
        for notice in notices:
            self._observer.notified(Notified(notice.notice, notice.about, notice.recipients[0], notice.data))
            self._log.line("cleanup", notice.pid, f"{notice.queue_id}: message-id=<{notice.queue_id}@{self._hostname}>")
            if notice.notice in _SAYS:
                self._log.line("bounce", notice.pid, f"{notice.about}: {_SAYS[notice.notice]}: {notice.queue_id}")
            self.begin(notice)

    def _report(self, name: str, kind: Kind, mail: Queued, attempts: Sequence[Attempt]) -> list[Queued]:
        if not attempts:
            return []
        if mail.sender and mail.sender.lower() == self._postmasters_sender.lower():
            text = f"warning: {mail.queue_id}: undeliverable postmaster notification discarded"
            self._log.line("bounce", mail.pid, text)
            return []
        # A bounce is never bounced (RFC 5321 6.1), but the postmaster may want to know.
        notices = [self._told(name, kind, mail, attempts)] if mail.sender else []
        if kind is FAILURE and not mail.sender and self._classes & {"bounce", "2bounce"}:
            notices.append(self._told("postmaster", DOUBLE, mail, attempts, self._postmaster["2bounce"]))
        elif kind is FAILURE and mail.sender and "bounce" in self._classes:
            notices.append(self._told("postmaster", COPY, mail, attempts, self._postmaster["bounce"]))
        elif kind is DELAY and "delay" in self._classes:
            notices.append(self._told("postmaster", WARNING, mail, attempts, self._postmaster["delay"]))
        return notices

    def _told(self, name: str, kind: Kind, mail: Queued, attempts: Sequence[Attempt], postmaster: str = "") -> Queued:
        """One notice, as bounce(8) posts it through cleanup(8): its recipient is mapped as any other."""
        queue_id, now = self._queue.new_id(), self._log.clock.now()
        recipients = self._rewriter.notified(postmaster or mail.sender)
        data = report(
            kind, mail, attempts, queue_id=queue_id, hostname=self._hostname, now=now, size_limit=self._size_limit,
            retry_until=mail.arrived_at + self._lifetime_s if kind in (DELAY, WARNING) else None,
            to=recipients[0] if postmaster else "",
        )  # fmt: skip
        notice = self.notice(name, mail, mail.sender, data, queue_id)
        return replace(notice, sender=self._postmasters_sender if postmaster else "", recipients=recipients)

    # -- one mail ----------------------------------------------------------------------------------------------------

    async def _deliver(self, mail: Queued) -> None:
        if not mail.data:  # not a line is left, Received: included: qmgr_message_read() takes that for a broken file
            self._log.line("qmgr", mail.pid, f"warning: {mail.queue_id}: invalid size record")
            self._log.line("qmgr", mail.pid, f'warning: saving corrupt file "{mail.queue_id}" to queue "corrupt"')
            try:
                self._queue.set_aside(mail)
            except OSError as error:
                self._log.line("qmgr", mail.pid, f"warning: {mail.queue_id}: write queue file: {error.strerror}")
                self.later(mail, self.begin)
            return
        mail = self._resolved(mail)
        async with self._pool:
            self._active(mail)
            settled, later = await self._attempt(mail)
            if later and self._is_expired(mail):
                self._log.line(
                    "qmgr",
                    mail.pid,
                    f"{mail.queue_id}: from=<{quote_address(mail.sender)}>, status=expired, returned to sender",
                )
                settled, later = [*settled, *later], []
            about = noted(settled, mail.wanted, mail.originals)
            failed = [attempt for attempt in about if not attempt.done]
            arrived = [attempt for attempt in about if attempt.done and attempt.action]
            notices = self._report("bounce", FAILURE, mail, telling(failed, "FAILURE"))
            notices += self._report("success", SUCCESS, mail, telling(arrived, "SUCCESS"))
            left, changed = tuple([attempt.recipient for attempt in later]), tuple[Queued, ...]()
            if later:
                late = self._is_late(mail)
                if late:
                    waiting = noted(later, mail.wanted, mail.originals)
                    notices += self._report("delay", DELAY, mail, telling(waiting, "DELAY"))
                rest = replace(mail, recipients=left, attempts=(), warned=mail.warned or late)
                changed = (rest,) if rest != mail else ()
            try:  # one step, on disk too: after a restart nobody gets it twice, and nobody is told twice
                await self._queue.commit((*changed, *notices), () if later else (mail.queue_id,))
            except OSError as error:
                self._log.line("qmgr", mail.pid, f"warning: {mail.queue_id}: write queue file: {error.strerror}")
                self.later(replace(mail, recipients=left, attempts=tuple(settled)), self.begin)
                return
            if failed:
                self._observer.settled(mail.queue_id, "bounced")
            self.announce(notices)
            if later:
                self.later(rest, self.begin)
            else:
                self._removed(mail)

    async def _attempt(self, mail: Queued) -> tuple[list[Attempt], list[Attempt]]:
        """Try every next hop once: what is settled for good or ill, and what has to be tried again.

        After each next hop but the last the queue file is brought up to date, so that a crash repeats none.
        """
        settled, later = list(mail.attempts), list[Attempt]()
        groups = self._by_next_hop(mail)
        for number, ((transport, nexthop), recipients) in enumerate(groups, 1):
            attempts = await self._handover.give(mail, transport, nexthop, recipients)
            for attempt in attempts:
                (settled if attempt.done or attempt.failed else later).append(attempt)
                if attempt.done:
                    fate = "discarded" if transport in DISCARDING else "delivered"
                    self._observer.settled(mail.queue_id, fate)
            if number < len(groups) and settled:
                gone = {attempt.recipient for attempt in settled}
                left = tuple(recipient for recipient in mail.recipients if recipient not in gone)
                try:
                    await self._queue.store(replace(mail, recipients=left, attempts=tuple(settled)))
                except OSError as error:
                    self._log.line("qmgr", mail.pid, f"warning: {mail.queue_id}: write queue file: {error.strerror}")
        return settled, later

    def _active(self, mail: Queued) -> None:
        sender, size = quote_address(mail.sender), len(mail.data)
        self._log.line(
            "qmgr",
            mail.pid,
            f"{mail.queue_id}: from=<{sender}>, size={size}, nrcpt={len(mail.recipients)} (queue active)",
        )

    def _removed(self, mail: Queued) -> None:
        self._log.line("qmgr", mail.pid, f"{mail.queue_id}: removed")

    def _is_expired(self, mail: Queued) -> bool:
        lifetime = self._lifetime_s if mail.sender else min(self._lifetime_s, self._bounce_lifetime_s)
        return self._log.clock.now() >= mail.arrived_at + lifetime

    def _is_late(self, mail: Queued) -> bool:
        return bool(
            self._warning_s
            and not mail.warned
            and mail.sender
            and self._log.clock.now() >= mail.arrived_at + self._warning_s
        )

    def _by_next_hop(self, mail: Queued) -> list[tuple[tuple[str, str], list[str]]]:
        groups: dict[tuple[str, str], tuple[tuple[str, str], list[str]]] = {}
        for recipient in sorted(mail.recipients, key=by_domain):
            transport, nexthop = target = self._target(mail, recipient)
            groups.setdefault((transport, nexthop.lower()), (target, []))[1].append(
                recipient
            )  # a queue's name is folded
        return list(groups.values())

    def _resolved(self, mail: Queued) -> Queued:
        """The mail with each recipient as trivial-rewrite(8) resolves it: that is whom qmgr(8) delivers to.

        Without append_at_myorigin cleanup(8) leaves an address without a domain, and resolve_addr() makes it one of
        $myhostname; with resolve_null_domain `user@` is one, too.
        """
        names = {one: self._routes.resolve(one).spelled or one for one in mail.recipients}
        if all(old == new for old, new in names.items()):
            return mail
        originals: dict[str, list[str]] = {}
        for old, name in zip(mail.recipients, called(mail, mail.recipients), strict=True):
            originals.setdefault(names[old], []).append(name)
        wanted = {names.get(one, one): what for one, what in mail.wanted.items()}
        recipients = tuple(names[one] for one in mail.recipients)
        return replace(mail, recipients=recipients, wanted=wanted, originals=originals)

    def _target(self, mail: Queued, recipient: str) -> tuple[str, str]:
        """(transport, next hop) of a recipient; a filter takes the place of what the address says."""
        resolved = self._routes.resolve(recipient)
        if not mail.filter:
            if resolved.address_class == "local" and resolved.recipient.rpartition("@")[0] == self._double_bounce:
                return "qmgr", "undeliverable postmaster notification discarded"  # qmgr_message_resolve()
            return resolved.transport, resolved.nexthop
        transport, _, nexthop = mail.filter.partition(":")
        return transport, nexthop or resolved.domain
