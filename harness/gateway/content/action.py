"""action - contract: what can be done with a finding; a chain tries one action after the other until one resolves.

Members live in actions/, one file each.  An action changes nothing but the state it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from harness.gateway.content.finding import Finding
from harness.gateway.content.group import Antispam
from harness.gateway.content.quarantine import Shelf
from harness.gateway.content.replace import Target, target_of
from harness.gateway.content.rewrite import Draft
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import Rule
from harness.registry import Registry


class Result(Enum):
    """What became of an action."""

    RESOLVED = "done"  # the chain ends
    SIDE_EFFECT = "done, and on"  # the chain goes on
    FAILED = "failed"  # the next action is tried
    REJECT = "reject"  # the mail ends here: nothing is delivered, the sender learns of it
    DISCARD = "discard"  # the mail ends here, and nobody learns of it

    @property
    def word(self) -> str:
        """The word in logs and traces."""
        return self.value.partition(",")[0]


@dataclass(slots=True)
class State:
    """One mail while its findings are acted upon, for one group of recipients."""

    draft: Draft
    shelf: Shelf
    signatures: SignatureStore
    warn_text: Callable[[Finding], str]
    antispam: Antispam | None = None
    strings: Callable[[str, Finding], str] = field(default=lambda event, finding: "")  # bulk_header, ... by event
    forwards: list[str] = field(default_factory=list)
    said: str = ""  # what the last action has to say for the trace
    stored: str = ""  # the name the last `keep` gave

    def target(self, finding: Finding) -> Target:
        """Where the finding's object is in the mail."""
        return target_of(self.draft.unpacked, self.draft.data, finding)

    def refuses(self, target: Target) -> bool:
        """Whether the object cannot be changed where it is; why stands in `said`."""
        if refusal := target.refusal:
            self.said = refusal
        return bool(refusal)

    def keep(self, finding: Finding, data: bytes, folder: str = "") -> bool:
        """Put an object into quarantine under a name of its own; False, and why, when that fails."""
        name, why = self.shelf.keep(finding.path, finding.name, data, folder)
        self.said = f"stored as {name}" if name else why
        self.stored = name or self.stored
        return bool(name)


Action = Callable[[State, Finding, Rule], Result]

actions: Registry[Action] = Registry("action", "harness.gateway.content.actions")
