"""tnef: winmail.dat."""

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
    name, data = containers["tnef"](FILE)
    assert files(take_apart("tnef", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["tnef"](FILE)
    things = take_apart("tnef", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"x\x9f>"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["tnef"].recognises(Part("p", data))


def test_the_long_name_is_shown_first(take_apart: TakeApart) -> None:
    raw = "invoice.pdf.exe".encode("utf-16-le") + b"\0\0"
    block = (1).to_bytes(4, "little") + b"\x1f\0\x07\x37" + (1).to_bytes(4, "little")
    block += len(raw).to_bytes(4, "little") + raw + bytes(-len(raw) % 4)
    attribute = b"\x02" + (0x00069005).to_bytes(4, "little") + len(block).to_bytes(4, "little") + block + b"\0\0"
    (member,) = take_apart("tnef", containers["tnef"](FILE)[1] + attribute)
    assert isinstance(member, Member) and (member.name, member.names) == ("invoice.pdf.exe", ("a.txt",))
