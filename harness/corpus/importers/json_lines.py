"""json_lines - samples that are JSON Lines already: checked, labelled, and passed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.corpus.importer import Wishes, importers
from harness.corpus.sample import Broken, Sample
from harness.corpus.store import read_lines


@importers.register("json_lines")
class JsonLines:
    """One object a line, with the keys of a sample."""

    def claims(self, path: Path) -> bool:
        return path.suffix == ".jsonl"

    def read(self, path: Path, wishes: Wishes) -> Iterator[Sample | Broken]:
        for one in read_lines(path):
            if isinstance(one, Sample) and one.label == "unknown":
                one = replace(one, label=wishes.label)
            yield one
