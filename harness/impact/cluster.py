"""cluster - the same shards on an existing Dask cluster: the one home of `distributed`. (IO)

A worker that dies costs a retry, not a result; every worker must see the corpus and the rules under the same absolute
paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness.errors import HarnessError, TargetError, UsageError
from harness.impact.judge_shard import Job, judge_shard
from harness.impact.source import Shard

RETRIES = 3
AHEAD = 4  # shards for each thread of the cluster that are on their way at a time


def judged(
    job: Job, waiting: list[tuple[int, Shard]], address: str, timeout_s: float = 10
) -> Iterator[tuple[int, Any]]:
    """(number, what came of it), as they get ready.  Raises UsageError without `distributed`, TargetError for a
    scheduler that is not there or goes away."""
    try:
        from distributed import Client, as_completed
        from distributed.client import FutureCancelledError
    except ImportError:
        raise UsageError("--scheduler needs distributed: pip install mailgauntlet[cluster]") from None
    try:
        client = Client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise TargetError(f"scheduler {address}: {str(error).splitlines()[0]}") from None
    try:
        run = f"gauntlet-{uuid4().hex}"  # two runs on one cluster must not take each other's results
        there = replace(job, old=_absolute(job.old), new=_absolute(job.new))
        numbers: dict[str, int] = {}
        left = iter(waiting)

        def submit() -> Any:
            for number, shard in left:
                future = client.submit(judge_shard, there, _there(shard), key=f"{run}-{number}", retries=RETRIES)
                numbers[future.key] = number
                return future
            return None

        ahead = max(AHEAD, AHEAD * sum(client.nthreads().values()))
        first = [future for future in (submit() for _ in range(ahead)) if future is not None]
        ended = as_completed(first, loop=client.loop)
        for future in ended:
            yield numbers[future.key], future.result()
            future.release()
            if (following := submit()) is not None:
                ended.add(following)
    except HarnessError:
        raise
    except (OSError, TimeoutError, FutureCancelledError) as error:
        raise TargetError(f"scheduler {address}: {str(error).splitlines()[0] or type(error).__name__}") from None
    finally:
        client.close(timeout=2)


def _there(shard: Shard) -> Shard:
    """The same for a process with another working directory."""
    return replace(shard, path=_absolute(shard.path), zones=tuple(map(_absolute, shard.zones)))


def _absolute(path: str) -> str:
    return str(Path(path).absolute())
