"""action - contract: what can be done with a finding; a chain tries one action after the other until one resolves.

Members live in actions/, one file each.  An action changes nothing but the state it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from harness.gateway.content.entity import Entity
from harness.gateway.content.finding import Finding
from harness.gateway.content.outcome import Quarantine
from harness.gateway.content.rav import Antispam
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


@dataclass(slots=True)
class State:
    """One mail (LF line ends) while its findings are acted upon, for one group of recipients."""

    queue_id: str
    original: bytes
    entities: dict[int, Entity]
    store: Callable[[str, bytes], bool]
    signatures: SignatureStore
    warn_text: Callable[[Finding], str]
    body_of: Callable[[Finding], bytes]  # the object a finding is about, decoded
    antispam: Antispam | None = None
    now: float = 0.0
    changes: dict[int, bytes] = field(default_factory=dict)  # top part -> what stands in its place
    headers: list[bytes] = field(default_factory=list)  # lines to add
    subject_prefix: str = ""
    embedded: bool = False
    forwards: list[str] = field(default_factory=list)
    quarantined: list[Quarantine] = field(default_factory=list)
    said: str = ""  # what the last action has to say for the trace

    def keep(self, finding: Finding, data: bytes) -> bool:
        """Put an object into quarantine under a name of its own; False when the store fails."""
        name = f"{int(self.now)}-RAV{self.queue_id}-{len(self.quarantined) + 1}"
        if not self.store(name, data):
            self.said = "the store failed"
            return False
        self.quarantined.append(Quarantine(name, finding.path, finding.name, data))
        self.said = f"stored as {name}"
        return True


Action = Callable[[State, Finding, Rule], Result]

actions: Registry[Action] = Registry("action", "harness.gateway.content.actions")
