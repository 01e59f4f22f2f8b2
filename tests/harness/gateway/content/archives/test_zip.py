"""zip: its directory and its local headers, which may lie to each other."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.corpus.containers.zips import raw_zip
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def contents(things: list[Member | Trouble]) -> list[bytes]:
    return [thing.data for thing in things if isinstance(thing, Member)]


@pytest.mark.parametrize("word", ["zip", "stored_zip", "bzip2_zip", "lzma_zip", "deflate64_zip"])
def test_every_method_gives_the_file(take_apart: TakeApart, word: str) -> None:
    (member,) = take_apart("zip", containers[word](FILE)[1])
    assert isinstance(member, Member) and (member.name, member.data) == FILE


@pytest.mark.parametrize(
    ("word", "told"),
    [("zeros_before_zip", "Polyglot.Zip"), ("garbage_behind_zip", "TrailingData.Zip"), ("two_names_zip", "Header.Zip"),
     ("hidden_zip", "Hidden.Zip"), ("overlapping_zip", "Overlap.Zip"), ("gif_and_zip", "Polyglot.Zip")],
)  # fmt: skip
def test_a_crooked_archive_is_told_and_read(take_apart: TakeApart, word: str, told: str) -> None:
    things = take_apart("zip", containers[word](FILE)[1])
    assert told in names(things) and FILE[1] in contents(things)


def test_both_names_are_kept(take_apart: TakeApart) -> None:
    members = [t for t in take_apart("zip", containers["two_names_zip"](FILE)[1]) if isinstance(t, Member)]
    assert (members[0].name, members[0].names) == ("readme.txt", ("a.txt",))


def test_an_encrypted_member_is_not_clean(take_apart: TakeApart) -> None:
    things = take_apart("zip", containers["encrypted_zip"](FILE)[1])
    assert names(things) == ["Encrypted.Zip"]
    assert contents(things) == [FILE[1]], "it only says so, and is read without a password"


def test_really_encrypted_bytes_are_no_further_news(take_apart: TakeApart) -> None:
    data = bytearray(containers["encrypted_zip"](FILE)[1])
    data[36:60] = bytes(255 - byte for byte in data[36:60])
    assert names(take_apart("zip", bytes(data))) == ["Encrypted.Zip"]


def test_behind_a_bomb_the_next_member_is_still_looked_at(take_apart: TakeApart) -> None:
    things = take_apart("zip", containers["padded_zip"](FILE)[1])
    assert names(things) == ["Limits.Ratio"] and contents(things)[-1] == FILE[1]


@pytest.mark.parametrize("method", [1, 6, 98, 99])
def test_a_method_without_a_reader_is_told(take_apart: TakeApart, method: int) -> None:
    assert names(take_apart("zip", raw_zip("a", "a", b"data", b"packed", method))) == [f"Method{method}.Zip"]


def test_a_size_that_is_too_small_hides_nothing(take_apart: TakeApart) -> None:
    data = bytearray(containers["zip"](FILE)[1])
    for at in (18, data.index(b"PK\1\2") + 20):  # the packed size, in both headers
        data[at : at + 4] = (10).to_bytes(4, "little")
    things = take_apart("zip", bytes(data))
    assert "Header.Zip" in names(things) and FILE[1] in contents(things)


@pytest.mark.parametrize("cut", [10, 60, 130])
def test_a_torn_one_is_told(take_apart: TakeApart, cut: int) -> None:
    assert any(
        name.startswith(("Broken", "Hidden")) for name in names(take_apart("zip", containers["zip"](FILE)[1][:-cut]))
    )


@pytest.mark.parametrize("word", ["tar", "iso"])
def test_a_zip_stored_in_another_archive_is_no_polyglot(word: str) -> None:
    assert not archives["zip"].recognises(Part("p", containers[word](containers["zip"](FILE))[1]))


def test_many_members_take_linear_time(take_apart: TakeApart) -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1400):
            archive.writestr(f"{number}.txt", b"x" * number)
    assert len(contents(take_apart("zip", packed.getvalue()))) == 1400


def test_a_program_that_reads_zips_is_none() -> None:
    from harness.corpus.program import program

    code = b"\x81\x3d\0\0\0\0PK\x03\x04\x75\x10\x81\x3dPK\x05\x06\x74\x20PK\x01\x02" + bytes(60)
    assert not archives["zip"].recognises(Part("p", program(code=code)))


def zip64(method: int, data: bytes) -> bytes:
    """A zip whose every number stands in the 64-bit fields."""
    packed = data if method == 0 else zlib.compress(data)[2:-4]
    crc, full, name = zlib.crc32(data), 0xFFFFFFFF, b"a.txt"
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(packed))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, method, 0, 0x2100, crc, full, full, len(name), len(extra))
    local += name + extra + packed
    extra = struct.pack("<HHQQQ", 1, 24, len(data), len(packed), 0)
    listed = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, method, 0, 0x2100, crc, full, full, len(name), len(extra), 0, 0, 0, 0, full
    )
    listed += name + extra
    end = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(listed), len(local))
    end += struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + len(listed), 1)
    return local + listed + end + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)


@pytest.mark.parametrize("method", [0, 8])
def test_numbers_of_64_bits_are_read_and_nothing_is_wrong_with_them(take_apart: TakeApart, method: int) -> None:
    (member,) = take_apart("zip", zip64(method, FILE[1]))
    assert isinstance(member, Member) and (member.name, member.data) == FILE
    things = take_apart("zip", b"shifted by some text" + zip64(method, FILE[1]))
    assert names(things) == ["Polyglot.Zip"] and contents(things) == [FILE[1]]


def test_the_name_in_a_unicode_path_field_counts(take_apart: TakeApart) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.extra = struct.pack("<HHBL", 0x7075, 10, 1, zlib.crc32(b"a.txt")) + b"a.exe"
        archive.writestr(info, b"text")
    things = take_apart("zip", packed.getvalue())
    assert names(things) == ["Header.Zip"]
    assert [thing.names for thing in things if isinstance(thing, Member)] == [("a.exe",)]


def test_a_stored_member_of_two_sizes_is_told_and_read_by_both(take_apart: TakeApart) -> None:
    data = bytearray(containers["stored_zip"](FILE)[1])
    at = data.index(b"PK\1\2")
    data[at + 20 : at + 24] = (len(FILE[1]) + 8).to_bytes(4, "little")
    things = take_apart("zip", bytes(data))
    assert "Header.Zip" in names(things) and FILE[1] in contents(things)
