"""archive - contract: a container of other objects, how to know one and how to take it apart within a budget.

Members live in archives/, one file per format.  Everything that goes wrong inside is told, never raised:
what could not be read is a `Trouble`, and a limit passed is the budget's own exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class Member:
    """An object taken out of a container; `type` only where the container declares one."""

    name: str
    data: bytes
    names: tuple[str, ...] = ()  # its other names
    type: str = ""
    label: str = ""  # how its path calls it when that is not the name (part0001:x.exe)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place where the container is broken, encrypted or ambiguous."""

    cls: Literal["suspicious", "unscannable"]
    name: str  # Encrypted.Zip
    member: str = ""  # the name of the member concerned
    detail: str = ""


class Archive(Protocol):
    """One container format."""

    def recognises(self, part: Part) -> bool:
        """Whether the bytes (never the name alone) are of this format.  Cheap: asked for every object."""
        ...

    def members(self, part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        """What is inside, one by one, each counted against the budget.  Raises LimitPassed, and nothing for bad bytes
        that it could foresee; the caller turns any other exception into a `Broken` finding.
        """
        ...


archives: Registry[Archive] = Registry("archive format", "harness.gateway.content.archives")
_formats: list[tuple[str, Archive]] = []


def formats() -> list[tuple[str, Archive]]:
    """(canonical name, member) of every format, each once."""
    if not _formats:
        once: dict[int, tuple[str, Archive]] = {}
        for name in archives:
            once.setdefault(id(archives[name]), (name, archives[name]))
        _formats.extend(once.values())
    return _formats
