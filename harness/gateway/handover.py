"""handover - give one mail to one next hop, by the agent its transport names; what came of each recipient. (IO)"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from harness.gateway.dns import Found, Resolver
from harness.gateway.dsn import Attempt
from harness.gateway.maillog import MailLog
from harness.gateway.queued import Queued, called, needs_utf8
from harness.gateway.smtp_client import Envelope, Sent
from harness.gateway.smtp_connection import Unreachable
from harness.smtp.address import quote_address
from harness.smtp.data import break_lines
from harness.smtp.reply import Reply

Send = Callable[[str, str, Envelope, bytes], Awaitable[Sent]]
"""Next hop as transport_maps writes it, the same as the log shows it, envelope, data -> the replies.  Unreachable."""

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\s*(.*)", re.DOTALL)
SMTP = frozenset({"smtp", "relay", "lmtp", "smtps"})  # transports that speak SMTP to a next hop
DISCARDING = frozenset({"discard", "qmgr"})  # discard(8), and what qmgr(8) itself has done with
_ELSEWHERE = frozenset({"local", "virtual", "pipe", "uucp", "procmail", "maildrop"})  # what a gateway does not have


class Handover:
    """The delivery agents: smtp, discard, error and retry.  Each writes the log line of its recipients."""

    def __init__(
        self,
        log: MailLog,
        resolver: Resolver,
        send: Send,
        kept: Callable[[str], str] = lambda nexthop: "",
        line_limit: int = 998,
        lmtp_line_limit: int = 998,
        *,
        soft_bounce: bool = False,
    ) -> None:
        self._soft = soft_bounce
        """`kept`: a next hop as the log shows it, if it was found a moment ago."""
        self._log, self._resolver, self._send, self._kept = log, resolver, send, kept
        self._line_limit, self._lmtp_line_limit = line_limit, lmtp_line_limit

    async def give(self, mail: Queued, transport: str, nexthop: str, recipients: Sequence[str]) -> list[Attempt]:
        """One attempt for each recipient; never raises for what the next hop does."""
        if transport in DISCARDING:
            return self.discard(mail, nexthop, recipients, transport)
        if transport in SMTP:
            return await self._over_smtp(mail, transport, nexthop, recipients)
        status, text = self._no_agent(transport, nexthop, mail)
        status, fate = self._fate(status)
        for to in _shown(mail, recipients):
            self._say("error", mail, to, "none", status, fate, text)
        return [Attempt(recipient, status, text) for recipient in recipients]

    def discard(self, mail: Queued, nexthop: str, recipients: Sequence[str], program: str = "discard") -> list[Attempt]:
        """Throw it away, which is a success."""
        text = nexthop or "discarded"
        for to in _shown(mail, recipients):
            self._say(program, mail, to, "none", "2.0.0", "sent", text)
        return [Attempt(recipient, "2.0.0", text, action="delivered") for recipient in recipients]

    def _fate(self, status: str) -> tuple[str, str]:
        """What the log calls a failure, and its status: with soft_bounce nothing bounces (bounce_append)."""
        if status[0] != "5":
            return status, "deferred"
        return (f"4{status[1:]}", "SOFTBOUNCE") if self._soft else (status, "bounced")

    def _no_agent(self, transport: str, nexthop: str, mail: Queued) -> tuple[str, str]:
        """What error(8) and retry(8) say, and what qmgr(8) says of a transport that is not in master.cf."""
        if transport in ("error", "retry"):
            default = "5.0.0" if transport == "error" else "4.0.0"
            found = _STATUS.match(nexthop)
            return (found[1], found[2]) if found else (default, nexthop or "Address is undeliverable")
        if transport in _ELSEWHERE:
            return "5.3.5", f"mail transport {transport} unavailable"
        self._log.line(
            "qmgr", mail.pid, f"warning: connect to transport private/{transport}: No such file or directory"
        )
        return "4.3.0", "mail transport unavailable"

    async def _over_smtp(self, mail: Queued, agent: str, nexthop: str, recipients: Sequence[str]) -> list[Attempt]:
        host = self._kept(nexthop) or await self._host(nexthop)
        wanted = {recipient: mail.wanted[recipient][0] for recipient in recipients if recipient in mail.wanted}
        envelope = Envelope(
            mail.sender, tuple(recipients), mail.envelope_id, mail.returned, wanted, mail.utf8, needs_utf8(mail)
        )
        data = break_lines(mail.data, self._lmtp_line_limit if agent == "lmtp" else self._line_limit)
        try:
            sent = await self._send(nexthop, host, envelope, data)
        except Unreachable as error:
            for to in _shown(mail, recipients):
                self._say(agent, mail, to, "none", "4.4.1", "deferred", str(error))
            return [Attempt(recipient, "4.4.1", str(error)) for recipient in recipients]
        attempts = []
        shown, name = host.rpartition(":")[0], host.partition("[")[0]
        relay = host if sent.uses == 1 else f"{host}, conn_use={sent.uses}"
        for recipient, to in zip(recipients, _shown(mail, recipients), strict=True):
            if recipient not in sent.replies:
                assert sent.lost is not None
                status, why = sent.lost
                status, fate = self._fate(status)
                self._say(agent, mail, to, relay, status, fate, why)
                attempts.append(Attempt(recipient, status, why))
                continue
            reply, command = sent.replies[recipient]
            said = _said(reply)
            if reply.code < 400:
                status = reply.status or f"{str(reply.code)[:1]}.0.0"
                self._say(agent, mail, to, relay, status, "sent", said)
                # A next hop that knows DSN reports by itself (smtp_rcpt_done).
                action = "" if sent.dsn else "delivered" if agent == "lmtp" else "relayed"
                attempts.append(Attempt(recipient, status, f"delivery via {host}: {said}", name, said, action))
                continue
            status = reply.status or f"{str(reply.code)[:1]}.0.0"
            status = f"4{status[1:]}" if sent.soft else status
            why = f"host {shown} said: {said} (in reply to {command} command)"
            if command in ("initial server greeting", "HELO"):
                why = f"host {shown} refused to talk to me: {said}"
            status, fate = self._fate(status)
            self._say(agent, mail, to, relay, status, fate, why)
            attempts.append(Attempt(recipient, status, why, name, said))
        return attempts

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

    def _say(self, agent: str, mail: Queued, to: str, relay: str, dsn: str, status: str, text: str) -> None:
        spent = shown_delay(self._log.clock.now() - mail.arrived_at)
        program = "lmtp" if agent == "lmtp" else "smtp" if agent in SMTP else agent
        self._log.line(
            program, mail.pid,
            f"{mail.queue_id}: {to}, relay={relay}, delay={spent}, "
            f"delays={spent}/0/0/0, dsn={dsn}, status={status} ({text})",
        )  # fmt: skip


def _shown(mail: Queued, recipients: Sequence[str]) -> list[str]:
    """The recipients as log lines have them: `to=<address>`, and what the sender called it where that is another."""
    return [
        f"to=<{quote_address(one)}>" + (f", orig_to=<{quote_address(name)}>" if name.lower() != one.lower() else "")
        for one, name in zip(recipients, called(mail, recipients), strict=True)
    ]


def shown_delay(delay_s: float) -> str:
    """Seconds as delay= shows them: two digits that count, nothing below 10 ms.  Source: format_tv.c."""
    if delay_s >= 10:
        return str(round(delay_s))
    return f"{max(0.0, round(delay_s, 2)):.2g}"


def _said(reply: Reply) -> str:
    return " ".join(str(reply).split("\n"))
