"""ruleset - OLD and NEW as directories: a path as it is, or `git:REV[:PATH]` taken out of the repository. (IO)"""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from harness.errors import UsageError


def checked_out(name: str, beside: str, workdir: Path) -> Path:
    """The directory that holds this rule set.  A git revision without a path means the path of the other side.

    Raises UsageError for a directory, revision or path that is not there.
    """
    if not name.startswith("git:"):
        path = Path(name)
        if not (path / "main.cf").is_file():
            raise UsageError(f"{name}: no configuration directory: there is no main.cf")
        return path
    revision, _, inside = name.removeprefix("git:").partition(":")
    if not inside:
        inside = beside.removeprefix("git:").partition(":")[2] if beside.startswith("git:") else beside
    if not revision or revision.startswith("-"):
        raise UsageError(f"{name}: expects git:REV or git:REV:PATH")
    # A path is meant from where one stands, as git's own `REV:./PATH` has it.
    where = inside if Path(inside).is_absolute() else f"./{inside}"
    if Path(inside).is_absolute():
        top = Path(_git("rev-parse", "--show-toplevel", name=name).decode().strip())
        try:
            where = Path(inside).resolve().relative_to(top.resolve()).as_posix()
        except ValueError:
            raise UsageError(f"{name}: {inside} is not in this repository") from None
    archive = _git("archive", "--format=tar", f"{revision}:{where.rstrip('/')}", name=name)
    target = workdir / f"{len(list(workdir.iterdir()))}-{revision.replace('/', '_')}"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(target, filter="data")
    if not (target / "main.cf").is_file():
        raise UsageError(f"{name}: no configuration directory: there is no main.cf in {inside}")
    return target


def _git(*arguments: str, name: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"{name}: git cannot be run: {error.strerror}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"{name}: git: {lines[0] if lines else 'failed'}")
    return done.stdout
