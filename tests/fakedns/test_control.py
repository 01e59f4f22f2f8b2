"""control: one order a line over a local socket, which is the user's own."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fakedns import Responder, parse_zone
from fakedns.control import ask, serve_control
from fakedns.orders import OrderError


def served(path: Path, talk: Callable[[str], object]) -> object:
    """What comes of a talk (in a thread) with a server at this path."""

    async def run() -> object:
        control = await serve_control(Responder(parse_zone("ok.test. A 192.0.2.8")), str(path))
        try:
            return await asyncio.to_thread(talk, str(path))
        finally:
            await control.stop()
            await asyncio.sleep(0)

    return asyncio.run(run())


def test_orders_are_answered_one_after_the_other(tmp_path: Path) -> None:
    def talk(path: str) -> list[list[str]]:
        orders = (
            ["query", "ok.test"],
            ["set", "list", "rbl.test", "192.0.2.7", "a b"],
            ["query", "7.2.0.192.rbl.test", "TXT"],
        )
        return [ask(path, words) for words in orders]

    path = tmp_path / "dns.control"
    assert served(path, talk) == [
        ["ok.test. 60 IN A 192.0.2.8"], ["192.0.2.7 is listed in rbl.test"], ['7.2.0.192.rbl.test. 60 IN TXT "a b"'],
    ]  # fmt: skip
    assert not path.exists()


def test_what_is_wrong_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "dns.control"
    with pytest.raises(OrderError, match="did you mean 'query'"):
        served(path, lambda at: ask(at, ["qery"]))
    with pytest.raises(OrderError, match="one line"):
        served(path, lambda at: ask(at, ["query", "a\nb"]))
    with pytest.raises(FileNotFoundError):
        ask(str(path), ["history"])


def test_a_line_that_is_no_words_is_an_error_and_no_end(tmp_path: Path) -> None:
    def talk(path: str) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(b"query 'ok\n\xff\xfe\nquery ok.test\n")
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()

    said = served(tmp_path / "s", talk)
    assert isinstance(said, bytes)
    assert said.startswith(b"error: No closing quotation\nerror: no order ") and said.endswith(b"192.0.2.8\nok\n")


def test_the_socket_is_for_its_owner_and_replaces_a_dead_one_only(tmp_path: Path) -> None:
    path = tmp_path / "dns.control"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert served(path, lambda at: stat.S_IMODE(Path(at).stat().st_mode)) == 0o600

    def second(at: str) -> object:
        return served(Path(at), lambda again: again)

    with pytest.raises(FileExistsError, match="another server listens there"):
        served(path, second)
    path.write_text("a file")
    with pytest.raises(FileExistsError, match="no socket"):
        served(path, second)
