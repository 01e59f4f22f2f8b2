"""scanner - contract: an object -> what one kind of scan finds in it.

Members live in scanners/, one file per kind.  All but `signatures` are heuristics and can be switched off together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import Rule, default_rule
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class ScanContext:
    """What scanners may know beside the object."""

    signatures: SignatureStore
    banned: frozenset[str]  # extensions, lower case, without the dot
    banned_rule: Rule
    heuristics: bool = True


Scanner = Callable[[Part, ScanContext], Iterator[Finding]]
"""Gives findings; what it raises all the same is a finding too: the object was not scanned."""

scanners: Registry[Scanner] = Registry("scanner", "harness.gateway.content.scanners")
CERTAIN = frozenset({"signatures", "yara"})  # not heuristics: never switched off, and asked about the raw mail too


def scan(part: Part, context: ScanContext) -> list[Finding]:
    """What every scanner in force finds in one object.  Never raises."""
    found: list[Finding] = []
    for name in scanners:
        if name in CERTAIN or (context.heuristics and not part.raw):
            try:
                found += scanners[name](part, context)
            except Exception as error:  # hostile bytes: not scanned is not clean
                rule = default_rule(f"unscannable: Scanner.{name.capitalize()}")
                detail = repr(error)[:200]
                found.append(
                    Finding("unscannable", f"Scanner.{name.capitalize()}", part.path, rule, part.entity, detail)
                )
    return found
