from __future__ import annotations

from pathlib import Path

from harness.corpus.sample import Sample
from harness.impact.sources.scenarios import Scenarios

SCENARIOS = Path(__file__).parent.parent.parent.parent.parent / "scenarios"


def test_every_cell_is_a_shard_and_its_sessions_are_samples() -> None:
    source, path = Scenarios(), SCENARIOS / "policy" / "helo.yaml"
    shards = list(source.shards(path, (), 10))
    assert [(shard.start, shard.stop) for shard in shards] == [(0, 1), (1, 2)]
    samples = list(source.samples(shards[0]))
    assert all(isinstance(sample, Sample) and sample.script for sample in samples)
    assert {sample.label for sample in samples if isinstance(sample, Sample)} >= {"ham", "unknown"}


def test_the_world_is_that_of_the_scenario() -> None:
    source = Scenarios()
    (shard,) = source.shards(SCENARIOS / "policy" / "dnsbl.yaml", (), 10)
    world = source.world(shard)
    assert world.strict and world.faults and world.identify("192.0.2.8").name == "mail.ok.test"


def test_only_scenarios_are_claimed(tmp_path: Path) -> None:
    assert Scenarios().claims(SCENARIOS) and Scenarios().claims(SCENARIOS / "policy" / "helo.yaml")
    assert not Scenarios().claims(tmp_path)
