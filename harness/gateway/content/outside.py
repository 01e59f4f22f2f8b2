"""outside - contract: a scanner that is not ours, somewhere behind a socket; and what its silence means.

The pure side knows only this; clamd.py is what the rim hangs in.  A scanner that is down, slow or talks nonsense has
not examined the object: that is a finding, unless the administrator has said that it may be ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.gateway.content.finding import Finding, FindingClass
from harness.gateway.content.part import Part
from harness.gateway.rule import Rule

NAME = "Scanner.Clamd"


class OutsideScanner(Protocol):
    """What the rim provides."""

    async def names_in(self, data: bytes) -> tuple[str, ...]:
        """Names of what is in the bytes.  Raises any exception where there is no verdict."""
        ...


@dataclass(frozen=True, slots=True)
class ClamdSetting:
    """The keys `clamd`, `clamd_timeout_s` and `clamd_failure`."""

    address: str | tuple[str, int]
    timeout_s: int
    fail_open: bool
    rule: Rule


Connect = Callable[[str | tuple[str, int], float], OutsideScanner]


class Outside:
    """The scanner as one mail uses it: after its first failure it is not asked again."""

    def __init__(self, setting: ClamdSetting, scanner: OutsideScanner | None) -> None:
        """Without a scanner (direct mode has no sockets) nothing is examined by it, and that is a failure too."""
        self.setting, self.scanner = setting, scanner
        self.failed = ""
        self._known: dict[int, tuple[str, ...]] = {}

    async def scan(self, part: Part) -> list[Finding]:
        """What it finds in an object; bytes that it has seen are not sent again.  Never raises."""
        if self.failed or not part.data:
            return []
        mark = hash(part.data)
        try:
            if mark not in self._known:
                if self.scanner is None:
                    raise ConnectionError("no outside scanner in direct mode")
                self._known[mark] = await self.scanner.names_in(part.data)
        except Exception as error:
            self.failed = str(error) or repr(error)
            if self.setting.fail_open:
                return []
            return [Finding("unscannable", NAME, part.path, self.setting.rule, part.entity, self.failed[:200])]
        return [Finding(_class_of(name), name, part.path, self.setting.rule, part.entity) for name in self._known[mark]]


def _class_of(name: str) -> FindingClass:
    """ClamAV calls its guesses Heuristics.*, and what it could not open Heuristics.Encrypted or .Limits."""
    if name.startswith(("Heuristics.Encrypted.", "Heuristics.Limits.")):
        return "unscannable"
    return "suspicious" if name.startswith("Heuristics.") else "infected"
