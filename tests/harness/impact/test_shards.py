from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.impact import shards as module
from harness.impact.causes import to_plain
from harness.impact.judge_shard import Job, judge_shard
from harness.impact.shards import judge_all
from harness.impact.source import Shard, shards_of

GATEWAYS = Path(__file__).parents[3] / "corpus" / "gateways"
JOB = Job(str(GATEWAYS / "paper-2003-as-meant"), str(GATEWAYS / "paper-2003"), rows=True)


@pytest.fixture
def parts(tmp_path: Path) -> list[Shard]:
    mix = (GATEWAYS.parent / "mixes" / "paper.mix").read_text().replace("sessions: 10000", "sessions: 120")
    (tmp_path / "some.mix").write_text(mix)
    return list(shards_of([tmp_path / "some.mix"], size=20))


def plain(tally: Any) -> dict[str, Any]:
    return {**to_plain(tally), "seconds": 0}


@pytest.mark.slow
def test_processes_come_to_the_same_as_one(parts: list[Shard]) -> None:
    alone: list[Any] = []
    together: list[Any] = []
    one = judge_all(JOB, parts, jobs=1, write=alone.extend)
    many = judge_all(JOB, parts * 2, jobs=2, write=together.extend)
    assert many.sessions == 2 * one.sessions and many.verdicts == one.verdicts + one.verdicts
    assert together == alone * 2


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, parts: list[Shard], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = judge_all(JOB, parts, jobs=1)
    asked: list[Shard] = []

    def stopped(job: Job, shard: Shard) -> Any:
        if len(asked) == 3:
            raise KeyboardInterrupt
        asked.append(shard)
        return judge_shard(job, shard)

    monkeypatch.setattr(module, "judge_shard", stopped)
    with pytest.raises(KeyboardInterrupt):
        judge_all(JOB, parts, jobs=1, state=tmp_path / "state")
    again: list[Shard] = []
    monkeypatch.setattr(module, "judge_shard", lambda job, shard: (again.append(shard), judge_shard(job, shard))[1])
    rows: list[Any] = []
    resumed = judge_all(JOB, parts, jobs=1, state=tmp_path / "state", write=rows.extend)
    assert again == parts[3:] and plain(resumed) == plain(whole) and len(rows) == whole.sessions


def test_the_state_of_another_run_is_refused(tmp_path: Path, parts: list[Shard]) -> None:
    judge_all(JOB, parts[:1], jobs=1, state=tmp_path / "state")
    with pytest.raises(UsageError, match="another run"):
        judge_all(Job(JOB.new, JOB.old, rows=True), parts[:1], jobs=1, state=tmp_path / "state")
    (tmp_path / "state" / "000000.json").write_text("{}")
    with pytest.raises(UsageError, match="not what this run wrote"):
        judge_all(JOB, parts[:1], jobs=1, state=tmp_path / "state")


def test_a_disk_that_is_full_costs_what_would_have_been_kept(
    tmp_path: Path, parts: list[Shard], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *rest: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    whole, said = judge_all(JOB, parts, jobs=1), list[str]()

    def write_once(job: Job, shard: Shard) -> Any:
        if shard is parts[2]:
            monkeypatch.setattr(Path, "write_text", full)
        return judge_shard(job, shard)

    monkeypatch.setattr(module, "judge_shard", write_once)
    judged = judge_all(JOB, parts, jobs=1, state=tmp_path / "state", say=said.append)
    assert plain(judged) == plain(whole)
    assert len(said) == 1 and said[0].endswith("No space left on device; nothing more of this run is kept")
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["000000.json", "000001.json", "about"]
