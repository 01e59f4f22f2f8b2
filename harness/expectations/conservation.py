"""conservation - every accepted mail was delivered, quarantined, bounced, discarded, held or queued: none is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import expectations, found, not_shown
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("conservation")
@dataclass(frozen=True)
class ConservationExpectation:
    """Each mail answered with 250 is known, has at least one end, and has arrived if it is called delivered."""

    wanted: bool = True

    @classmethod
    def of(cls, value: Any, key: str) -> ConservationExpectation:
        """From `true`.  Raises ScenarioError for anything else: there is no scenario in which mail may vanish."""
        if value is not True:
            raise ScenarioError("expects true")
        return cls()

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        for session in whole.sessions if seen is None else (seen,):
            if session.accounts is None or session.deliveries is None:
                yield not_shown("conservation")
                return
            ended = {queue_id for queue_id, _ in session.accounts}
            arrived = {delivery.queue_id for delivery in session.deliveries}
            lost = [queue_id for queue_id in session.queue_ids if queue_id not in ended]
            claimed = {queue_id for queue_id, fate in session.accounts if fate == "delivered"}
            phantom = [queue_id for queue_id in session.queue_ids if queue_id in claimed - arrived]
            promised = sum(
                e.phase == "end_of_data" and e.reply is not None and e.reply.code == 250 for e in session.exchanges
            )
            known = len(session.queue_ids)
            yield found(promised <= known, f"{session.id}: {promised} mails accepted", f"the target knows of {known}")
            yield found(not lost, f"{session.id}: every accepted mail has an end", f"no end for {', '.join(lost)}")
            yield found(not phantom, f"{session.id}: what is delivered arrives", f"never came: {', '.join(phantom)}")
