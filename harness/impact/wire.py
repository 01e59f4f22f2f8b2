"""wire - the slow truth: the sessions of a corpus replayed over sockets against a started target. (IO)"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.cell import run_loop, target_of
from harness.corpus.sample import Sample
from harness.dns_world import TEMPUNAVAIL, UNAVAILABLE
from harness.gateway.session import Client, NameStatus
from harness.impact.decide import Reached, digest_of, fate_of, heard, helo_of
from harness.impact.fate import Fate
from harness.impact.world import World
from harness.observation import SessionSeen
from harness.plan import Plan, PlannedSession
from harness.replay.identity import Identity
from harness.replay.script import script_of
from harness.run import run
from harness.scenario import Dns, Gateway, NextHop, Scenario, Send, Session

_RECEIVED = re.compile(rb"^Received: ", re.MULTILINE)
_END = re.compile(rb"\n(?![ \t])|\Z")  # of a header field
_QUEUE_ID = re.compile(rb" id ([0-9A-Za-z]+)")
_MADE = re.compile(rb"<\d{14}\.@")  # a Message-Id of cleanup(8), without the queue id


def fates(directory: Path, world: World, samples: Sequence[Sample], target: str) -> list[Fate]:
    """What became of each, in the order given.  Raises ConfigError or TargetError when the target does not start."""
    scenario = Scenario("impact", Gateway(str(directory)), dns=Dns(strict=world.strict))
    sessions = [planned(sample, world, str(number)) for number, sample in enumerate(samples)]
    faults = tuple(replace(fault, session=_number(samples, fault.session)) for fault in world.faults)
    plan = Plan(
        scenario, Path("impact"), (), world.zone, faults, directory, {}, {}, {}, tuple(sessions), (), NextHop(),
        world.clock_at, 1, {},
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        seen = run_loop(run(plan, target_of(target), Path(workdir)))
    clock = target == "postfix"  # ours stands still in a corpus
    return [_fate(one, clock) for one in seen.sessions]


def planned(sample: Sample, world: World, number: str) -> PlannedSession:
    """The session as a client on a wire plays it."""
    identity = sample.identity or _identity(sample, world)
    script = sample.script
    if script is None:
        helo = sample.helo or helo_of(_client(identity))
        script = script_of(Send(sample.sender, list(sample.recipients), sample.params), sample.data, helo)
    return PlannedSession(Session(number), script, identity, (), world.faults_of(sample.id), 1)


def _identity(sample: Sample, world: World) -> Identity:
    if sample.name is not None:
        reverse = sample.reverse_name or sample.name
        return Identity(sample.client, None, sample.name, reverse, login=sample.login)
    client = world.identify(sample.client)
    gone = {NameStatus.TEMPORARY: TEMPUNAVAIL}
    name = client.name if client.name != "unknown" else gone.get(client.name_status, UNAVAILABLE)
    reverse = client.reverse_name
    if reverse == "unknown":
        reverse = gone.get(client.reverse_name_status, UNAVAILABLE)
    return Identity(sample.client, None, name, reverse, login=sample.login)


def _client(identity: Identity) -> Client:
    return Client(identity.address, name="unknown" if identity.name.startswith("[") else identity.name)


def _number(samples: Sequence[Sample], session: str | None) -> str | None:
    """Sessions are renumbered, for two corpora may use one id."""
    if session is None:
        return None
    return next((str(number) for number, sample in enumerate(samples) if sample.id == session), "")


def _fate(seen: SessionSeen, clock: bool) -> Fate:
    if seen.failure and not seen.exchanges:
        return Fate("failed", failure=seen.failure)
    reached = Reached()
    for delivery in sorted(seen.deliveries or (), key=lambda d: d.recipients):
        reached.recipients.extend(delivery.recipients)
        data = delivery.data.replace(b"\r\n", b"\n")
        reached.digest = digest_of(without_stamp(data) if clock else data, reached.digest)
    reached.notices = [(notice.kind, notice.to) for notice in seen.notifications or ()]
    reached.set_aside = [f"{kept.path}: {kept.reason}" for kept in seen.quarantine or ()]
    return fate_of(seen.verdict, [heard(one) for one in seen.exchanges], seen.trace or (), reached)


def without_stamp(data: bytes) -> bytes:
    """The content (LF line ends) without what its gateway wrote of this one run: queue id and time."""
    head = data.partition(b"\n\n")[0]
    if (begin := _RECEIVED.search(head)) is None:  # the first is the gateway's own
        return data
    end = _END.search(head, begin.end())
    field = head[begin.end() : end.start() if end else len(head)]
    _, semicolon, when = field.rpartition(b";")
    for word in (*_QUEUE_ID.findall(field)[:1], *([when.strip()] if semicolon and when.strip() else ())):
        data = data.replace(word, b"")
    return _MADE.sub(b"<.@", data)
