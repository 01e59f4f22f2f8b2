"""search - take a mail apart and scan every object as it appears, all of it within one budget of time and memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.gateway.content.budget import Budget, LimitPassed
from harness.gateway.content.finding import Finding
from harness.gateway.content.outside import Outside
from harness.gateway.content.scanner import ScanContext, scan
from harness.gateway.content.unpack import Unpacked, begin, objects

Key = tuple[bool, frozenset[str]]
"""What makes two groups' scans the same: heuristics or none, and the banned extensions."""


class Polite(Protocol):
    """What the rim provides: a search that takes long must not keep others waiting (`turns.Turns`)."""

    async def give_way(self) -> None:
        """Let them go on, if it is time to."""
        ...


@dataclass(slots=True)
class Searched:
    """The objects of a mail with the troubles of its wrapping, and what the scanners found, context by context."""

    unpacked: Unpacked
    scans: dict[Key, list[Finding]] = field(default_factory=dict)


async def search(
    data: bytes,
    budget: Budget,
    contexts: Mapping[Key, ScanContext],
    outside: Outside | None = None,
    polite: Polite | None = None,
) -> Searched:
    """The objects of a mail (LF line ends) and everything found in them.

    Never raises: time that runs out while scanning is a finding like that of any limit.
    """
    unpacked = begin(data, budget)
    gathered = {key: _Gathered() for key in contexts}
    for part in objects(data, unpacked, budget):
        try:
            budget.check_time()
        except LimitPassed as passed:
            unpacked.passed(passed, part.path, part.entity)
            break
        try:
            for key, context in contexts.items():
                gathered[key].add(scan(part, context), part.raw)
        except Exception as error:  # whatever breaks, the object was not scanned
            unpacked.broken("scanner", error, part.path, part.entity)
        if outside is not None:
            found = await outside.scan(part)
            for one in gathered.values():
                one.add(found, part.raw)
        if polite is not None:
            await polite.give_way()
    unpacked.findings = once(unpacked.findings)
    return Searched(unpacked, {key: found.all() for key, found in gathered.items()})


class _Gathered:
    """Findings of the objects, and those of the raw mail apart."""

    def __init__(self) -> None:
        self.objects: list[Finding] = []
        self.raw: list[Finding] = []

    def add(self, findings: list[Finding], raw: bool) -> None:
        if raw:
            self.raw += findings
        else:
            self.objects += findings

    def all(self) -> list[Finding]:
        """Each once; what only the raw mail shows comes last: an object that shows it too is the better place."""
        names = {finding.name for finding in self.objects}
        return once([*self.objects, *(finding for finding in self.raw if finding.name not in names)])


def once(findings: list[Finding]) -> list[Finding]:
    """Each finding once: two readings of one object tell the same."""
    return list({(f.cls, f.name, f.path, f.entity): f for f in reversed(findings)}.values())[::-1]
