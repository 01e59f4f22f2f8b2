"""find - where a file named in a scenario is: beside the scenario, or below the nearest `corpus` directory."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ScenarioError, did_you_mean


def find(name: str, scenario: Path) -> Path:
    """The path of `corpus:NAME`, or of a name relative to the scenario file.

    `corpus:` means the directory `corpus` beside the scenario or beside one of the directories it is in.
    Raises ScenarioError with the nearest name that is there.
    """
    scheme, colon, rest = name.partition(":")
    if colon and scheme == "corpus":
        root = corpus_of(scenario)
        if root is None:
            raise ScenarioError(f"{name}: no directory `corpus` above {scenario.parent}")
        path = root / rest
    else:
        path = scenario.parent / name
    if not path.exists():
        raise ScenarioError(f"{name}: no such file{did_you_mean(path.name, _siblings(path))}")
    return path


def corpus_of(scenario: Path) -> Path | None:
    """The `corpus` directory that `corpus:` means for this scenario file, or None."""
    for directory in scenario.resolve().parents:
        if (directory / "corpus").is_dir():
            return directory / "corpus"
    return None


def read(name: str, scenario: Path) -> bytes:
    """The bytes of such a file.  Raises ScenarioError when it is not there or cannot be read."""
    path = find(name, scenario)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{name}: {error.strerror}") from None


def _siblings(path: Path) -> list[str]:
    return [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
