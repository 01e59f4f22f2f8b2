"""rar: RAR 4 and 5, wherever they begin."""

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
    name, data = containers["rar"](FILE)
    assert files(take_apart("rar", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["rar"](FILE)
    things = take_apart("rar", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"Rar!\x1a\x07\x02"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["rar"].recognises(Part("p", data))


def test_rar_5(take_apart: TakeApart) -> None:
    assert files(take_apart("rar", containers["rar5"](FILE)[1])) == {"a.txt": FILE[1]}


def test_what_says_that_it_is_encrypted_is_told_and_read_as_it_is(take_apart: TakeApart) -> None:
    things = take_apart("rar", containers["encrypted_rar"](FILE)[1])
    assert names(things) == ["Encrypted.Rar"] and files(things) == {"a.txt": FILE[1]}


def test_two_letters_in_front_hide_nothing(take_apart: TakeApart) -> None:
    """CVE-2012-1443."""
    assert files(take_apart("rar", containers["mz_before_rar"](FILE)[1])) == {"a.txt": FILE[1]}
    assert names(take_apart("rar", b"GIF89a" + containers["rar"](FILE)[1])) == ["Polyglot.Rar"]


@pytest.mark.parametrize(("flag", "told"), [(0x0080, "Encrypted.Rar"), (0x0001, "Split.Rar")])
def test_encrypted_headers_and_volumes(take_apart: TakeApart, flag: int, told: str) -> None:
    data = bytearray(containers["rar"](FILE)[1])
    data[10] |= flag
    assert told in names(take_apart("rar", bytes(data)))
