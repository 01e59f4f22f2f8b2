from __future__ import annotations

import sys

import pytest

from harness.errors import TargetError, UsageError
from harness.impact.cluster import judged
from harness.impact.judge_shard import Job
from harness.impact.source import Shard

WORK = [(0, Shard("scenarios", "x.yaml", 0, 1))]


@pytest.mark.witness
def test_a_scheduler_that_is_not_there_is_one_line() -> None:
    pytest.importorskip("distributed", reason="distributed is not installed")
    with pytest.raises(TargetError, match=r"scheduler tcp://127\.0\.0\.1:1: ") as error:
        list(judged(Job("a", "b"), WORK, "tcp://127.0.0.1:1", timeout_s=0.5))
    assert "\n" not in str(error.value)


def test_without_distributed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"mailgauntlet\[cluster\]"):
        list(judged(Job("a", "b"), WORK, "tcp://127.0.0.1:1"))
