"""source - contract: a corpus on disk, cut into shards that any process can read by itself.

Members live in sources/ and say which paths are theirs.  A shard is plain data: where it lies, from where to where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.corpus.sample import Broken, Sample
from harness.errors import NothingToDo, UsageError
from harness.impact.world import World
from harness.registry import Registry

SHARD = 2000  # sessions: about a second's work


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a corpus: source (a member's name), path, and the member's own idea of from and to."""

    source: str
    path: str
    start: int
    stop: int
    zones: tuple[str, ...] = ()  # zone files named by the user, for what brings no world of its own

    @property
    def name(self) -> str:
        """What tells it from other shards."""
        return f"{self.source}:{self.path}:{self.start}-{self.stop}"


class Source(Protocol):
    """A kind of corpus."""

    def claims(self, path: Path) -> bool:
        """Is this path one of ours?"""
        ...

    def shards(self, path: Path, zones: tuple[str, ...], size: int) -> Iterator[Shard]:
        """The whole corpus in order, in parts of about `size` sessions.  Raises HarnessError when it cannot be read."""
        ...

    def samples(self, shard: Shard) -> Iterator[Sample | Broken]:
        """The sessions of one shard, in order; what makes none is Broken.  Raises HarnessError."""
        ...

    def world(self, shard: Shard) -> World:
        """The DNS they live in.  Raises HarnessError."""
        ...


sources: Registry[type[Source]] = Registry("source", "harness.impact.sources")


def shards_of(paths: list[Path], zones: tuple[str, ...] = (), size: int = SHARD) -> Iterator[Shard]:
    """Every shard of every path, in order.

    Raises UsageError for a path that no source knows, and for no such zone; NothingToDo for an empty directory.
    """
    for zone in zones:  # said at once, also where the corpus has a world of its own
        if not Path(zone).is_file():
            raise UsageError(f"--zone {zone}: no such file")
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such corpus")
        for name in sources:
            source = sources[name]()
            if source.claims(path):
                yield from source.shards(path, zones, size)
                break
        else:
            if path.is_dir():
                raise NothingToDo(f"{path}: no session in this directory")
            raise UsageError(f"{path}: no corpus that can be read; `gauntlet import` makes one")
