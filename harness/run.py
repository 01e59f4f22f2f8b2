"""run - a plan -> an Observation: start DNS, next hop and target, replay, collect, stop.  It judges nothing. (IO)

Everything lives on one event loop.  Sessions run side by side; one that is `alone` (its DNS questions are asserted, or
a fault is meant for it) runs by itself, so that whatever is asked meanwhile was asked because of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import fakedns
from harness.clock import HandClock
from harness.errors import ConfigError, TargetError
from harness.fate import verdict_of
from harness.observation import (
    AskedRule,
    Delivery,
    DnsQuery,
    LogLine,
    Notification,
    Observation,
    Quarantined,
    SessionSeen,
)
from harness.plan import Plan, PlannedSession, placed
from harness.replay.client import Replayed, replay
from harness.replay.hop_script import HopScript
from harness.replay.identity import Identity
from harness.replay.policy_server import beside
from harness.replay.script import duration
from harness.replay.sink import Sink
from harness.replay.step import DnsFault
from harness.scenario import HopRule
from harness.target import Running, SessionRecord, Target, TargetRecord, Via, World

_AT_ONCE = 16  # sessions side by side
_TIMEOUT_S = 10.0  # for one reply
_SETTLE_S = 10.0  # for what was accepted to arrive somewhere


@dataclass(frozen=True)
class _Ends:
    """Our DNS and next hop as a target sees them that lives in a network of its own."""

    dns: fakedns.FakeDns
    sink: Sink

    async def serve_dns(self, udp: socket.socket, tcp: socket.socket) -> None:
        await self.dns.serve(udp, tcp)

    async def serve_next_hop(self, listening: socket.socket) -> None:
        await self.sink.serve(listening)

    def deliveries(self) -> Sequence[Delivery]:
        return self.sink.deliveries


@dataclass
class Surroundings:
    """A started world: DNS, next hop, target; whoever starts it must stop it."""

    dns: fakedns.FakeDns
    dns_address: tuple[str, int]
    log: fakedns.QueryLog
    sink: Sink
    next_hop: tuple[str, int]
    running: Running
    clock: HandClock
    _undo: contextlib.AsyncExitStack
    ended: str = ""  # why the target did not live to the end, or did not end in peace

    async def settle(self) -> None:
        """Wait for what was accepted to arrive somewhere; a target that has died meanwhile is noted."""
        with self._dying():
            await self.running.settle(_SETTLE_S)

    def set_fault(self, step: DnsFault) -> None:
        """A fault of the DNS begins or ends."""
        self.dns.responder.faults.turn(step.name, step.on)

    async def wait(self, seconds: float) -> None:
        """So much later, by the clock of the scenario: what waited for its next try has had it."""
        self.clock.turn(seconds)
        with self._dying():
            await self.running.try_again()
            await self.running.settle(_SETTLE_S)

    async def stop(self) -> None:
        """End all three, the target first; each is ended whatever becomes of the others."""
        with self._dying():
            await self._undo.aclose()

    @contextlib.contextmanager
    def _dying(self) -> Iterator[None]:
        try:
            yield
        except TargetError as error:
            self.ended = self.ended or str(error)


async def start(
    plan: Plan,
    target: Target,
    workdir: Path,
    *,
    dns_at: tuple[str, int] = ("127.0.0.1", 0),
    options: Mapping[str, str] | None = None,
    also: Sequence[HopRule] = (),
) -> Surroundings:
    """Start the world of a plan; `options` are for the target, `also` are rules of the next hop after the plan's own.

    Raises ConfigError or TargetError (a port that is taken, too), having stopped what was started.
    """
    log = fakedns.QueryLog()
    dns = fakedns.FakeDns(fakedns.Responder(plan.zone, plan.faults, log, strict=plan.scenario.dns.strict))
    clock = HandClock(plan.clock_at)
    sink = Sink(HopScript(plan.next_hop, clock, also))
    async with contextlib.AsyncExitStack() as undo:
        with _unbound("DNS"):
            dns_address = await dns.start(*dns_at)
        undo.push_async_callback(dns.stop)
        next_hop = await sink.start()
        undo.push_async_callback(sink.stop)
        parameters, policy = beside(plan.scenario.policy, plan.set, undo)
        world = World(
            configuration(plan, workdir),
            parameters,
            plan.rav,
            dns_address,
            next_hop,
            workdir,
            clock,
            options or {},
            _Ends(dns, sink),
            policy,
            plan.scenario.gateway.haste,
        )
        with _unbound(f"target {target.name}"):
            try:
                running = await target.start(world)
            except ConfigError as error:
                raise placed(error, plan) from None
        undo.push_async_callback(running.stop)
        return Surroundings(dns, dns_address, log, sink, next_hop, running, clock, undo.pop_all())


@contextlib.contextmanager
def _unbound(what: str) -> Iterator[None]:
    """A port that cannot be had is the target's trouble, not a crash."""
    try:
        yield
    except OSError as error:
        raise TargetError(f"{what}: {error.strerror or error}") from None


