"""sevenzip: 7z archives."""

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
    name, data = containers["7z"](FILE)
    assert files(take_apart("7z", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["7z"](FILE)
    things = take_apart("7z", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"7z\xbc\xaf"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["7z"].recognises(Part("p", data))


def test_an_encrypted_one_is_not_clean(take_apart: TakeApart) -> None:
    things = take_apart("7z", containers["encrypted_7z"](FILE)[1])
    assert names(things) == ["Encrypted.7z"] and not files(things)


def test_the_first_of_several_volumes_is_a_fragment(take_apart: TakeApart) -> None:
    assert "Split.7z" in names(take_apart("7z", containers["7z"](FILE)[1], "a.7z.001"))
