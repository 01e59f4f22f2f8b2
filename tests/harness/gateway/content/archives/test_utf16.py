"""utf16: texts of two bytes a character."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_read_as_utf_8(take_apart: TakeApart, codec: str) -> None:
    (member,) = take_apart("utf16", "a script of some length".encode(codec), "a.js", "text/plain")
    assert isinstance(member, Member)
    assert (member.data, member.name, member.type) == (b"a script of some length", "a.js", "text/plain")


@pytest.mark.parametrize("data", [b"", b"plain text of some length", bytes(40), b"\xff\xfe", bytes(range(64))])
def test_nothing_else_is(data: bytes) -> None:
    assert not archives["utf16"].recognises(Part("p", data))
