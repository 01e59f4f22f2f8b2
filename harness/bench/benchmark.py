"""benchmark - contract: one hot path, measured beside a peer in the same run, and the least ratio that is asked for.

A member of benchmarks/ is a function without arguments that gives a Figure, or raises Unavailable:

    @benchmarks.register("gateway")
    def gateway() -> Figure: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.registry import Registry


class Unavailable(Exception):
    """A program the benchmark needs is not on this machine; the text says which, and the package that has it."""


@dataclass(frozen=True)
class Figure:
    """Our figure, the peer's, and the least ratio of them we ask for (None: reported only); more is better.

    `failed` says what else is wrong, whatever the ratio; `overloaded` why the harness itself was too slow to tell.
    """

    name: str
    ours: float
    peer: float
    unit: str
    peer_name: str
    floor: float | None = None
    failed: str = ""
    overloaded: str = ""

    @property
    def ratio(self) -> float:
        """Ours to the peer's."""
        return self.ours / self.peer

    @property
    def met(self) -> bool:
        """Whether the floor holds, and nothing else is wrong."""
        return not self.failed and (self.floor is None or self.ratio >= self.floor)


benchmarks: Registry[Callable[[], Figure]] = Registry("benchmark", "harness.bench.benchmarks")
