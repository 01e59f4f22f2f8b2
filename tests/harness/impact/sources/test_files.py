from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.mix import generated, read_mix
from harness.corpus.store import write
from harness.impact.source import shards_of, sources

MIX = Path(__file__).parent.parent.parent.parent.parent / "corpus" / "mixes" / "paper.mix"


@pytest.mark.parametrize("suffix", ["mix", "jsonl", "parquet"])
def test_a_corpus_is_cut_and_read_whole(tmp_path: Path, suffix: str) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"c.{suffix}"
    text = MIX.read_text().replace("sessions: 10000", "sessions: 105")
    (tmp_path / "c.mix").write_text(text)
    wanted = list(generated(read_mix(tmp_path / "c.mix")))
    if suffix != "mix":
        write(wanted, path)
    (tmp_path / "more.zone").write_text("extra.test. A 192.0.2.200\n200.2.0.192.in-addr.arpa. PTR extra.test.\n")
    shards = list(shards_of([path], (str(tmp_path / "more.zone"),), 50))
    assert len(shards) == (1 if suffix == "parquet" else 3)
    assert [one for shard in shards for one in sources[shard.source]().samples(shard)] == wanted
    assert sources[shards[0].source]().world(shards[0]).identify("192.0.2.200").name == "extra.test"
