"""delivery - take a mail from the queue to where it belongs, logged as qmgr, smtp, error and bounce do. (IO)"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any

from harness.gateway.bounce import Failure, bounce
from harness.gateway.dns import Found, Resolver
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Notified, Observer
from harness.gateway.queue import Queue, Queued
from harness.gateway.resolve import Resolved, routes
from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Sent, Unreachable, send
from harness.smtp.address import quote_address
from harness.smtp.reply import Reply

Route = Callable[[str], tuple[str, int]]
"""Next hop as transport_maps writes it -> the address to connect to."""

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\s*(.*)", re.DOTALL)
_AGENTS = ("smtp", "relay", "lmtp", "smtps")  # transports that speak SMTP to a next hop


class Delivery:
    """Delivers in the background; `settle` waits until nothing is under way."""

    def __init__(
        self, settings: Settings, queue: Queue, log: MailLog, resolver: Resolver, route: Route, observer: Observer
    ) -> None:
        self._routes = routes(settings)
        self._queue, self._log, self._resolver, self._route, self._observer = queue, log, resolver, route, observer
        self._hostname = settings.text("myhostname")
        self._retry_s, self._retry_max_s = (
            settings.seconds("minimal_backoff_time"),
            settings.seconds("maximal_backoff_time"),
        )
        self._lifetime_s = settings.seconds("maximal_queue_lifetime")
        self._pool = asyncio.Semaphore(20)  # default_process_limit is 100; a test machine has two cores
        self._under_way: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def begin(self, mail: Queued) -> None:
        """Start to deliver a mail that is safe in the queue."""
        self._start(self._deliver(mail))

    def discard(self, mail: Queued) -> None:
        """Throw away, at once, a mail that is to be thrown away for everybody and was never put into the queue."""
        if self._log.sinks:  # or nobody reads it
            self._active(mail)
            for recipient in mail.recipients:
                nexthop = self._routes.resolve(recipient).nexthop
                self._say("discard", mail, recipient, "none", "2.0.0", "sent", nexthop or "discarded")
            self._log.line("qmgr", mail.pid, f"{mail.queue_id}: removed")
        self._observer.settled(mail.queue_id, "discarded")

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

    # The three places at which delivery touches the world; direct mode puts its own there.

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, nexthop: str, host: str, mail: Queued, recipients: list[str]) -> Sent:
        return await send(self._route(nexthop), host, self._hostname, mail.sender, recipients, mail.data)

    def _later(self, delay_s: float, mail: Queued) -> None:
        loop = asyncio.get_running_loop()
        self._timers[mail.queue_id] = loop.call_later(delay_s, self.begin, mail)

    async def _deliver(self, mail: Queued) -> None:
        async with self._pool:
            queue_id, pid = mail.queue_id, mail.pid
            self._active(mail)
            failures: list[Failure] = []
            later: list[str] = []
            for resolved, recipients in self._by_next_hop(mail.recipients):
                async for recipient, status, why, remote in self._hand_over(mail, resolved, recipients):
                    if status.startswith("5"):
                        failures.append(Failure(recipient, status, why, remote))
                    elif status.startswith("4"):
                        later.append(recipient)
            if later and self._log.clock.now() - mail.arrived_at > self._lifetime_s:
                self._log.line(
                    "qmgr", pid, f"{queue_id}: from=<{quote_address(mail.sender)}>, status=expired, returned to sender"
                )
                failures += [
                    Failure(recipient, "4.4.7", "delivery temporarily suspended: expired") for recipient in later
                ]
                later = []
            if failures:
                await self._bounce(mail, failures)
            if later:
                rest = replace(mail, recipients=tuple(later))
                if rest != mail:  # on disk too: after a restart nobody may get it twice
                    await self._queue.store(rest)
                self._again(rest)
                return
            self._queue.remove(queue_id)
            self._log.line("qmgr", pid, f"{queue_id}: removed")

    def _active(self, mail: Queued) -> None:
        sender, size = quote_address(mail.sender), len(mail.data)
        self._log.line(
            "qmgr",
            mail.pid,
            f"{mail.queue_id}: from=<{sender}>, size={size}, nrcpt={len(mail.recipients)} (queue active)",
        )

    def _by_next_hop(self, recipients: Iterable[str]) -> list[tuple[Resolved, list[str]]]:
        groups: dict[tuple[str, str], tuple[Resolved, list[str]]] = {}
        for recipient in recipients:
            resolved = self._routes.resolve(recipient)
            groups.setdefault((resolved.transport, resolved.nexthop), (resolved, []))[1].append(recipient)
        return list(groups.values())

    async def _hand_over(self, mail: Queued, resolved: Resolved, recipients: list[str]):  # type: ignore[no-untyped-def]
        """(recipient, status, why, remote host) for each recipient of one next hop."""
        transport = resolved.transport
        if transport == "discard":
            for recipient in recipients:
                self._say("discard", mail, recipient, "none", "2.0.0", "sent", resolved.nexthop or "discarded")
                self._observer.settled(mail.queue_id, "discarded")
                yield recipient, "2.0.0", "", ""
        elif transport in _AGENTS:
            async for one in self._over_smtp(mail, resolved, recipients):
                yield one
        else:
            status, text = self._local_error(resolved)
            for recipient in recipients:
                fate = "bounced" if status.startswith("5") else "deferred"
                self._say("error", mail, recipient, "none", status, fate, text)
                yield recipient, status, text, ""

    def _local_error(self, resolved: Resolved) -> tuple[str, str]:
        """What error(8) and retry(8) say; a transport that is not here (local, virtual, ...) is an error, too."""
        if resolved.transport in ("error", "retry"):
            default = "5.0.0" if resolved.transport == "error" else "4.0.0"
            found = _STATUS.match(resolved.nexthop)
            return (found[1], found[2]) if found else (default, resolved.nexthop or "Address is undeliverable")
        return "5.3.5", f"mail transport {resolved.transport} unavailable"

    async def _over_smtp(self, mail: Queued, resolved: Resolved, recipients: list[str]):  # type: ignore[no-untyped-def]
        host = await self._host(resolved.nexthop)
        try:
            sent = await self._send(resolved.nexthop, host, mail, recipients)
        except Unreachable as error:
            for recipient in recipients:
                self._say("smtp", mail, recipient, "none", "4.4.1", "deferred", str(error))
                yield recipient, "4.4.1", str(error), ""
            return
        for recipient in recipients:
            reply, command = sent.replies[recipient]
            status = reply.status or f"{str(reply.code)[:1]}.0.0"
            if reply.code < 400:
                self._say("smtp", mail, recipient, host, status, "sent", _said(reply))
                self._observer.settled(mail.queue_id, "delivered")
                yield recipient, status, "", host
                continue
            why = f"host {host.rpartition(':')[0]} said: {_said(reply)} (in reply to {command} command)"
            self._say("smtp", mail, recipient, host, status, "bounced" if reply.code >= 500 else "deferred", why)
            yield recipient, status, why, host.partition("[")[0]

    async def _host(self, nexthop: str) -> str:
        """`mail.inside.ok.test[192.168.1.25]:25`, as smtp(8) would find it: by address, or by MX and address."""
        name, port = nexthop, "25"
        if name.startswith("["):
            name, _, rest = name[1:].partition("]")
            port = rest.removeprefix(":") or port
        else:
            name, colon, written = nexthop.partition(":")
            port = written if colon else port
            answer = await self._resolver.lookup(name, "MX")
            if isinstance(answer, Found):
                name = min(answer.records, key=lambda record: record.preference).data
        answer = await self._resolver.lookup(name, "A")
        address = answer.records[0].data if isinstance(answer, Found) else name
        return f"{name}[{address}]:{port}"

    def _say(self, agent: str, mail: Queued, recipient: str, relay: str, dsn: str, status: str, text: str) -> None:
        delay = max(0.0, self._log.clock.now() - mail.arrived_at)
        spent = f"{delay:.2g}" if delay else "0"
        self._log.line(
            agent, mail.pid, f"{mail.queue_id}: to=<{quote_address(recipient)}>, relay={relay}, delay={spent}, "
            f"delays={spent}/0/0/0, dsn={dsn}, status={status} ({text})",
        )  # fmt: skip

    def _again(self, mail: Queued) -> None:
        """Keep it for another try, later each time."""
        age = self._log.clock.now() - mail.arrived_at
        self._observer.settled(mail.queue_id, "queued")
        self._later(min(max(self._retry_s, age), self._retry_max_s), mail)

    async def _bounce(self, mail: Queued, failures: list[Failure]) -> None:
        """Tell the sender; a mail from the null sender is dropped, for a bounce is never bounced (RFC 5321 6.1)."""
        if not mail.sender:
            self._log.line("bounce", mail.pid, f"{mail.queue_id}: undeliverable postmaster notification discarded")
            self._observer.settled(mail.queue_id, "bounced")
            return
        await self.notify_sender(mail, failures)
        self._observer.settled(mail.queue_id, "bounced")

    async def notify_sender(self, mail: Queued, failures: list[Failure]) -> None:
        """Queue a bounce and start to deliver it."""
        queue_id, now = self._queue.new_id(), self._log.clock.now()
        data = bounce(
            mail.data, mail.sender, failures, queue_id=queue_id, about=mail.queue_id, hostname=self._hostname, now=now
        )
        self._log.line("bounce", mail.pid, f"{mail.queue_id}: sender non-delivery notification: {queue_id}")
        await self.write("bounce", mail, mail.sender, data, queue_id)

    async def write(self, kind: str, about: Queued, recipient: str, data: bytes, queue_id: str = "") -> None:
        """Queue a mail of the gateway's own, from the null sender, and start to deliver it."""
        queue_id = queue_id or self._queue.new_id()
        self._observer.notified(Notified(kind, about.queue_id, recipient, data))
        notice = Queued(
            queue_id, "", (recipient,), self._log.clock.now(), about.pid, notice=kind, about=about.queue_id, data=data
        )
        self._log.line("cleanup", about.pid, f"{queue_id}: message-id=<{queue_id}@{self._hostname}>")
        await self._queue.store(notice)
        self.begin(notice)


def _said(reply: Reply) -> str:
    return " ".join(str(reply).split("\n"))
