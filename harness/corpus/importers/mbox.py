"""mbox - a file of messages, each behind a `From ` line (RFC 4155); read as it goes, so its size does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.corpus.importer import MOST_BYTES, Wishes, importers, sample_of
from harness.corpus.sample import Broken, Sample

_PIECE = 1 << 16


@importers.register("mbox")
class Mbox:
    """A message begins with `From ` at the start of the file or behind an empty line; `>From ` is unquoted once."""

    def claims(self, path: Path) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(5) == b"From "

    def read(self, path: Path, wishes: Wishes) -> Iterator[Sample | Broken]:
        for number, (lines, why) in enumerate(_messages(path), 1):
            origin = f"{path.name}:{number}"
            yield Broken(origin, why) if why else sample_of(b"".join(lines), f"{path.stem}-{number}", origin, wishes)


def _messages(path: Path) -> Iterator[tuple[list[bytes], str]]:
    """(lines of a message, "") or ([], why it was not kept)."""
    lines: list[bytes] = []
    size, empty, begun = 0, True, False
    with path.open("rb") as file:
        at_start = True
        while line := file.readline(_PIECE):  # a line may be as long as the file
            starts, at_start = at_start, line.endswith(b"\n")
            if starts and empty and line.startswith(b"From "):
                if begun:
                    yield _whole(lines, size)
                lines, size, begun, empty = [], 0, True, False
                continue
            empty = starts and line in (b"\n", b"\r\n")
            size += len(line)
            if size <= MOST_BYTES:
                quoted = starts and line.startswith(b">") and line.lstrip(b">").startswith(b"From ")
                lines.append(line[1:] if quoted else line)
            else:
                lines.clear()
        if begun:
            yield _whole(lines, size)


def _whole(lines: list[bytes], size: int) -> tuple[list[bytes], str]:
    if size > MOST_BYTES:
        return [], f"{size} bytes: more than the {MOST_BYTES} that are read"
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines = lines[:-1]  # the empty line belongs to the mbox
    return (lines, "") if lines else ([], "an empty message")
