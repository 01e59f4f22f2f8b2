"""probe - contract: what is known of an address that was probed (verify(8), ADDRESS_VERIFICATION_README)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Probed:
    """The state of one address: deliverable, bounced, deferred, or still being asked about; and why."""

    state: Literal["ok", "bounce", "defer", "todo"]
    why: str = ""


IN_PROGRESS = Probed("todo", "Address verification in progress")


class Probe(Protocol):
    """Anything that can say whether an address is deliverable."""

    async def query(self, address: str) -> Probed | None:
        """What is known of the address; None when the verify service itself fails."""
        ...
