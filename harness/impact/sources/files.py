"""files - corpora that `gauntlet import` and `gauntlet generate` wrote: JSON Lines, Parquet, and mixes made on the way.

The DNS world of X.jsonl is X.zone beside it, and the zone files the user names; a mix brings its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import fakedns
from harness.corpus.mix import Mix, generated, read_mix
from harness.corpus.sample import Broken, Sample
from harness.corpus.store import cut_lines, cut_parquet, read_lines, read_parquet
from harness.impact.source import Shard, sources
from harness.impact.world import World, read_world


class _Stored:
    """A file of samples."""

    suffix = ""

    def claims(self, path: Path) -> bool:
        return path.suffix == self.suffix and path.is_file()

    def world(self, shard: Shard) -> World:
        beside = Path(shard.path).with_suffix(".zone")
        return read_world([*([beside] if beside.exists() else []), *map(Path, shard.zones)])


@sources.register("json_lines")
class JsonLines(_Stored):
    """One sample a line; a shard is from byte to byte."""

    suffix = ".jsonl"

    def shards(self, path: Path, zones: tuple[str, ...], size: int) -> Iterator[Shard]:
        for start, stop in cut_lines(path, size):
            yield Shard("json_lines", str(path), start, stop, zones)

    def samples(self, shard: Shard) -> Iterator[Sample | Broken]:
        return read_lines(Path(shard.path), shard.start, shard.stop)


@sources.register("parquet")
class Parquet(_Stored):
    """A shard is from row group to row group."""

    suffix = ".parquet"

    def shards(self, path: Path, zones: tuple[str, ...], size: int) -> Iterator[Shard]:
        for start, stop in cut_parquet(path, size):
            yield Shard("parquet", str(path), start, stop, zones)

    def samples(self, shard: Shard) -> Iterator[Sample | Broken]:
        return read_parquet(Path(shard.path), shard.start, shard.stop)


@sources.register("mix")
class Generated:
    """A .mix file: its sessions are made when they are needed and are nowhere kept."""

    def claims(self, path: Path) -> bool:
        return path.suffix == ".mix" and path.is_file()

    def shards(self, path: Path, zones: tuple[str, ...], size: int) -> Iterator[Shard]:
        sessions = _mix(str(path)).sessions
        for start in range(0, sessions, size):
            yield Shard("mix", str(path), start, min(start + size, sessions), zones)

    def samples(self, shard: Shard) -> Iterator[Sample | Broken]:
        return generated(_mix(shard.path), shard.start, shard.stop)

    def world(self, shard: Shard) -> World:
        world = read_world(map(Path, shard.zones))
        world.zone.merge(fakedns.parse_zone("\n".join(_mix(shard.path).people.zone()) + "\n", file=shard.path))
        return world


@lru_cache(maxsize=4)
def _mix(path: str) -> Mix:
    return read_mix(Path(path))