async def run(
    plan: Plan, target: Target, workdir: Path, only: Iterable[str] | None = None, *, timeout_s: float = _TIMEOUT_S
) -> Observation:
    """Replay the sessions of a plan (those in `only`, if it is given) and tell what was seen.

    Raises ConfigError or TargetError when the target does not start, or answers nobody; what happens later is part
    of the observation, a target that dies in the middle included, and so is a refusal to start that is expected.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    wanted = None if only is None else set(only)
    planned = [session for session in plan.sessions if wanted is None or session.session.id in wanted]
    try:
        around = await start(plan, target, workdir)
    except ConfigError as error:
        if not plan.refuses:
            raise
        return Observation(plan.name, plan.cell, target.name, (), extra={"file": str(plan.file)}, refused=error.what)
    try:
        played, first_at = await _replay_all(plan, planned, around, target.ours, timeout_s)
        await around.settle()
        for text in plan.scenario.later:
            await around.wait(duration(text))
        record = around.running.record()
        records = [_record(around.running, one.replayed) for one in played]
    finally:
        await around.stop()
    deliveries = tuple(around.sink.deliveries) if target.ours else None
    sessions = tuple(
        seen_of(one, own, record, _own(deliveries, own.queue_ids)) for one, own in zip(played, records, strict=True)
    )
    return Observation(
        plan.name, plan.cell, target.name, sessions, deliveries, record.notifications, record.quarantine, record.log,
        tuple(DnsQuery(q.name, q.type, q.outcome) for q in around.log.entries) if target.ours else None,
        tuple(DnsQuery(q.name, q.type, q.outcome) for q in around.log.undeclared()) if target.ours else None,
        record.warnings, (loop.time() - started) * 1000, {"file": str(plan.file)}, first_at, around.ended,
    )  # fmt: skip


def _record(running: Running, replayed: Replayed) -> SessionRecord:
    """What the target knows of a session, of all its connections."""
    return joined([running.session(local) for local in (replayed.local, *replayed.others)])


def joined(records: Sequence[SessionRecord]) -> SessionRecord:
    """The records of several connections as that of one session; what is not told of one is told of none."""
    if len(records) == 1:
        return records[0]
    return SessionRecord(
        tuple(chain.from_iterable(record.queue_ids for record in records)),
        *(_all(getattr(record, name) for record in records) for name in ("trace", "log", "dns_queries")),
    )


def _all(parts: Iterable[tuple[Any, ...] | None]) -> tuple[Any, ...] | None:
    known = list(parts)
    return None if any(part is None for part in known) else tuple(chain.from_iterable(part or () for part in known))


def configuration(plan: Plan, workdir: Path) -> Path:
    """The configuration directory as the target gets it: the plan's own, or a copy with the scenario's own tables."""
    if not plan.files:
        return plan.config
    copy = workdir / "config"
    shutil.copytree(plan.config, copy, dirs_exist_ok=True)
    for name, text in plan.files.items():
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "surrogateescape")
    return copy


@dataclass
class Played:
    """A session and what came of its script."""

    planned: PlannedSession
    replayed: Replayed
    queries: list[fakedns.Asked] | None = field(default=None)  # only when it was alone
    unplayed: str = ""  # why it says nothing of a target that is not ours


async def _replay_all(
    plan: Plan, planned: list[PlannedSession], around: Surroundings, ours: bool, timeout_s: float
) -> tuple[list[Played], float | None]:
    """All sessions, in the order of the file, and when the first was over; those that must be alone come last."""
    first_at: float | None = None
    played: dict[str, Played] = {}
    taken: set[tuple[str, int]] = set()
    gate = asyncio.Semaphore(1 if plan.scenario.gateway.serial else _AT_ONCE)

    async def one(session: PlannedSession) -> None:
        nonlocal first_at
        async with gate:
            identity = identity_for(session, around.running.via)
            if isinstance(identity, str):
                played[session.session.id] = Played(session, Replayed.nothing(), unplayed=identity)
                return
            replayed = await replay(
                session.script, around.running.smtp, identity, timeout_s=timeout_s,
                source=around.running.source, taken=taken, dns=around.set_fault,
            )  # fmt: skip
            first_at = first_at or time.time()
            played[session.session.id] = Played(session, replayed, unplayed="" if ours else replayed.unintroduced)

    await asyncio.gather(*(one(session) for session in planned if not session.alone))
    for session in planned:
        if session.alone:
            await around.settle()
            around.log.session, before = session.session.id, len(around.log.entries)
            await one(session)
            await around.settle()
            if ours:
                played[session.session.id].queries = around.log.entries[before:]
            around.log.session = None
    tried = [one.replayed for one in played.values() if not one.unplayed]
    failed = [replayed for replayed in tried if replayed.failure]
    if failed and len(failed) == len(tried) and not any(one.received for one in failed):
        raise TargetError(failed[0].failure)
    if failed and not await _listens(around.running.smtp):
        around.ended = around.ended or f"the target died while sessions were replayed: {failed[-1].failure}"
    return [played[session.session.id] for session in planned], first_at


def identity_for(session: PlannedSession, via: Via | None) -> Identity | str:
    """Who is calling, told in the target's only way (None: as the session has it); or why it cannot be told.

    PROXY tells an address: the name is what the target's own DNS makes of it, unless the scenario writes another.
    """
    identity, client = session.identity, session.session.client
    match via, identity.via:
        case (None, _) | ("xclient", "xclient" | "none"):
            return identity
        case ("xclient", spoken):
            return f"the session speaks PROXY ({spoken}), and the target was not said to"
        case ("proxy" | "proxy-v2", "none"):
            return replace(identity, address="", via=via)
        case (_, "xclient"):
            names = (client.name, client.reverse_name, client.login)
            if any(name is not None for name in names):
                return "PROXY tells no name and no login, and the session has one"
            return replace(identity, via=via)
        case (_, spoken) if spoken != via:
            return f"the session speaks another version of PROXY ({spoken})"
    return identity


async def _listens(smtp: tuple[str, int]) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(*smtp), _TIMEOUT_S)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


def _own(deliveries: tuple[Delivery, ...] | None, ids: tuple[str, ...]) -> tuple[Delivery, ...] | None:
    return None if deliveries is None else tuple(one for one in deliveries if one.queue_id in ids)


def seen_of(
    played: Played, own: SessionRecord, record: TargetRecord, deliveries: tuple[Delivery, ...] | None
) -> SessionSeen:
    """Put together what client, next hop, DNS and target saw of one session."""
    replayed, session = played.replayed, played.planned.session
    queries = own.dns_queries
    if queries is None and played.queries is not None:
        queries = tuple(DnsQuery(q.name, q.type, q.outcome) for q in played.queries)
    seen = SessionSeen(
        session.id,
        replayed.exchanges,
        replayed.received,
        replayed.closed,
        trace=own.trace,
        queue_ids=own.queue_ids,
        deliveries=deliveries,
        notifications=_about(record.notifications, own.queue_ids),
        quarantine=_about(record.quarantine, own.queue_ids),
        log=_log(own.log, record.log, own.queue_ids),
        dns_queries=queries,
        accounts=None if record.accounts is None else tuple(a for a in record.accounts if a[0] in own.queue_ids),
        duration_ms=replayed.duration_ms,
        failure=replayed.failure if not replayed.step_failures else "",
        step_failures=replayed.step_failures,
        unplayed=played.unplayed,
    )
    seen = replace(seen, verdict=verdict_of(seen))
    return replace(seen, rule=deciding(seen))


def deciding(seen: SessionSeen) -> AskedRule | None:
    """The rule that made the session's fate: the last one in its trace that decided anything.

    A line of a table decides on behalf of the element that asked the table, which stands before it in the trace.
    """
    last = next((i for i in range(len(seen.trace or ()) - 1, -1, -1) if seen.trace and seen.trace[i].decided), None)
    if last is None or seen.trace is None:
        return None
    asked, before = seen.trace[last], seen.trace[last - 1] if last else None
    if before is not None and ":" in asked.place and asked.place in before.element:
        return replace(asked, element=before.element, place=before.place)
    return asked


_Thing = TypeVar("_Thing", Notification, Quarantined)


def _about(things: tuple[_Thing, ...] | None, ids: tuple[str, ...]) -> tuple[_Thing, ...] | None:
    return None if things is None else tuple(thing for thing in things if thing.about in ids)


def _log(
    own: tuple[LogLine, ...] | None, whole: tuple[LogLine, ...] | None, ids: tuple[str, ...]
) -> tuple[LogLine, ...] | None:
    """The session's own lines, then those of its mails that come later (delivery, bounce, content)."""
    if own is None:
        return None
    return own + tuple(line for line in whole or () if line.queue_id in ids and line not in own)
