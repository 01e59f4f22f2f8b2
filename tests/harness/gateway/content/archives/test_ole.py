"""ole: compound files."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from harness.corpus.compound import compound, vba_compressed
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
    name, data = containers["ole_package"](FILE)
    assert files(take_apart("ole", data, name))["a.txt"] == FILE[1]


@pytest.mark.parametrize("data", [b"", b"a text", b"\xd0\xcf\x11\xe0"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["ole"].recognises(Part("p", data))


def test_the_source_of_a_macro_is_decompressed(take_apart: TakeApart) -> None:
    data = compound(
        {"VBA/dir": b"x", "VBA/Module1": b"p-code" + vba_compressed(b'Attribute VB_Name = "M"\nSub AutoOpen()')}
    )
    assert files(take_apart("ole", data))["VBA/Module1.vba"] == b'Attribute VB_Name = "M"\nSub AutoOpen()'


@pytest.mark.parametrize(
    ("streams", "told"),
    [({"VBA/Module1": b"only p-code"}, "Macro.NoSource"), ({"EncryptedPackage": b"x"}, "Encrypted.Office"),
     ({"Workbook": struct.pack("<HH", 0x2F, 0)}, "Encrypted.Office"),
     ({"Workbook": struct.pack("<HHLBB", 0x85, 6, 0, 1, 1)}, "Macro.Excel4"),
     ({"WordDocument": bytes(11) + b"\1" + bytes(20)}, "Encrypted.Office")],
)  # fmt: skip
def test_what_the_streams_say(take_apart: TakeApart, streams: dict[str, bytes], told: str) -> None:
    assert told in names(take_apart("ole", compound(streams)))


def test_large_and_small_streams(take_apart: TakeApart) -> None:
    streams = {"small": b"s" * 100, "large": b"l" * 9000, "storage/inner": b"i" * 5000}
    assert files(take_apart("ole", compound(streams))) == streams


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    with_holes = compound({"large": b"l" * 9000})[:3000]
    try:
        told = names(take_apart("ole", with_holes))
    except Exception:
        return  # which the engine turns into Broken.Ole
    assert "Broken.Ole" in told


@pytest.mark.parametrize("name", ["Workbook", "Root Entry"])
def test_a_declared_size_beyond_the_file_is_not_believed(take_apart: TakeApart, name: str) -> None:
    """A circle of sectors and four gigabytes to read: found by the fuzzer, 8 GB and 37 s."""
    data = bytearray(compound({"Workbook": bytes(5000), "small": b"x"}))
    entry = data.index(name.encode("utf-16-le"))
    data[entry + 120 : entry + 124] = (0xED000000).to_bytes(4, "little")
    assert "Broken.Ole" in names(take_apart("ole", bytes(data)))


@pytest.mark.parametrize("at", [0x2C, 0x40, 0x48], ids=["FAT", "MiniFAT", "DIFAT"])
def test_more_sectors_than_the_file_has_are_not_read(take_apart: TakeApart, at: int) -> None:
    """Found by the fuzzer: two million sectors of a MiniFAT in a file of 5 kB, 2.3 GB and 13 s."""
    data = bytearray(compound({"Workbook": bytes(5000), "small": b"x"}))
    data[at : at + 4] = (2097153).to_bytes(4, "little")
    assert names(take_apart("ole", bytes(data))) == ["Broken.Ole"]
