"""plan - a loaded scenario and one matrix cell -> a Plan: every byte fixed, every name resolved, nothing started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import fakedns
from harness.corpus.build import build
from harness.corpus.find import find, read
from harness.dns_world import client_names, faults_of, zone_of
from harness.errors import ConfigError, HarnessError, ScenarioError
from harness.load import Cell, Loaded, PlannedExpectation
from harness.replay.identity import Identity
from harness.replay.script import Script, parse_chat, parse_gap, script_of, with_files
from harness.replay.step import Pace
from harness.scenario import Client, NextHop, Scenario, Session

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class PlannedSession:
    """One session, ready to be played: who connects, every byte it sends, and what must come of it."""

    session: Session
    script: Script
    identity: Identity
    expectations: tuple[PlannedExpectation, ...]
    alone: bool
    line: int


@dataclass(frozen=True)
class Plan:
    """One scenario in one cell: the world, the gateway's configuration, the sessions."""

    scenario: Scenario
    file: Path
    cell: Cell
    zone: fakedns.Zone
    faults: tuple[fakedns.Fault, ...]
    config: Path
    files: Mapping[str, str]
    set: Mapping[str, str]
    rav: Mapping[str, str]
    sessions: tuple[PlannedSession, ...]
    after: tuple[PlannedExpectation, ...]
    next_hop: NextHop
    clock_at: float
    seed: int
    places: Mapping[str, int]  # the lines of `gateway.set.NAME` and the like

    @property
    def name(self) -> str:
        """How reports call the scenario: its id, or the file below `scenarios/` without the suffix."""
        return scenario_name(self.scenario, self.file)

    @property
    def refuses(self) -> bool:
        """The scenario expects that the gateway does not start."""
        return any(planned.key == "refuses" for planned in self.after)


def scenario_name(scenario: Scenario, file: Path) -> str:
    """`policy/dnsbl/listed` for scenarios/policy/dnsbl/listed.yaml, unless the file has an `id`."""
    if scenario.id:
        return scenario.id
    parts = file.resolve().with_suffix("").parts
    below = len(parts) - 1 - parts[::-1].index("scenarios") if "scenarios" in parts[:-1] else len(parts) - 2
    return "/".join(parts[below + 1 :])


def plan(loaded: Loaded, cell: Cell = (), seed: int | None = None) -> Plan:
    """Every byte of one cell.  Reads corpus files, starts nothing.  Raises ScenarioError."""
    scenario = loaded.scenario(cell)
    seed = scenario.seed if seed is None else seed
    try:
        clock_at = datetime.fromisoformat(scenario.clock).timestamp()
    except ValueError:
        raise loaded.fault(
            ("clock",), f"expects a date and time as 2003-08-10T09:00:00Z, got {scenario.clock!r}"
        ) from None
    with placing(loaded, ("dns",)):
        zone = zone_of(scenario.dns, loaded.file, loaded.line(("dns", "zone")))
        faults = faults_of(scenario.dns)
    with placing(loaded, ("gateway", "config")):
        config = find(scenario.gateway.config, loaded.file)
        if not config.is_dir():
            raise ScenarioError(f"{scenario.gateway.config}: not a configuration directory")
    sessions = []
    for index, session in loaded.sessions(cell):
        path: Path_ = ("sessions", index)
        identity = identity_of(session.client, zone, scenario)
        with placing(loaded, (*path, "send", "message")):
            script = _script(loaded, scenario, session, path, identity, seed, clock_at)
        client = session.client
        gap = parse_gap(client.gap) if client.gap is not None else (0.0, 0.0)
        script = replace(
            script, watched="closed" in session.expect, pace=Pace(client.segment, gap, client.slow_reader),
            seed=f"{seed}/{session.id}",
        )  # fmt: skip
        expectations = loaded.expectations(session.expect, (*path, "expect"))
        alone = (
            session.alone or "dns_query" in session.expect or any(f.during == session.id for f in scenario.dns.faults)
        ) or bool(script.dns_faults)
        sessions.append(PlannedSession(session, script, identity, expectations, alone, loaded.line(path)))
    rules = [rule for rule in scenario.next_hop.rules if rule.when.items() <= dict(cell).items()]
    next_hop = replace(scenario.next_hop, rules=rules)
    return Plan(
        scenario, loaded.file, cell, zone, faults, config, scenario.gateway.files, scenario.gateway.set,
        scenario.gateway.rav, tuple(sessions), loaded.expectations(scenario.after, ("after",)), next_hop,
        clock_at, seed, {".".join(map(str, path)): n for path, n in loaded.lines.items() if path[:1] == ("gateway",)},
    )  # fmt: skip


def placed(error: ConfigError, plan: Plan) -> ConfigError:
    """The gateway's complaint with a place the user can open: a file of the configuration, or a line of the scenario.

    The gateway names files from its directory, and calls `set` what a scenario puts on top of it.
    """
    gateway, name = plan.scenario.gateway, error.file or ""
    if name == "set":
        known = [f"{key}.{one}" for key in ("set", "rav") for one in getattr(gateway, key) if mentions(error.what, one)]
        place = next((f"gateway.{one}" for one in known), "gateway")
        return ConfigError(error.what, file=str(plan.file), line=plan.places.get(place))
    if name in gateway.files:
        return ConfigError(
            error.what, file=str(plan.file), line=plan.places[f"gateway.files.{name}"] + (error.line or 1) - 1
        )
    if name and (plan.config / name).is_file():
        shown = plan.config / name
        shown = shown.relative_to(Path.cwd()) if shown.is_relative_to(Path.cwd()) else shown
        return ConfigError(error.what, file=str(shown), line=error.line)
    return error


def mentions(text: str, name: str) -> bool:
    """Whether a message speaks of this parameter."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def identity_of(client: Client, zone: fakedns.Zone, scenario: Scenario) -> Identity:
    """Who the gateway is told is calling: names not written are looked up in the zone, as smtpd would."""
    name, reverse = client_names(client.ip, zone, scenario.dns.faults)
    if client.name is not None:
        name = client.name
    if client.reverse_name is not None:
        reverse = client.reverse_name
    elif client.name is not None and client.name != "unknown":
        reverse = client.name
    return Identity(
        address=client.ip,
        port=client.port,
        name=name,
        reverse_name=reverse,
        helo=client.helo or _helo(name, client.ip),
        login=client.login,
        via=client.via,
    )


def _helo(name: str, ip: str) -> str:
    """What a decent client says: its name, or its address literal."""
    if name not in ("unknown", "[UNAVAILABLE]", "[TEMPUNAVAIL]"):
        return name
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def _script(
    loaded: Loaded, scenario: Scenario, session: Session, path: Path_, identity: Identity, seed: int, clock_at: float
) -> Script:
    if session.chat is not None:
        chat = parse_chat(session.chat, scenario.procs, str(loaded.file), loaded.line((*path, "chat")))
        return with_files(chat, lambda name: read(name, loaded.file))
    assert session.send is not None
    content = build(session.send, session.id, seed, clock_at, lambda name: read(name, loaded.file))
    return script_of(session.send, content, identity.helo or "")


class placing:
    """Give a complaint that does not know its place the file and line of what was being read."""

    def __init__(self, loaded: Loaded, path: Path_) -> None:
        self.loaded, self.path = loaded, path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, HarnessError) and error.file is None:
            raise self.loaded.fault(self.path, error.what) from None
