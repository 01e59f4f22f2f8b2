"""program - which gateway runs: where it lies and which version it is, so that it can be run again as it was. (IO)"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import harness

_PARTS = (  # all that the gateway may import (the floors of pyproject.toml)
    "harness/gateway", "harness/smtp", "harness/registry.py", "harness/clock.py", "harness/errors.py", "fakedns",
)  # fmt: skip
_POSTCONF = "/usr/sbin/postconf"


def identify(target: str, path: str = "") -> dict[str, str]:
    """Path and version of what would run now; the version of the reference gateway is a digest of its modules."""
    if target != "reference":
        return {"path": "", "version": _postfix() if target == "postfix" else target}
    top = Path(harness.__file__).parent.parent
    first = Path(path).resolve() if path else None
    return {"path": str(first or ""), "home": str(top), "version": _digest(first, top)}


def run_again(target: str, program: dict[str, str]) -> tuple[str, str]:
    """(where its modules are found, why it cannot be run again): one of them is empty, or both.

    What was saved from another checkout runs from there, as long as it is still what it was.
    """
    path, home = program.get("path", ""), program.get("home", "")
    if target not in ("reference", "postfix"):
        return "", f"{target} is not ours to run as it was"
    if target == "postfix":
        now = _postfix()
        return "", "" if now == program["version"] else f"Postfix was {program['version']} then and is {now} now"
    top = Path(home)
    if (
        not all((top / part).exists() for part in _PARTS)
        or _digest(Path(path) if path else None, top) != program["version"]
    ):
        return "", f"the gateway of {path or home} is not what it was"
    if top == Path(harness.__file__).parent.parent:
        return path, ""
    return f"{path}:{home}" if path else home, ""


def _digest(first: Path | None, top: Path) -> str:
    each = sorted(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in _modules(first, top))
    return hashlib.sha256("\n".join(each).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _modules(first: Path | None, top: Path) -> Iterator[Path]:
    if first is not None:
        yield from sorted(first.rglob("*.py"))
    for part in _PARTS:
        if first is None or not (first / part).exists():
            yield from [top / part] if part.endswith(".py") else sorted((top / part).rglob("*.py"))


def _postfix() -> str:
    try:
        return subprocess.run(
            [_POSTCONF, "-dh", "mail_version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "missing"
