"""gzip: the name without .gz, several streams, and what is behind them."""

from __future__ import annotations

import gzip
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
    name, data = containers["gzip"](FILE)
    assert files(take_apart("gzip", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["gzip"](FILE)
    things = take_apart("gzip", data[:-10], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"\x1f"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["gzip"].recognises(Part("p", data))


def test_several_streams_and_trailing_bytes(take_apart: TakeApart) -> None:
    data = containers["gzip"](FILE)[1]
    assert files(take_apart("gzip", data * 2, "a.txt.gz")) == {"a.txt": FILE[1] * 2}
    assert names(take_apart("gzip", data + b"garbage")) == ["TrailingData.Gzip"]
    assert not names(take_apart("gzip", data + bytes(20)))


def test_damage_is_told(take_apart: TakeApart) -> None:
    data = bytearray(containers["gzip"](FILE)[1])
    data[len(data) // 2] ^= 0xFF
    assert names(take_apart("gzip", bytes(data))) == ["Broken.Gzip"]


def test_the_name_in_the_header_counts_too(take_apart: TakeApart) -> None:
    packed = gzip.compress(FILE[1])
    named = packed[:3] + b"\x0c" + packed[4:10] + b"\x02\0xx" + b"run.exe\0" + packed[10:]
    (member,) = take_apart("gzip", named, "a.txt.gz")
    assert isinstance(member, Member) and (member.name, member.names, member.data) == ("a.txt", ("run.exe",), FILE[1])
