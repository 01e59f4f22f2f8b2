"""Direct mode decides as the wire does: every shipped scenario, every cell, rule by rule and byte by byte."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fakedns
from harness.cell import run_loop
from harness.direct import observe
from harness.judge import judge
from harness.load import find_scenarios, load
from harness.observation import SessionSeen
from harness.plan import plan
from harness.result import Status
from harness.run import run
from harness.targets.reference import ReferenceTarget
from harness.transcript import masked

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
ALL = {file: (loaded := load(file)).scenario(loaded.cells[0]) for file in find_scenarios([SCENARIOS])}
FILES = [file for file, scenario in ALL.items() if scenario.sessions and not scenario.targets]


def name(file: Path) -> str:
    return file.relative_to(SCENARIOS).as_posix()


_ID = re.compile(r"RAV[0-9A-F]+|\b[0-9A-F]{10}\b")


def masked_(text: object) -> str:
    return _ID.sub("<id>", masked(str(text)))


def told(seen: SessionSeen) -> dict[str, Any]:
    """Everything about a session that may not depend on how it was played."""
    return {
        "verdict": seen.verdict,
        "exchanges": [(e.phase, e.sent, masked_(e.reply)) for e in seen.exchanges],
        "received": masked_(seen.received),
        "closed": seen.closed,
        "rule": masked_(seen.rule),
        "deliveries": sorted(masked_((d.sender, d.recipients, d.data)) for d in seen.deliveries),
        "notifications": sorted(masked_((n.kind, n.to, n.subject)) for n in seen.notifications or ()),
        "quarantine": sorted(masked_((q.path, q.reason, q.data)) for q in seen.quarantine or ()),
        "accounts": sorted(fate for _, fate in seen.accounts or ()),
        "failures": seen.step_failures,
        "dns": seen.dns_queries,
    }


# Two thirds of the time goes into contents, which both modes give to one and the same engine.
@pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=[pytest.mark.slow] if "content" in file.parts else [], id=name(file)) for file in FILES],
)
def test_direct_mode_and_the_wire_see_the_same(file: Path, tmp_path: Path) -> None:
    loaded = load(file)
    for number, cell in enumerate(loaded.cells):
        planned = plan(loaded, cell)
        wire = run_loop(run(planned, ReferenceTarget(), tmp_path / str(number)))
        direct = observe(planned)
        for over_wire, in_memory in zip(wire.sessions, direct.sessions, strict=True):
            assert told(in_memory) == told(over_wire)
            assert list(map(masked_, in_memory.trace or ())) == list(map(masked_, over_wire.trace or ()))
        bad = (Status.FAILED, Status.ERROR)
        assert {s.session for s in judge(planned, direct).sessions if s.status in bad} == {
            s.session for s in judge(planned, wire).sessions if s.status in bad
        }


def test_only_the_wanted_sessions_are_played() -> None:
    planned = plan(load(SCENARIOS / "policy" / "dnsbl.yaml"))
    assert [seen.id for seen in observe(planned, ["not-listed"]).sessions] == ["not-listed"]


def test_a_question_outside_the_world_is_told() -> None:
    planned = replace(
        plan(load(SCENARIOS / "policy" / "dnsbl.yaml")), zone=fakedns.parse_zone("ok.example. A 192.0.2.1")
    )
    observation = observe(planned, ["not-listed"])
    assert "yourdomain.com" in {query.name for query in observation.undeclared_queries}
    assert observation.sessions[0].verdict == "defer"
