"""reference - the reference gateway, embedded: same process, same event loop, no root, no network. (IO)"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from harness.gateway.clamd import Clamd
from harness.gateway.content.examine import Engine
from harness.gateway.maillog import MailLog
from harness.gateway.message import parse_message
from harness.gateway.observer import Kept, Notified, Observer
from harness.gateway.resolver import StubResolver
from harness.gateway.server import Gateway
from harness.gateway.session import Asked, Session
from harness.gateway.settings import Settings
from harness.gateway.turns import Turns
from harness.observation import AskedRule, DnsQuery, LogLine, Notification, Quarantined
from harness.smtp.address import quote_address
from harness.target import TRUSTED, Address, Running, SessionRecord, TargetRecord, Via, World, targets

PATIENCE_S = 0.5  # for one attempt of a DNS question
ATTEMPTS = 2
_LINE = re.compile(r"\S+ +\d+ [\d:]+ \S+ (?:postfix/)?([\w-]+)\[(\d+)\]: (.*)\Z", re.DOTALL)
_QUEUE_ID = re.compile(r"([0-9A-F]{6,20}): ")


@targets.register("reference")
class ReferenceTarget:
    """Runs anywhere."""

    name = "reference"
    takes, ours = "", True

    def missing(self) -> str:
        """Nothing ever is."""
        return ""

    async def start(self, world: World) -> Running:
        """Start the gateway on a free port.  Raises ConfigError."""
        settings = Settings.load(world.config, {**TRUSTED, **world.set})
        settings.haste = world.haste
        engine = Engine.load(world.config / "rav", world.rav, Clamd, polite=Turns)
        witness = Witness()
        log = MailLog(world.clock, settings.text("myhostname"), witness.log_line)
        if (where := world.options.get("log")) is not None:
            stream = sys.stderr if where == "-" else Path(where).open("a", encoding="utf-8")  # noqa: SIM115, ASYNC230
            log.sinks.append(lambda line: print(line, file=stream, flush=True))

        def late_warning(text: str) -> None:
            log.line("smtpd", 0, f"warning: {text}")

        settings.listen(late_warning)
        resolver = StubResolver(world.dns, timeout_s=PATIENCE_S / world.haste, attempts=ATTEMPTS)
        gateway = Gateway(
            settings, engine, resolver, log, world.workdir / "queue", lambda nexthop: world.next_hop, witness,
            record_dns=True,
        )  # fmt: skip
        host, _, port = world.options.get("listen", "127.0.0.1:0").rpartition(":")
        return _Running(gateway, resolver, witness, await gateway.start(host, int(port)), tuple(settings.warnings))


class Witness(Observer):
    """Keeps what the gateway tells."""

    def __init__(self) -> None:
        self.by_peer: dict[Address, Session] = {}
        self.sessions: dict[int, Session] = {}
        self.ids: dict[int, list[str]] = {}
        self.accounts: list[tuple[str, str]] = []
        self.notices: list[Notification] = []
        self.quarantine: list[Quarantined] = []
        self.lines: list[LogLine] = []
        self.by_pid: dict[int, list[LogLine]] = {}

    def session_began(self, session: Session, peer: Address) -> None:
        self.by_peer[peer] = session

    def queued(self, session: Session, queue_id: str) -> None:
        self.ids.setdefault(session.number, []).append(queue_id)

    def settled(self, queue_id: str, fate: str) -> None:
        waiting = (queue_id, "queued")
        if waiting in self.accounts:  # no end any more: it has been tried again
            self.accounts.remove(waiting)
        self.accounts.append((queue_id, fate))

    def notified(self, notice: Notified) -> None:
        message = parse_message(notice.data)
        data = notice.data.replace(b"\n", b"\r\n")
        self.notices.append(
            Notification(
                notice.kind,
                notice.about,
                "",
                quote_address(notice.recipient),
                message.text("Subject"),
                data,
            )
        )

    def kept(self, kept: Kept) -> None:
        self.quarantine.append(Quarantined(kept.name, kept.about, kept.path, kept.reason, kept.data))

    def log_line(self, line: str) -> None:
        parts = _LINE.match(line)
        assert parts is not None, line
        queue_id = _QUEUE_ID.match(parts[3])
        made = LogLine(parts[1], parts[3], queue_id[1] if queue_id else "")
        self.lines.append(made)
        self.by_pid.setdefault(int(parts[2]), []).append(made)

    def record_of(self, client: Address) -> SessionRecord:
        """The connection that came from this address and port."""
        session = self.by_peer.get(client)
        if session is None:
            return SessionRecord()
        asked = getattr(session.dns, "asked", ())
        return SessionRecord(
            tuple(self.ids.get(session.number, ())),
            tuple(_asked(line) for line in session.trace),
            tuple(self.by_pid.get(session.number, ())),
            tuple(DnsQuery(name, rtype, outcome) for name, rtype, outcome in asked),
        )

    def record(self, warnings: tuple[str, ...]) -> TargetRecord:
        """The run as a whole."""
        return TargetRecord(
            tuple(self.lines), tuple(self.notices), tuple(self.quarantine), tuple(self.accounts), warnings
        )


class _Running:
    """The gateway, started."""

    # As with the real Postfix: a local client that is none of our interfaces (permit_inet_interfaces looks at the
    # socket).  Elsewhere loopback has one address only.
    source: str | None = "127.0.0.2" if sys.platform == "linux" else None
    via: Via | None = None

    def __init__(
        self, gateway: Gateway, resolver: StubResolver, witness: Witness, smtp: Address, warnings: tuple[str, ...]
    ) -> None:
        self.gateway, self.resolver, self.witness, self.smtp, self.warnings = gateway, resolver, witness, smtp, warnings

    async def settle(self, timeout_s: float) -> None:
        """Wait for sessions and deliveries under way, so long and no longer."""
        try:
            await asyncio.wait_for(self.gateway.settle(), timeout_s)
        except TimeoutError:
            return  # what has not arrived by then is missing, and conservation will say so

    async def try_again(self) -> None:
        """Try what is due: the clock of the world is the gateway's, too."""
        self.gateway.try_again()

    def session(self, client: Address) -> SessionRecord:
        """The connection that came from this address and port."""
        return self.witness.record_of(client)

    def record(self) -> TargetRecord:
        """The run as a whole."""
        return self.witness.record(self.warnings)

    async def stop(self) -> None:
        """Close every socket."""
        await self.gateway.stop()
        await self.resolver.close()


def _asked(line: Asked) -> AskedRule:
    return AskedRule(line.phase, line.place, line.element, line.rule, line.said, line.decided)
