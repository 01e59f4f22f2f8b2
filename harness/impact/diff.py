"""diff - two fates of one session -> what changed, and how bad that is for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.corpus.sample import Label, Sample
from harness.impact.fate import Cause, Fate, differences

Harm = Literal[
    "allowed-malware", "blocked-legit", "lost-notification", "blocked-unknown", "allowed-unknown", "allowed-spam",
    "altered", "gained-notification", "reworded", "unblocked-legit", "blocked-malware", "blocked-spam",
]  # fmt: skip
HARMS: tuple[Harm, ...] = (
    "allowed-malware", "blocked-legit", "lost-notification", "blocked-unknown", "allowed-unknown", "allowed-spam",
    "altered", "gained-notification", "reworded", "unblocked-legit", "blocked-malware", "blocked-spam",
)  # fmt: skip
"""The worst first; the last three are what one hopes for."""

GOOD = ("unblocked-legit", "blocked-malware", "blocked-spam")
_SAID = ("phase", "code", "text", "cause")  # how it was said, not what came of it

_BLOCKED: dict[Label, Harm] = {
    "ham": "blocked-legit", "spam": "blocked-spam", "malware": "blocked-malware", "unknown": "blocked-unknown"
}  # fmt: skip
_ALLOWED: dict[Label, Harm] = {
    "ham": "unblocked-legit", "spam": "allowed-spam", "malware": "allowed-malware", "unknown": "allowed-unknown"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One session whose fate is another under the new rules.  `harms` are worst first; the first one ranks it."""

    sample: Sample
    old: Fate
    new: Fate
    harms: tuple[Harm, ...]
    noise: tuple[str, ...] = ()  # fields that differ between two runs of the old rules, and so tell nothing

    @property
    def transition(self) -> str:
        """`accept -> reject`; within one verdict what else changed."""
        if self.old.verdict != self.new.verdict:
            return f"{self.old.verdict} -> {self.new.verdict}"
        return f"{self.old.verdict} ({self.harms[0]})"

    @property
    def cause(self) -> tuple[Cause, Cause]:
        """The old rule and the new one: what changes are grouped by."""
        return self.old.cause, self.new.cause

    @property
    def lost(self) -> tuple[str, ...]:
        """Recipients whom it reached and reaches no more."""
        return tuple(one for one in self.old.reached if one not in self.new.reached)


def compare(sample: Sample, old: Fate, new: Fate, noise: tuple[str, ...] = ()) -> Change | None:
    """What changed, apart from noise; None when nothing did.  A failed decision is no change: it is counted apart."""
    changed = [name for name in differences(old, new) if name not in noise]
    if not changed or "failed" in (old.verdict, new.verdict):
        return None
    return Change(sample, old, new, tuple(sorted(set(_harms(sample, old, new, changed)), key=HARMS.index)), noise)


def _harms(sample: Sample, old: Fate, new: Fate, changed: list[str]) -> list[Harm]:
    harms: list[Harm] = []
    label = sample.label
    lost, gained = set(old.reached) - set(new.reached), set(new.reached) - set(old.reached)
    if "reached" in changed or "verdict" in changed:
        if lost or (old.delivered and not new.delivered):
            harms.append(_BLOCKED[label])
        if (gained or (new.delivered and not old.delivered)) and not (label == "malware" and _treated(new)):
            harms.append(_ALLOWED[label])
        if not harms:
            harms.append(_worse(label, old, new))
    if "notices" in changed:
        if set(old.notices) - set(new.notices):
            harms.append("lost-notification")
        if set(new.notices) - set(old.notices):
            harms.append("gained-notification")
    if "digest" in changed and old.delivered and new.delivered and not lost and not gained:
        harms.append("altered")
    if not harms:
        harms.append("reworded" if set(changed) <= {*_SAID, "refused", "digest", "kept"} else "altered")
    return harms


def _treated(fate: Fate) -> bool:
    """Did the content engine act upon it?  What arrives then has nothing bad in it any more."""
    return bool(fate.kept) or fate.cause.place.startswith("act_for_")


def _worse(label: Label, old: Fate, new: Fate) -> Harm:
    """Delivered under neither: is it worse to be refused for good than for now, or to vanish?"""
    if label == "ham" and old.verdict == "defer" and new.verdict != "defer":
        return "blocked-legit"  # it would have come through at a later try
    if label == "ham" and new.verdict in ("discard", "quarantine") and old.verdict in ("reject", "defer", "bounce"):
        return "blocked-legit"  # the sender hears of it no more
    return "reworded"
