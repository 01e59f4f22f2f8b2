"""manners: what smtp-sink's options make of a sink, command by command."""

from __future__ import annotations

import asyncio
import socket
import time
from random import Random

import pytest

from harness.bench.manners import Manners, MannersProtocol, commands, delay
from harness.bench.sink import Counts
from harness.cell import run_loop
from harness.errors import UsageError

MAIL = b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<u@ok.test>\r\nDATA\r\n"


def said(manners: Manners, *writes: bytes, clients: int = 1) -> tuple[str, Counts]:
    """The last line of each reply, in order; a write waits for the answer to the one before."""
    counts = Counts()

    def talk(address: tuple[str, int]) -> bytes:
        others = [socket.create_connection(address) for _ in range(clients - 1)]
        for other in others:
            other.recv(100)
        with socket.create_connection(address) as client:
            client.settimeout(5)
            heard = b""
            for write in writes:
                client.sendall(write)
                heard += client.recv(65536)
            while data := client.recv(65536):
                heard += data
        for other in others:
            other.close()
        return heard

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        made = lambda: MannersProtocol(counts, manners, Random(manners.seed), lambda: None)  # noqa: E731
        server = await loop.create_server(made, "127.0.0.1", 0)
        heard = await loop.run_in_executor(None, talk, server.sockets[0].getsockname()[:2])
        server.close()
        return heard

    heard = run_loop(run()).decode()
    return " ".join(line[:3] for line in heard.splitlines() if line[3:4] == " "), counts


LETTER = (MAIL, b"x\r\n.\r\nQUIT\r\n")


@pytest.mark.parametrize(
    ("manners", "codes", "messages"),
    [
        (Manners(), "220 250 250 250 354 250 221", 1),
        (Manners(soft=frozenset({"rcpt"}), hostname="x"), "220 250 250 450 354 250 221", 1),
        (Manners(hard=frozenset({"."})), "220 250 250 250 354 500 221", 0),
        (Manners(hard=frozenset({"data"}), hard_reply="554 5.7.1 no"), "220 250 250 250 554 500 500 221", 0),
        (Manners(hang_up=frozenset({"rcpt"})), "220 250 250", 0),
        (Manners(say_421=frozenset({"mail"})), "220 250 421", 0),
        (Manners(esmtp=False), "220 500 250 250 354 250 221", 1),
        (Manners(hard=frozenset({"connect"})), "500 250 250 250 354 250 221", 1),
        (Manners(abort_s=0.01), "220 250 250 250 354 550", 0),
    ],
)
def test_a_letter_meets_it(manners: Manners, codes: str, messages: int) -> None:
    writes = (
        LETTER
        if codes.startswith(("220 250 250 250 354", "220 250 250 450 354", "220 500", "500", "220 250 250 250 554"))
        else LETTER[:1]
    )
    writes = LETTER[:1] if manners.abort_s is not None else writes
    found, counts = said(manners, *writes)
    assert (found, counts.messages) == (codes, messages)


def test_keywords_are_left_out() -> None:
    found, _ = said(Manners(without=frozenset({"XCLIENT"})), b"EHLO a\r\nXCLIENT NAME=x\r\nQUIT\r\n")
    assert found == "220 250 500 221"


def test_more_than_may_be_are_turned_away() -> None:
    assert said(Manners(most=1), clients=2)[0] == "421"


def test_delays_are_kept_and_the_dice_are_seeded() -> None:
    began = time.monotonic()
    assert said(Manners(delays={"rcpt": (0.05, 0), "connect": (0.02, 0)}), *LETTER)[0] == "220 250 250 250 354 250 221"
    assert time.monotonic() - began >= 0.07
    began = time.monotonic()
    said(Manners(delays={"noop": (0.01, 80)}, seed=2), b"NOOP\r\nQUIT\r\n")
    assert time.monotonic() - began >= 0.01


@pytest.mark.parametrize("text", ["rctp:1", "rcpt", "rcpt:x", "rcpt:-1", "rcpt:1:100", "rcpt:1:x", "rcpt:inf"])
def test_a_wrong_delay_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        delay(text)


def test_commands_and_delays_are_written_as_for_smtp_sink() -> None:
    assert commands("RCPT, data,.") == {"rcpt", "data", "."} and commands("") == frozenset()
    assert delay("rcpt:0.5") == ("rcpt", (0.5, 0)) and delay(".:2:90") == (".", (2.0, 90))


def test_a_recipient_may_still_say_what_is_to_become_of_it() -> None:
    assert (
        said(Manners(hostname="x"), MAIL.replace(b"u@", b"u+tempfail@"), b"x\r\n.\r\nQUIT\r\n")[0].split()[3] == "450"
    )
