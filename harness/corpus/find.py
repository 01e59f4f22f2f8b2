"""find - where a file named in a scenario is: beside it, below the nearest `corpus`, or in the one that is shipped."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.errors import ScenarioError, did_you_mean


def find(name: str, scenario: Path) -> Path:
    """The path of `corpus:NAME`, or of a name relative to the scenario file.

    `corpus:` means the directory `corpus` beside the scenario or beside one of the directories it is in, and where
    there is none the corpus that comes with the package.  Raises ScenarioError with the nearest name that is there.
    """
    scheme, colon, rest = name.partition(":")
    if colon and scheme == "corpus":
        root = corpus_of(scenario)
        if root is None:
            raise ScenarioError(f"{name}: no directory `corpus` above {scenario.parent}, and none is shipped")
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
    return shipped("corpus")


def shipped(name: str) -> Path | None:
    """`corpus` or `scenarios` as they come with the package: inside it when installed, beside it in a checkout."""
    package = Path(harness.__file__).parent
    inside, beside = package / "shipped" / name, package.parent / name
    if inside.is_dir():
        return inside
    return beside if beside.is_dir() and (package.parent / "pyproject.toml").is_file() else None


def default_scenarios() -> str:
    """Where scenarios are when nobody says: `scenarios` here, else the shipped ones."""
    found = None if Path("scenarios").is_dir() else shipped("scenarios")
    return "scenarios" if found is None else str(found)


def read(name: str, scenario: Path) -> bytes:
    """The bytes of such a file.  Raises ScenarioError when it is not there or cannot be read."""
    path = find(name, scenario)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{name}: {error.strerror}") from None


def _siblings(path: Path) -> list[str]:
    return [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
