"""scanner - contract: an object -> what one kind of scan finds in it.

Members live in scanners/, one file per kind.  All but `signatures` are heuristics and can be switched off together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import Rule
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class ScanContext:
    """What scanners may know beside the object."""

    signatures: SignatureStore
    banned: frozenset[str]  # extensions, lower case, without the dot
    banned_rule: Rule
    heuristics: bool = True


Scanner = Callable[[Part, ScanContext], Iterator[Finding]]
"""Gives findings; raises nothing it can foresee."""

scanners: Registry[Scanner] = Registry("scanner", "harness.gateway.content.scanners")


def scan(part: Part, context: ScanContext) -> list[Finding]:
    """What every scanner in force finds in one object."""
    found: list[Finding] = []
    for name in scanners:
        if context.heuristics or name == "signatures":
            found += scanners[name](part, context)
    return found
