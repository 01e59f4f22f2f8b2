"""compressed: one file under a compression that Python does not bring."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import LimitPassed
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


@pytest.mark.parametrize("word", ["zstd", "lzma"])
def test_the_file_comes_out_under_its_name(take_apart: TakeApart, word: str) -> None:
    name, data = containers[word](FILE)
    assert files(take_apart("compressed", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    assert names(take_apart("compressed", containers["zstd"](FILE)[1][:-20])) == ["Broken.Zstd"]


def test_a_bomb_is_a_limit(take_apart: TakeApart) -> None:
    import lzma

    data = lzma.compress(bytes(4_000_000), format=lzma.FORMAT_ALONE)
    with pytest.raises(LimitPassed, match=r"Limits\.Ratio"):
        take_apart("compressed", data, max_ratio=50)


@pytest.mark.parametrize("properties", [{"lc": 0, "lp": 2, "pb": 1}, {"dict_size": 4096}, {"dict_size": 3 << 20}])
def test_lzma_of_other_properties_is_known(take_apart: TakeApart, properties: dict[str, int]) -> None:
    import lzma

    chain = [{"id": lzma.FILTER_LZMA1, **properties}]
    data = lzma.compress(FILE[1], format=lzma.FORMAT_ALONE, filters=chain)
    assert files(take_apart("compressed", data, "a.txt.lzma")) == {"a.txt": FILE[1]}


@pytest.mark.parametrize("data", [bytes(40), b"\x5d" + bytes(39), b"\0\1\0\0\0" + bytes(30), b"a text of some length"])
def test_other_bytes_are_not_taken_for_lzma(data: bytes) -> None:
    assert not archives["compressed"].recognises(Part("p", data))


def test_what_only_looks_like_lzma_gives_nothing_and_is_no_trouble(take_apart: TakeApart) -> None:
    """The metadata of Kotlin's compiler: a few small numbers, and then anything."""
    data = bytes([0, 0, 0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0]) + b"\xff\x10okio/ByteString" * 3
    assert archives["compressed"].recognises(Part("p", data)) and take_apart("compressed", data) == []


def test_a_dictionary_too_large_is_told(take_apart: TakeApart) -> None:
    data = b"\x00" + (1 << 30).to_bytes(4, "little") + b"\xff" * 8 + bytes(20)
    assert names(take_apart("compressed", data)) == ["Limits.Lzma"]
