"""cab: Microsoft's cabinet."""

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
    name, data = containers["cab"](FILE)
    assert files(take_apart("cab", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["cab"](FILE)
    things = take_apart("cab", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"MSCF...."])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["cab"].recognises(Part("p", data))


def test_one_of_several_cabinets_is_a_fragment(take_apart: TakeApart) -> None:
    data = bytearray(containers["cab"](FILE)[1])
    data[30] |= 2
    assert "Split.Cab" in names(take_apart("cab", bytes(data)))
