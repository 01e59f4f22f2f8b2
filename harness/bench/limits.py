"""limits - what the load takes of the machine: open files, asked for before it begins, and processors. (IO)"""

from __future__ import annotations

import os

from harness.errors import UsageError

_BESIDES = 64  # what a process has open beside its connections


def allow_connections(many: int) -> None:
    """Let this process and those it starts have so many connections.  Raises UsageError where the system forbids it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = many + _BESIDES
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return
    if hard != resource.RLIM_INFINITY and needed > hard:
        fewer = f"ask for {hard - _BESIDES} connections or fewer, or raise the limit" if hard > _BESIDES else "raise it"
        raise UsageError(
            f"{many} connections at once need {needed} open files, and this process may have no more than {hard} "
            f"(ulimit -Hn): {fewer}"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def leave_a_processor() -> None:
    """Keep this process off the first of the processors that it may use: that one is the target's.

    Two processes of load and a target on two processors take it from each other, twice a message, and all three are
    slower than with one.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux has it
        return
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [first])
