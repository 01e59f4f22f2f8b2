"""lnk: shortcuts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.corpus.program import shortcut
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_the_file_comes_out_as_it_went_in(take_apart: TakeApart) -> None:
    name, data = containers["lnk_overlay"](FILE)
    assert files(take_apart("lnk", data, name))["overlay"] == FILE[1]


@pytest.mark.parametrize("data", [b"", b"a text", b"L\x00\x00\x00"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["lnk"].recognises(Part("p", data))


def test_the_command_line_is_a_text(take_apart: TakeApart) -> None:
    things = take_apart("lnk", shortcut("/c powershell -enc AAAA"))
    assert files(things) == {"command": b"..\\..\\Windows\\System32\\cmd.exe /c powershell -enc AAAA"} and not names(
        things
    )
