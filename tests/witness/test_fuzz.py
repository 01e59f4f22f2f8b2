"""Random sessions are answered as a real Postfix does; and a bug that is planted in the reference gateway is found.

`nox -s fuzz -- --sessions 5000 --seed N` runs as long as one likes; here it is a few hundred sessions, drawn once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.fuzz.case import Case
from harness.fuzz.main import Refusal, disagreements, drawn, first_of_each, fuzz, outcome
from harness.gateway.cleanup import examine
from harness.gateway.policy import access
from harness.gateway.policy.restriction import restrictions
from harness.gateway.policy.verdict import DUNNO
from harness.observation import Observation
from harness.parity import read_known
from harness.target import targets

pytestmark = pytest.mark.witness

SEED, CONFIGURATIONS, SESSIONS = 41, 32, 8
SCENARIOS = Path(__file__).parents[2] / "scenarios"
DIFFERENCES = Path(__file__).with_name("differences.yaml")
Truth = list[tuple[Case, Observation | Refusal]]


@pytest.fixture(scope="module")
def truth() -> Truth:
    """What the real Postfix says."""
    if reason := targets["postfix"]().missing():
        pytest.skip(reason)
    cases = [drawn(SEED, number, SESSIONS) for number in range(CONFIGURATIONS)]
    return [(case, outcome(case, "postfix")) for case in cases]


def told_apart(truth: Truth) -> Iterator[str]:
    known = read_known(DIFFERENCES)
    for case, said in truth:
        for one in first_of_each(disagreements(outcome(case, "reference"), said)):
            if one.what != "conversation" and not any(entry.covers("fuzz", one) for entry in known):
                yield f"{one.session}: {one.what}\n  reference  {one.first}\n  postfix    {one.second}\n{dict(case.set)}"


def test_random_sessions_are_answered_as_a_real_postfix_does(truth: Truth) -> None:
    assert "\n".join(told_apart(truth)) == ""


def test_the_run_says_what_it_has_exercised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if reason := targets["postfix"]().missing():
        pytest.skip(reason)
    assert fuzz(sessions=16, seed=SEED, per_configuration=8, known=str(DIFFERENCES), output=str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert said.startswith("16 sessions in 2 configurations") and "\nrestriction words asked: " in said
    assert not list(tmp_path.iterdir())


# What these few hundred sessions are enough for; HELD are others, which they miss and a scenario does not.
HELD = {
    "check_sender_mx_access": "policy/cases.yaml",
    "permit_mynetworks": "policy/traps_mynetworks.yaml",
    "reject_multi_recipient_bounce": "smtp/states.yaml",
    "reject_rbl_client": "policy/dnsbl.yaml",
    "reject_rhsbl_helo": "policy/cases.yaml",
    "reject_unlisted_recipient": "regress/drawn_recipients.yaml",
    "reject_unlisted_sender": "regress/drawn_lists.yaml",
}
SILENT = (
    "check_client_access",
    "check_helo_access",
    "check_policy_service",
    "check_recipient_access",
    "check_sender_access",
    "permit_mx_backup",
    "reject_invalid_helo_hostname",
    "reject_non_fqdn_sender",
    "reject_unauth_destination",
    "reject_unknown_sender_domain",
    "reject_unverified_recipient",
)


@pytest.mark.parametrize("name", SILENT)
def test_a_restriction_that_has_fallen_silent_is_found(
    name: str, truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(restrictions._members, name, replace(restrictions[name], run=lambda view, argument: DUNNO))
    assert next(told_apart(truth), "") != ""


def _without(word: str) -> Callable[[str], access.Action]:
    parse = access.parse_action
    return lambda value: access.Action("dunno", "DUNNO", "") if value.upper().startswith(word) else parse(value)


@pytest.mark.parametrize("word", ["REJECT", "DEFER_IF_PERMIT", "WARN"])
def test_an_action_of_access_tables_that_does_nothing_is_found(
    word: str, truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "parse_action", _without(word))
    assert next(told_apart(truth), "") != ""


@pytest.mark.parametrize(("name", "file"), HELD.items())
def test_a_scenario_finds_the_restriction_that_has_fallen_silent(
    name: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(restrictions._members, name, replace(restrictions[name], run=lambda view, argument: DUNNO))
    assert main(["run", str(SCENARIOS / file)]) == 1


def test_a_scenario_finds_that_hold_of_access_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "parse_action", _without("HOLD"))
    assert main(["run", str(SCENARIOS / "policy/traps_access.yaml")]) == 1


def test_a_scenario_finds_that_ignore_of_header_checks_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(examine.ACTIONS, "IGNORE", examine.ACTIONS["DUNNO"])
    assert main(["run", str(SCENARIOS / "cleanup/actions.yaml")]) == 1


@pytest.mark.parametrize("file", sorted({*HELD.values(), "policy/traps_access.yaml", "cleanup/actions.yaml"}))
def test_and_finds_nothing_where_nothing_is_wrong(file: str) -> None:
    assert main(["run", str(SCENARIOS / file)]) == 0
