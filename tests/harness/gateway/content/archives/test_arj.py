"""arj: ARJ, stored; what the real one packs is in the witness tests."""

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
    name, data = containers["arj"](FILE)
    assert files(take_apart("arj", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["arj"](FILE)
    things = take_apart("arj", data[:-60], name)
    assert any(word.startswith("Split") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"`\xea\xff\xff"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["arj"].recognises(Part("p", data))


def test_an_encrypted_one_is_not_clean(take_apart: TakeApart) -> None:
    things = take_apart("arj", containers["encrypted_arj"](FILE)[1])
    assert names(things) == ["Encrypted.Arj"] and not files(things)


def test_method_4_is_refused(take_apart: TakeApart) -> None:
    data = bytearray(containers["arj"](FILE)[1])
    second = data.index(b"\x60\xea", 10)
    data[second + 4 + 5] = 4
    assert names(take_apart("arj", bytes(data))) == ["Method4.Arj"]
