from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.impact.source import shards_of

SCENARIOS = Path(__file__).parent.parent.parent.parent / "scenarios"


def test_paths_are_cut_in_the_order_given() -> None:
    paths = [SCENARIOS / "policy" / "sender.yaml", SCENARIOS / "policy" / "client.yaml"]
    assert [Path(shard.path).stem for shard in shards_of(paths)] == ["sender", "client"]


@pytest.mark.parametrize("name", ["nothing", "notes.txt"])
def test_what_is_no_corpus_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="no "):
        list(shards_of([tmp_path / name]))
