"""cell: a world is started once, for all that ask; what kept it from running is said to each."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import cell
from harness.cell import CellRun, known_target, run_loop
from harness.errors import HarnessError, UsageError
from harness.load import load

SCENARIO = """title: t
tags: [a]
dns: {zone: gw.test. A 192.0.2.1}
gateway: {config: gw}
sessions:
  - {id: one, tags: [b], send: {}, expect: {verdict: accept}}
  - {id: two, send: {}, expect: {verdict: accept}}
"""


@pytest.fixture
def made(tmp_path: Path) -> CellRun:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(
        "relay_domains = gw.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"
    )
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return CellRun(load(tmp_path / "s.yaml"), (), "reference", seed=None, update_golden=False)


def test_it_runs_once_and_only_what_was_chosen(made: CellRun) -> None:
    made.wanted = {"two"}
    result = made.result()
    assert [session.status.value for session in result.sessions] == ["error", "passed"], "the first was left out"
    assert made.result() is result
    assert made.first_at is not None


@pytest.mark.parametrize("error", [HarnessError("no"), AssertionError("our own fault")])
def test_what_kept_it_from_running_is_raised_each_time_and_tried_once(
    made: CellRun, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def fail(*arguments: object, **options: object) -> None:
        tries.append(arguments)
        raise error

    monkeypatch.setattr(cell, "run", fail)
    for _ in range(2):
        with pytest.raises(type(error)):
            made.result()
    assert len(tries) == 1


def test_a_session_that_never_was_has_a_result(made: CellRun) -> None:
    result = made.unrun(made.loaded.scenario().sessions[0], HarnessError("the port is taken"))
    assert (result.status.value, result.tags, result.findings[0].seen) == ("error", ("a", "b"), "the port is taken")


def test_a_loop_gives_what_its_work_gives() -> None:
    async def work() -> int:
        return 7

    assert run_loop(work()) == 7


def test_a_target_is_known_or_the_nearest_is_named() -> None:
    assert known_target("reference").name == "reference"
    with pytest.raises(UsageError, match="no target 'refrence'; did you mean 'reference'"):
        known_target("refrence")
