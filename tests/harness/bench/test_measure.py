"""measure: a missing or dying program is a reason, never a figure; a floor that is missed is seen."""

from __future__ import annotations

import pytest

from harness.bench.benchmark import Figure, Unavailable
from harness.bench.measure import free_port, in_turns, listens, program, python, running, seconds


@pytest.mark.parametrize(("floor", "met"), [(None, True), (0.5, True), (0.51, False)])
def test_a_ratio_and_its_floor(floor: float | None, met: bool) -> None:
    figure = Figure("x", 50.0, 100.0, "1/s", "peer", floor)
    assert figure.ratio == 0.5 and figure.met is met


def test_medians_are_taken_in_turns() -> None:
    order: list[str] = []
    ours, peer = iter([3.0, 1.0, 2.0]), iter([30.0, 10.0, 20.0])

    def mine() -> float:
        order.append("ours")
        return next(ours)

    def its() -> float:
        order.append("peer")
        return next(peer)

    assert in_turns(mine, its) == (2.0, 20.0) and order == ["ours", "peer"] * 3


def test_a_program_that_is_missing_or_fails_is_named() -> None:
    with pytest.raises(Unavailable, match=r"nosuchprogram is missing \(Debian: some\)"):
        program("nosuchprogram", "some")
    with pytest.raises(Unavailable, match="no good"):
        seconds(python("-c", "raise SystemExit('no good')"))
    with (
        pytest.raises(Unavailable, match="no good"),
        running(python("-c", "raise SystemExit('no good')"), lambda: False),
    ):
        pass


def test_a_program_runs_until_the_block_ends() -> None:
    port = free_port()
    server = "import socket,sys; s=socket.create_server(('127.0.0.1',int(sys.argv[1])))\nwhile True: s.accept()"
    with running(python("-c", server, str(port)), lambda: listens(port)) as pid:
        assert listens(port) and pid > 0
    assert not listens(port)
