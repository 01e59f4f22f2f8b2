"""main - `gauntlet bench`: run the benchmarks, print a table, fail when a floor is missed."""

from __future__ import annotations

from collections.abc import Callable

from harness.bench import commands, dns, smtp
from harness.bench.measure import Figure, Unavailable
from harness.errors import UsageError, did_you_mean

BENCHMARKS: dict[str, Callable[[], Figure]] = {
    "startup": commands.startup,
    "dns": dns.answers,
    "gateway": smtp.gateway,
    "run": commands.run,
}


def bench(only: list[str]) -> int:
    """Print one line for each benchmark.  0, or 1 when a ratio is below its floor.  Raises UsageError."""
    for name in only:
        if name not in BENCHMARKS:
            raise UsageError(f"no benchmark {name!r}{did_you_mean(name, BENCHMARKS)}")
    print(f"{'benchmark':<10} {'ours':>12} {'peer':>12}  {'unit':<10} {'ratio':>6}  {'floor':>5}  peer")
    missed = False
    for name in only or BENCHMARKS:
        try:
            figure = BENCHMARKS[name]()
        except Unavailable as error:
            print(f"{name:<10} skipped: {error}")
            continue
        missed |= not figure.met
        floor = "-" if figure.floor is None else f"{figure.floor:.2f}"
        print(
            f"{figure.name:<10} {figure.ours:>12.1f} {figure.peer:>12.1f}  {figure.unit:<10} {figure.ratio:>6.2f}  "
            f"{floor:>5}  {figure.peer_name}{'' if figure.met else '  MISSED'}",
            flush=True,
        )
    return int(missed)
