"""finding - something the engine found in a mail: of which class, under which name, in which object, by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.gateway.rule import Rule

FindingClass = Literal["infected", "suspicious", "unscannable", "filter", "bulk"]

SEVERITY: tuple[FindingClass, ...] = ("infected", "suspicious", "unscannable", "filter", "bulk")
"""Worst first; what is in no class is clean."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.  `path` names the object (`part0002:a.zip/b.exe`, or `mail`), `entity` the MIME part to act on."""

    cls: FindingClass
    name: str  # Eicar-Test, Name.DoubleExtension, Encrypted.Zip, the name of a filter
    path: str
    rule: Rule
    entity: int = 0  # index of the top MIME part that holds the object; 0 is the mail itself
    detail: str = ""
    filtered: Literal["", "subject", "attachment", "content"] = ""
    actions: tuple[str, ...] = ()  # a filter line may name its own actions
    forges_sender: bool = False  # this name is known to forge the sender: nobody there to tell

    @property
    def setting(self) -> str:
        """The setting whose chain answers this finding."""
        if self.cls == "filter":
            return f"act_for_filter_{self.filtered}"
        return "antispam_configuration" if self.cls == "bulk" else f"act_for_{self.cls}_files"

    @property
    def severity(self) -> int:
        """0 is the worst."""
        return SEVERITY.index(self.cls)


def worst(findings: tuple[Finding, ...]) -> Finding | None:
    """The most severe finding, the earliest of its class; None when there is none."""
    return min(findings, key=lambda finding: finding.severity, default=None)
