"""commands - how long `gauntlet --help` and a whole `gauntlet run` take, against a bare interpreter and pytest. (IO)"""

from __future__ import annotations

from pathlib import Path

from harness.bench.measure import Figure, Unavailable, in_turns, python, seconds


def startup() -> Figure:
    """1/s of `gauntlet --help`, against `python -c pass`; the floor is what keeps it below 0.3 s."""
    ours, peer = in_turns(
        lambda: 1 / seconds(python("-m", "harness", "--help")), lambda: 1 / seconds(python("-c", "import argparse"))
    )
    return Figure("startup", ours, peer, "1/s", "python -c 'import argparse'", 0.1)


def run() -> Figure:
    """1/s of every scenario in scenarios/, against pytest collecting nothing.  Raises Unavailable."""
    if not Path("scenarios").is_dir():
        raise Unavailable("no scenarios/ here")
    ours, peer = in_turns(
        lambda: 1 / seconds(python("-m", "harness", "run")),
        lambda: 1 / seconds(python("-c", "import pytest, aiosmtpd.smtp, pydantic, faker, dnslib")),
    )
    return Figure("run", ours, peer, "1/s", "importing what it needs")
