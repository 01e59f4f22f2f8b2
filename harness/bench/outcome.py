"""outcome - what came of a scenario's load on one side: figures, thresholds, blocks, exit status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.bench.block import Block
from harness.bench.measured import INTERRUPTED, Measured
from harness.errors import TargetError
from harness.threshold import Threshold

BREACHED, INCONCLUSIVE, DIED, STOPPED = 99, 6, TargetError.exit_status, 130
GRAVITY = (0, INCONCLUSIVE, BREACHED, DIED, STOPPED)  # of several statuses the last in this row counts
LATE_S = 0.02  # a session begun later than this, through our own fault, was not begun when it was due
_WORLD_LATE_S = 0.05  # so late a timer of our DNS and next hop may be, in one case of a hundred
_BUSY = 0.95  # of a processor


@dataclass(frozen=True)
class Outcome:
    """What came of one scenario on one side."""

    scenario: str
    target: str
    figures: Mapping[str, float]
    thresholds: tuple[tuple[Threshold, bool | None], ...]
    measured: Measured
    overloaded: str  # why the harness itself was too slow; "" if it was not
    blocks: tuple[Block, ...] = ()
    ended: str = ""  # why the target did not live to the end

    @property
    def status(self) -> int:
        """0; 130 where the user stopped it; 4 where the target died; 99 where a threshold is breached; 6 where unsure.

        Unsure it is where a breach may be the harness's own fault, or the load was given up.  A wrong verdict is
        nobody's fault but the target's.
        """
        if self.measured.hopeless == INTERRUPTED:
            return STOPPED
        if self.ended:
            return DIED
        breached = [threshold for threshold, met in self.thresholds if not met]
        if any(threshold.metric.startswith("verdict.") for threshold in breached):
            return BREACHED
        if self.overloaded:
            return INCONCLUSIVE
        # Given up without a breach: the load that was asked for was never brought.
        return BREACHED if breached else INCONCLUSIVE if self.measured.hopeless else 0


def overload(figures: Mapping[str, float], *, open_loop: bool) -> str:
    """Why the harness, and not the target, was what limited the load; "" if it was not."""
    if times := figures.get("errors.files"):
        return f"the load client ran out of file descriptors {times:.0f} times (ulimit -n)"
    late = figures.get("harness.lag.p99", 0.0)
    if open_loop and late > LATE_S:
        return f"one session in a hundred began {late * 1000:.0f} ms late or more, through our own fault"
    turn = figures.get("harness.loop.p99", 0.0)
    if turn > LATE_S:
        return (
            f"one turn in a hundred of the load client's loop took {turn * 1000:.0f} ms or more: answers waited so long"
        )
    answered = figures.get("world.lag.p99", 0.0)
    if open_loop and answered > _WORLD_LATE_S:
        return f"our own DNS and next hop answered up to {answered * 1000:.0f} ms late"
    ours, its = figures["harness.cpu"], figures.get("gateway.cpu", 0.0)
    if not open_loop and ours > _BUSY and its < 0.8:
        return f"the load client took {ours:.0%} of a processor, the target only {its:.0%}"
    world = figures.get("world.cpu", 0.0)
    if world > _BUSY and its < 0.8:
        return f"DNS and next hop took {world:.0%} of a processor, the target only {its:.0%}"
    return ""
