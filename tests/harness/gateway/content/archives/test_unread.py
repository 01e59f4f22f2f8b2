"""unread: formats that nothing here can take apart."""

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


@pytest.mark.parametrize(
    ("data", "told"),
    [(bytes(7) + b"**ACE**", ["NoReader.Ace"]), (b"ITSF\3\0\0\0", ["NoReader.Chm"]), (b"vhdxfile", ["Type.DiskImage", "NoReader.Vhdx"]),
     (containers["vhd"](("a", b"x"))[1], ["Type.DiskImage", "NoReader.Vhd"]), (b"PK\7\x08PK\3\4", ["NoReader.SplitZip"]),
     (b"\xeb\x3c\x90MSDOS5.0".ljust(54, b"\0") + b"FAT12   ".ljust(456, b"\0") + b"\x55\xaa", ["Type.DiskImage", "NoReader.FatImage"]),
     (b"CWS\x08" + bytes(4) + b"\x78\x9c", ["NoReader.Flash"])],
    ids=["ace", "chm", "vhdx", "vhd", "split zip", "fat", "flash"],
)  # fmt: skip
def test_each_is_named(take_apart: TakeApart, data: bytes, told: list[str]) -> None:
    assert names(take_apart("unread", data)) == told


@pytest.mark.parametrize("name", ["a.001", "a.zip.002", "a.z01", "a.r00"])
def test_a_piece_of_something_is_a_fragment(take_apart: TakeApart, name: str) -> None:
    assert names(take_apart("unread", b"\0\1\2", name)) == ["Split.Archive"]


@pytest.mark.parametrize("data", [b"CWS is an abbreviation", b"FWS: forward", b"EGG", b""])
def test_texts_are_left_alone(data: bytes) -> None:
    assert not archives["unread"].recognises(Part("p", data, ("report.001",)))
