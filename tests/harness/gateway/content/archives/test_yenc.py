"""yenc: files in 8-bit text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_the_file_comes_out_as_it_went_in(take_apart: TakeApart) -> None:
    name, data = containers["yenc"](FILE)
    assert files(take_apart("yenc", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["yenc"](FILE)
    things = take_apart("yenc", data[:-30], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"ybegin", b"=ybegin without a line end"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["yenc"].recognises(Part("p", data))


def test_every_byte_comes_through(take_apart: TakeApart) -> None:
    every = ("b.bin", bytes(range(256)) * 3)
    assert files(take_apart("yenc", containers["yenc"](every)[1])) == {"b.bin": every[1]}


def test_one_of_several_parts_is_a_fragment(take_apart: TakeApart) -> None:
    data = containers["yenc"](FILE)[1].replace(b"=ybegin line", b"=ybegin part=1 line")
    assert "Split.Yenc" in names(take_apart("yenc", data))
