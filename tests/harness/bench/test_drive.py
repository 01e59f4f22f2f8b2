"""drive: a real sink in this process, the driver in a thread; what servers do wrong is counted by kind."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from harness.arrivals import parse_arrivals
from harness.bench.drive import Order, _Driver, drive
from harness.bench.measured import INTERRUPTED, Measured
from harness.bench.outcome import overload
from harness.bench.sink import Counts, SinkProtocol
from harness.bench.source import letter

CODES = (220, 250, 250, 250, 354, 250, 221)


def driven(
    order: Order, protocol: Callable[[], asyncio.Protocol] | None = None, pool: ProcessPoolExecutor | None = None
) -> tuple[Measured, Counts]:
    counts = Counts()

    async def run() -> Measured:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol or partial(SinkProtocol, counts), "127.0.0.1", 0)
        address = server.sockets[0].getsockname()[:2]
        try:
            return await loop.run_in_executor(pool, drive, replace(order, address=address))
        finally:
            server.close()

    return asyncio.run(run()), counts


def order(**more: object) -> Order:
    return Order(("", 0), (replace(letter(), codes=CODES),), **more)  # type: ignore[arg-type]


def test_every_session_of_a_closed_loop_comes_to_its_end() -> None:
    seen, counts = driven(order(connections=5, sessions=50))
    assert (seen.started, seen.finished, seen.messages, counts.messages) == (50, 50, 50, 50)
    assert not seen.errors and not seen.mismatches and seen.verdicts == {"accept": 50}
    assert len(seen.latency["eom"]) == len(seen.latency["session"]) == 50
    assert seen.bytes == 50 * (sum(len(turn.data) for turn in letter().turns) + len(b"QUIT\r\n"))


def test_the_last_session_may_be_another_one() -> None:
    seen, counts = driven(order(connections=2, sessions=3, last=letter().repeated(4)))
    assert (seen.finished, seen.messages, counts.messages) == (3, 6, 6)


def test_who_is_eager_asks_less_and_less_where_nobody_answers() -> None:
    driver = _Driver(order(eager=True, timeout_s=0.1))
    asked = [(driver._ready(0.0001), driver.asks)[1] for _ in range(8)]
    assert asked == [32, 16, 8, 4, 2, 1, 0, 0]
    seen, _ = driven(order(connections=5, sessions=50, eager=True))
    assert (seen.started, seen.finished) == (50, 50)


def test_open_loop_begins_as_many_as_the_rate_says_and_knows_how_late_it_was() -> None:
    seen, _ = driven(order(arrivals=parse_arrivals("200/s"), duration_s=0.3, connections=50))
    assert seen.started == seen.finished == 60 and len(seen.lag) == 60
    assert seen.ended_at - seen.began_at >= 0.25


def test_a_server_that_is_slow_makes_the_next_sessions_late_and_their_latency_says_so() -> None:
    """One connection at a time, 20 ms each, 100 arrivals a second: no omission, the queue counts."""

    class Slow(SinkProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            asyncio.get_running_loop().call_later(0.02, super().connection_made, transport)

    seen, _ = driven(order(arrivals=parse_arrivals("100/s"), duration_s=0.2, connections=1), partial(Slow, Counts()))
    assert seen.finished == 20 and max(seen.latency["session"]) > 0.15


def test_a_wrong_code_is_a_mismatch_that_names_the_session_and_what_it_got() -> None:
    wrong = replace(letter(), codes=(220, 250, 554, 221))
    seen, _ = driven(Order(("", 0), (wrong,), 2, 4))
    assert seen.mismatches == {"letter: got 220 250 250 250 354 250 221": 4}


class _HangsUp(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"220 x\r\n")
        transport.close()


class _Silent(asyncio.Protocol):
    pass


@pytest.mark.parametrize(("protocol", "kind"), [(_HangsUp, {"hung_up", "reset"}), (_Silent, {"timeout"})])
def test_errors_by_kind(protocol: type[asyncio.Protocol], kind: set[str]) -> None:
    seen, _ = driven(order(connections=2, sessions=4, timeout_s=0.1), protocol)
    assert seen.finished == 0 and sum(seen.errors.values()) == 4 and set(seen.errors) <= kind


def test_a_hang_up_that_was_expected_is_no_error() -> None:
    seen, _ = driven(Order(("", 0), (replace(letter(), codes=(220,)),), 1, 3), _HangsUp)
    assert sum(seen.errors.values()) + seen.finished == 3 and seen.errors.keys() <= {"reset"}


def test_nobody_there_is_hopeless_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
    seen = drive(replace(order(sessions=100_000), address=address))
    assert seen.errors == {"refused": 200} and "200 sessions in a row failed: refused" in seen.hopeless


def test_a_large_mail_is_sent_in_pieces() -> None:
    """More than the socket takes at once, to a server that reads late."""
    size = 8 << 20
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                for answer in (b"220 x", b"250 x", b"250 x", b"250 x", b"354 x"):
                    client.sendall(answer + b"\r\n")
                    client.recv(65536)
                received = 0
                while received < size - 65536 * 2:
                    received += len(client.recv(1 << 20))
                client.sendall(b"250 x\r\n221 x\r\n")
                while client.recv(1 << 20):
                    pass

        server = threading.Thread(target=serve)
        server.start()
        seen = drive(Order(address, (letter(size),), 1, 1))
        server.join()
    assert seen.finished == 1 and seen.verdicts == {"accept": 1}


def test_several_drivers_share_the_arrivals_one_by_one() -> None:
    shared = order(arrivals=parse_arrivals("poisson 300/s"), duration_s=0.2, connections=50, seed=3)
    whole, _ = driven(shared)
    parts = [driven(replace(shared, place=place, of=3))[0] for place in range(3)]
    assert sum(part.started for part in parts) == whole.started > 30
    assert max(part.started for part in parts) - min(part.started for part in parts) <= 1


def _few_files() -> None:
    used = sum(1 for _ in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 12, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def test_descriptors_that_run_out_are_errors_of_their_own_kind_and_the_rest_is_kept() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_few_files) as pool:
        seen, _ = driven(order(connections=100, sessions=60), pool=pool)
    assert seen.errors["files"] > 0 and seen.finished > 0
    assert "ran out of file descriptors" in overload(seen.figures(), open_loop=False)


def test_the_wall_clock_may_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures looks at monotonic clocks only."""
    monkeypatch.setattr(time, "time", lambda: pytest.fail("the wall clock was asked"))
    seen, _ = driven(order(arrivals=parse_arrivals("200/s"), duration_s=0.05, connections=50))
    assert seen.finished == 10


def test_who_is_told_to_stop_stops_and_keeps_what_he_has(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr("harness.bench.drive._stop", stop)
    monkeypatch.setattr("harness.bench.drive._LOOK_S", 0.0)
    threading.Timer(0.1, stop.set).start()
    seen, _ = driven(order(arrivals=parse_arrivals("200/s"), duration_s=60.0, connections=50))
    assert seen.hopeless == INTERRUPTED and 5 < seen.finished < 200


def test_how_long_a_turn_of_the_loop_takes_is_known() -> None:
    seen, _ = driven(order(connections=3, sessions=10))
    assert len(seen.loop) > 10 and 0 < seen.figures()["harness.loop.p50"] < 1
