from __future__ import annotations

from mmap import mmap

import pytest

from harness.bench.benchmarks import decide

pytestmark = pytest.mark.slow  # each makes a corpus and decides it again and again


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_SESSIONS", 300)
    monkeypatch.setattr(decide, "_CHECKS", 10)


def test_both_ends_of_a_session_are_measured_in_sessions_that_have_them() -> None:
    reject, accept = decide.decide_reject(), decide.decide_accept()
    assert reject.ours > accept.ours > 0 and (reject.peer, accept.peer) == (12_000, 4_000)


def test_coverage_is_held_against_the_same_without() -> None:
    figure = decide.coverage_cost()
    assert 0.3 < figure.ratio < 3 and figure.floor == 0.85


def test_sessions_that_get_dearer_or_fill_memory_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decide.flat(2000).failed == ""
    spoilt: list[mmap] = []

    def hoard(self: object, sample: object) -> None:
        spoilt.append(mmap(-1, 51_200))  # of the system, whatever this process has to spare
        spoilt[-1].write(bytes(range(256)) * 200)

    monkeypatch.setattr("harness.impact.decide.Decider.decide", hoard)
    assert "MiB more at the end" in decide.flat(2000).failed
