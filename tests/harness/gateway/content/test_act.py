"""act: from left to right until one resolves; the end of the list is a rejection; the strictest ending counts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from harness.gateway.content.act import act, by_object
from harness.gateway.content.action import Result, State
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import Finding, FindingClass
from harness.gateway.content.quarantine import Shelf
from harness.gateway.content.rav import load_rav
from harness.gateway.content.rewrite import Draft
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.content.unpack import unpack
from harness.gateway.rule import default_rule

MAIL = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: x/y; name=a\n\nA\n--b\nContent-Type: x/y; name=b\n\nB\n--b--\n"
NUMBERS = itertools.count()


def finding(cls: FindingClass = "infected", entity: int = 1, path: str = "part0001:a", **more: object) -> Finding:
    return Finding(cls, f"X{next(NUMBERS)}", path, default_rule("r"), entity, **more)  # type: ignore[arg-type]


def run(tmp_path: Path, rav: dict[str, str], *findings: Finding, works: bool = True):  # type: ignore[no-untyped-def]
    (group,) = load_rav(tmp_path, rav).groups
    unpacked = unpack(MAIL, Budget(Limits(), lambda: 0.0))
    state = State(
        Draft(MAIL, unpacked, "q"), Shelf("Q", 0.0, lambda n, d: works), SignatureStore(), lambda f: "w", group.antispam
    )
    return act(state, group, findings), state


@pytest.mark.parametrize(
    ("chain", "steps", "verdict"),
    [
        ("clean, delete, discard", "clean:failed,delete:done", Result.RESOLVED),
        ("clean", "clean:failed,end:reject", Result.REJECT),
        ("copy", "copy:done,end:reject", Result.REJECT),
        ("copy, ignore", "copy:done,ignore:done", Result.RESOLVED),
        ("delete, reject", "delete:done", Result.RESOLVED),
        ("discard, delete", "discard:discard", Result.DISCARD),
        ("reject", "reject:reject", Result.REJECT),
    ],
)
def test_chains(tmp_path: Path, chain: str, steps: str, verdict: Result) -> None:
    acted, _ = run(tmp_path, {"act_for_infected_files": chain}, finding())
    assert acted.chains == [steps] and acted.verdict is verdict
    assert [one.decided for one in acted.trace].count(True) == 1 and acted.trace[-1].decided


def test_a_copy_that_was_not_stored_is_called_failed(tmp_path: Path) -> None:
    acted, _ = run(tmp_path, {"act_for_infected_files": "copy, move, delete"}, finding(), works=False)
    assert acted.chains == ["copy:failed,move:failed,delete:done"] and not acted.stored


@pytest.mark.parametrize(
    ("infected", "suspicious", "verdict"),
    [("delete", "reject", Result.REJECT), ("reject", "discard", Result.REJECT), ("discard", "reject", Result.REJECT),
     ("discard", "ignore", Result.DISCARD), ("ignore", "delete", Result.RESOLVED)],
)  # fmt: skip
def test_the_strictest_ending_counts_whichever_comes_first(
    tmp_path: Path, infected: str, suspicious: str, verdict: Result
) -> None:
    found = (finding(), finding("suspicious", 2, "part0002:b"))
    acted, _ = run(tmp_path, {"act_for_infected_files": infected, "act_for_suspicious_files": suspicious}, *found)
    assert acted.verdict is verdict and (acted.why is None) == (verdict is Result.RESOLVED)
    if verdict is Result.REJECT:
        assert acted.why == found[0 if infected == "reject" else 1]


def test_the_worst_finding_of_an_object_is_acted_upon_the_others_are_only_told() -> None:
    mild, bad = finding("suspicious"), finding("infected")
    assert by_object([mild, bad]) == [bad]
    assert by_object([finding("unscannable", 2), bad, mild])[0] == bad


def test_the_subject_loose_text_and_the_bulk_score_are_things_of_their_own() -> None:
    found = [
        finding("suspicious", 0, "mail"), finding("filter", 0, "mail", filtered="subject"), finding("bulk", 0, "mail"),
        finding("infected", 0, "mail:preamble"), finding("infected", 0, "mail:preamble/x"), finding("infected", 0, "mail:epilogue"),
    ]  # fmt: skip
    assert len(by_object(found)) == 5


def test_a_filter_line_may_name_its_own_actions(tmp_path: Path) -> None:
    line = finding("filter", filtered="attachment", actions=("discard",))
    acted, _ = run(tmp_path, {"act_for_filter_attachment": "ignore"}, line)
    assert acted.verdict is Result.DISCARD and acted.trace[0].rule == line.rule
    acted, _ = run(tmp_path, {"act_for_filter_attachment": "ignore"}, replace(line, actions=()))
    assert acted.verdict is Result.RESOLVED and acted.left == {line.name}


def test_what_was_done_and_stored_is_known_by_finding(tmp_path: Path) -> None:
    one, other = finding(), finding("infected", 2, "part0002:b")
    acted, state = run(tmp_path, {"act_for_infected_files": "move"}, one, other)
    assert acted.action(one) == "move" and acted.said(one).startswith("move: stored as 0-RAVQ-1; warn.txt of")
    assert acted.stored[one.path, one.name] == "0-RAVQ-1" and acted.stored[other.path, other.name] == "0-RAVQ-2"
    assert acted.action(finding()) == "" and len(state.draft.changes) == 2
