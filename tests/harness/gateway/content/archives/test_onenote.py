"""onenote: files in a OneNote section."""

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
    name, data = containers["onenote"](FILE)
    assert files(take_apart("onenote", data, name)) == {"file.1": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["onenote"](FILE)
    things = take_apart("onenote", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"\xe4R\\{"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["onenote"].recognises(Part("p", data))


def test_a_picture_is_no_reason_to_worry(take_apart: TakeApart) -> None:
    assert names(take_apart("onenote", containers["onenote"](FILE)[1])) == ["OneNote.Embedded"]
    assert not names(take_apart("onenote", containers["onenote"](("a.png", b"\x89PNG...."))[1]))
