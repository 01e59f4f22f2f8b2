"""policy_server: by its rules, on a socket, until it is closed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.replay.policy_server import PLACE, PolicyServer, answer, beside, parse_request
from harness.scenario import PolicyRule

RULES = (
    PolicyRule({"protocol_state": "RCPT", "sender": "*@ok.test"}, "REJECT {sender} {nosuch}"),
    PolicyRule({"sender": "raw@*"}, raw="what\n\n"),
    PolicyRule({"sender": "gone@*"}, raw=""),
)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"protocol_state": "RCPT", "sender": "a@ok.test"}, b"action=REJECT a@ok.test {nosuch}\n\n"),
        ({"protocol_state": "DATA", "sender": "a@ok.test"}, b"action=DUNNO\n\n"),
        ({"protocol_state": "RCPT", "sender": "a@OK.test"}, b"action=DUNNO\n\n"),
        ({"sender": "raw@x"}, b"what\n\n"),
        ({"sender": "gone@x"}, None),
    ],
)
def test_the_first_rule_that_matches_speaks(asked: dict[str, str], said: bytes | None) -> None:
    assert answer(RULES, asked) == said


def test_a_request_is_attributes() -> None:
    assert parse_request(b"request=x\nsender=a=b\nodd") == {"request": "x", "sender": "a=b"}


@pytest.fixture
def served() -> Iterator[Path]:
    with contextlib.ExitStack() as undo:
        parameters, serve = beside(RULES, {"a": "b"}, undo)
        assert parameters["a"] == "b" and serve is not None
        yield Path(parameters["queue_directory"])


def test_one_connection_asks_as_often_as_it_likes(served: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(served / PLACE))
        stream = client.makefile("rwb", 0)
        for piece in (b"sender=raw", b"@x\n\nsender=b@c\n\n", b"sender=gone@x\n\n"):
            stream.write(piece)
        assert stream.read() == b"what\n\naction=DUNNO\n\n"


def test_nothing_is_left_of_it(served: Path) -> None:
    before = threading.active_count()
    server = PolicyServer(RULES)
    server.serve(served / "other")
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(str(served / "other"))
        server.close()
        assert waiting.recv(1) == b""
    assert not (served / "other").exists()
    assert threading.active_count() == before


def test_without_rules_there_is_none() -> None:
    with contextlib.ExitStack() as undo:
        assert beside((), {"a": "b"}, undo) == ({"a": "b"}, None)
