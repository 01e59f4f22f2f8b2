"""embedded: archives and programs inside other bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.corpus.program import program
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_a_program_in_the_resources_of_another(take_apart: TakeApart) -> None:
    inner = program()
    (member,) = take_apart("embedded", program(resources=inner))
    assert isinstance(member, Member) and member.data.startswith(inner)


def test_behind_a_picture_it_is_a_trick(take_apart: TakeApart) -> None:
    things = take_apart("embedded", b"GIF89a" + bytes(200) + containers["7z"](FILE)[1])
    assert names(things) == ["Polyglot.7z"] and len(files(things)) == 1


@pytest.mark.parametrize("word", ["tar", "iso", "stored_zip", "ar"])
def test_what_is_a_container_itself_may_hold_one(word: str) -> None:
    assert not archives["embedded"].recognises(Part("p", containers[word](containers["7z"](FILE))[1]))


def test_many_are_a_limit(take_apart: TakeApart) -> None:
    assert "Limits.Embedded" in names(
        take_apart("embedded", bytes(128) + (b"MSCF\0\0\0\0" + bytes(16) + b"\3\1" + bytes(10)) * 20)
    )


@pytest.mark.parametrize(
    "magic", [b"7z\xbc\xaf\x27\x1c", b"MSCF\0\0\0\0", b"\xfd7zXZ\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_program_that_knows_a_magic_holds_no_archive(magic: bytes) -> None:
    assert not archives["embedded"].recognises(Part("p", program(code=bytes(200) + magic + b"\x90" * 100)))


@pytest.mark.parametrize("word", ["7z", "cab", "rar", "rar5"])
def test_a_second_archive_behind_the_first_is_read_and_no_more_said(word: str) -> None:
    first, second = (containers[word]((f"{name}.txt", FILE[1]))[1] for name in "ab")
    both = Part("p", first + second)
    assert archives["embedded"].recognises(both)
    things = list(archives["embedded"].members(both, Budget(Limits(), lambda: 0.0)))
    assert [type(thing) for thing in things] == [Member]
    assert not archives["embedded"].recognises(Part("p", first))
