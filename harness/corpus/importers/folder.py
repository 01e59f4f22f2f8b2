"""folder - one message a file: a Maildir, a folder of .eml files, or a single file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.corpus.importer import MOST_BYTES, Wishes, importers, sample_of
from harness.corpus.sample import Broken, Sample


class _Files:
    """Reads each file as one message."""

    def files(self, path: Path) -> list[Path]:
        raise NotImplementedError

    def read(self, path: Path, wishes: Wishes) -> Iterator[Sample | Broken]:
        for file in self.files(path):
            origin = str(file.relative_to(path)) if file != path else file.name
            try:
                size = file.stat().st_size
                if size > MOST_BYTES:
                    yield Broken(origin, f"{size} bytes: more than the {MOST_BYTES} that are read")
                    continue
                yield sample_of(file.read_bytes(), file.name.partition(":")[0], origin, wishes)
            except OSError as error:
                yield Broken(origin, error.strerror or str(error))


@importers.register("maildir")
class Maildir(_Files):
    """`cur` and `new`, of this folder and of those in it; `tmp` holds what nobody has finished."""

    def claims(self, path: Path) -> bool:
        return (path / "cur").is_dir() and (path / "new").is_dir()

    def files(self, path: Path) -> list[Path]:
        return sorted(file for file in path.rglob("*") if file.parent.name in ("cur", "new") and file.is_file())


@importers.register("eml")
class Eml(_Files):
    """Files that end in .eml or .msg, anywhere below; or one file of any name."""

    def claims(self, path: Path) -> bool:
        return path.suffix in (".eml", ".msg") or (path.is_dir() and any(self.files(path)))

    def files(self, path: Path) -> list[Path]:
        if path.is_file():
            return [path]
        return sorted(file for file in path.rglob("*") if file.suffix in (".eml", ".msg") and file.is_file())
