"""output - the file that a result goes to: seen to before the work begins, and never half there. (IO)"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from harness.errors import UsageError


def writable(*files: str | Path | None) -> None:
    """See that each of these can be written; what is None or "" is nobody's wish.  Raises UsageError.

    It leaves nothing behind, and a file that is there as it is.
    """
    seen: set[Path] = set()
    for path in [Path(file) for file in files if file]:
        try:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if path.exists() and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            if not _special(path):
                part = _part(path)
                part.touch()
                part.unlink()
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        if path.resolve() in seen and not _special(path):
            raise UsageError(f"{path}: two results cannot go to one file")
        seen.add(path.resolve())


def writable_directory(directory: str | Path) -> None:
    """See that files can be put there; it is made only when there is one.  Raises UsageError."""
    there = Path(directory).absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise UsageError(f"{directory}: {there} is no directory")
    writable(there / f".gauntlet-{os.getpid()}")


def write(file: str | Path, text: str | Iterable[str]) -> None:
    """The text under this name, whole or not at all; 8-bit bytes of a peer become escapes.  Raises UsageError."""
    path = Path(file)
    try:
        if _special(path):
            _written(path, text)
            return
        part = _part(path)
        try:
            _written(part, text)
            part.replace(path.resolve())
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None


def _written(path: Path, text: str | Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines([text] if isinstance(text, str) else text)


def _special(path: Path) -> bool:
    """A device or a pipe, which is written to and not replaced."""
    return path.exists() and not path.is_file()


def _part(path: Path) -> Path:
    real = path.resolve()
    return real.with_name(f".{real.name}.part")
