"""direct - a plan -> an Observation, as `run` makes it, but decided in memory: no socket, no file, no event loop.

What takes time on the wire takes none here, so timing faults (`delay`) are not seen; everything else is the same.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import fakedns
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
from harness.replay.policy_server import beside
from harness.replay.script import duration
from harness.run import Played, configuration, joined, seen_of
from harness.target import TRUSTED
from harness.targets.reference import ATTEMPTS, PATIENCE_S, Witness

TARGET = "direct"


def observe(plan: Plan, only: Iterable[str] | None = None) -> Observation:
    """Play the sessions of a plan (those in `only`, if given), one after the other.  Raises ConfigError."""
    wanted = None if only is None else set(only)
    planned = [session for session in plan.sessions if wanted is None or session.session.id in wanted]
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir, contextlib.ExitStack() as undo:
        directory = configuration(plan, Path(workdir))
        settings = Settings.load(directory, {**TRUSTED, **beside(plan.scenario.policy, plan.set, undo)[0]})
        engine = Engine.load(directory / "rav", plan.rav)
        clock = HandClock(plan.clock_at)
        witness, hop = Witness(), MemoryHop(HopScript(plan.next_hop, clock))
        log = MailLog(clock, settings.text("myhostname"), witness.log_line)
        settings.listen(lambda text: log.line("smtpd", 0, f"warning: {text}"))
        asked_by: list[tuple[DnsQuery, ...]] = []
        faults = fakedns.Faults(plan.faults)
        gateway = DirectGateway(
            settings, engine, _resolver(plan, faults, None), log, witness, hop, patient=bool(plan.scenario.later)
        )
        played: list[Played] = []
        for port, one in enumerate(planned, 1):
            recording = RecordingResolver(_resolver(plan, faults, one.session.id))
            replayed = replay_direct(one.script, gateway, one.identity, port, recording, faults)
            played.append(Played(one, replayed))
            asked_by.append(tuple(DnsQuery(*query) for query in recording.asked))
        for text in plan.scenario.later:
            clock.turn(duration(text))
            gateway.try_again()
    record = witness.record(tuple(settings.warnings))
    asked = [query for queries in asked_by for query in queries]
    sessions: list[SessionSeen] = []
    for each, queries in zip(played, asked_by, strict=True):
        own = joined([witness.record_of(local) for local in (each.replayed.local, *each.replayed.others)])
        own = replace(own, dns_queries=queries)
        sessions.append(seen_of(each, own, record, tuple(d for d in hop.deliveries if d.queue_id in own.queue_ids)))
    undeclared = tuple(query for query in asked if plan.zone.enclosing(query.name) is None)
    return Observation(
        plan.name, plan.cell, TARGET, tuple(sessions), tuple(hop.deliveries), record.notifications, record.quarantine,
        record.log, tuple(asked), undeclared, record.warnings, 0.0, {"file": str(plan.file)},
    )  # fmt: skip


def _resolver(plan: Plan, faults: fakedns.Faults, session: str | None) -> ZoneResolver:
    """The world as one session sees it: the faults that are for it, or for everybody, counted together."""
    return ZoneResolver(
        plan.zone,
        faults,
        strict=plan.scenario.dns.strict,
        timeout_s=PATIENCE_S / plan.scenario.gateway.haste,
        attempts=ATTEMPTS,
        session=session,
    )
