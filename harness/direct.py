"""direct - a plan -> an Observation, as `run` makes it, but decided in memory: no socket, no file, no event loop.

What takes time on the wire takes none here, so timing faults (`delay`) are not seen; everything else is the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.clock import HandClock
from harness.gateway.content.examine import Engine
from harness.gateway.direct import DirectGateway
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import RecordingResolver, ZoneResolver
from harness.gateway.settings import Settings
from harness.observation import DnsQuery, Observation, SessionSeen
from harness.plan import Plan
from harness.replay.direct import MemoryHop, replay_direct
from harness.replay.hop_script import HopScript
from harness.replay.script import duration
from harness.run import Played, configuration, seen_of
from harness.targets.reference import PATIENCE_S, TRUSTED, Witness

TARGET = "direct"


def observe(plan: Plan, only: Iterable[str] | None = None) -> Observation:
    """Play the sessions of a plan (those in `only`, if given), one after the other.  Raises ConfigError."""
    wanted = None if only is None else set(only)
    planned = [session for session in plan.sessions if wanted is None or session.session.id in wanted]
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        directory = configuration(plan, Path(workdir))
        settings = Settings.load(directory, {**TRUSTED, **plan.set})
        engine = Engine.load(directory / "rav", plan.rav)
        clock = HandClock(plan.clock_at)
        witness, hop = Witness(), MemoryHop(HopScript(plan.next_hop, clock))
        log = MailLog(clock, settings.text("myhostname"), witness.log_line)
        settings.listen(lambda text: log.line("smtpd", 0, f"warning: {text}"))
        asked: list[DnsQuery] = []
        gateway = DirectGateway(
            settings, engine, _resolver(plan, None), log, witness, hop, patient=bool(plan.scenario.later)
        )
        played: list[Played] = []
        for port, one in enumerate(planned, 1):
            recording = RecordingResolver(_resolver(plan, one.session.id))
            played.append(Played(one, replay_direct(one.script, gateway, one.identity, port, recording)))
            asked.extend(DnsQuery(*query) for query in recording.asked)
        for text in plan.scenario.later:
            clock.turn(duration(text))
            gateway.try_again()
    record = witness.record(tuple(settings.warnings))
    sessions: list[SessionSeen] = []
    for each in played:
        own = witness.record_of(each.replayed.local)
        sessions.append(seen_of(each, own, record, tuple(d for d in hop.deliveries if d.queue_id in own.queue_ids)))
    undeclared = tuple(query for query in asked if plan.zone.enclosing(query.name) is None)
    return Observation(
        plan.name, plan.cell, TARGET, tuple(sessions), tuple(hop.deliveries), record.notifications, record.quarantine,
        record.log, tuple(asked), undeclared, record.warnings, 0.0, {"file": str(plan.file)},
    )  # fmt: skip


def _resolver(plan: Plan, session: str | None) -> ZoneResolver:
    """The world as one session sees it: the faults that are for it, or for everybody."""
    faults = [replace(fault, session=None) for fault in plan.faults if fault.session in (None, session)]
    return ZoneResolver(plan.zone, faults, strict=plan.scenario.dns.strict, timeout_s=PATIENCE_S)
