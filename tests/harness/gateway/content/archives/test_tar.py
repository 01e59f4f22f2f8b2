"""tar: only regular files are objects."""

from __future__ import annotations

import io
import tarfile
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
    name, data = containers["tar"](FILE)
    assert files(take_apart("tar", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["tar"](FILE)
    things = take_apart("tar", data[:-9800], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"ustar"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["tar"].recognises(Part("p", data))


def test_links_and_climbing_names_are_told(take_apart: TakeApart) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../up"))
        harmless = tarfile.TarInfo("lib/libx.so")
        harmless.type, harmless.linkname = tarfile.SYMTYPE, "../lib/libx.so.1"
        archive.addfile(harmless)
    assert names(take_apart("tar", packed.getvalue())) == ["Link.Tar", "Path.Tar"]


def packed(name: str, data: bytes, **set_to: object) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        for key, value in set_to.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def test_an_old_archive_without_a_magic_is_known_by_its_check_sum(take_apart: TakeApart) -> None:
    old = bytearray(packed(*FILE))
    old[257:265] = bytes(8)
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old[:512])
    assert files(take_apart("tar", bytes(old))) == {"a.txt": FILE[1]}
    old[148] ^= 1
    assert not archives["tar"].recognises(Part("p", bytes(old)))


@pytest.mark.parametrize("between", [b"", bytes(512), b"no header here. " * 32], ids=["end", "zeros", "bad header"])
def test_what_stands_behind_the_end_is_told_and_read(take_apart: TakeApart, between: bytes) -> None:
    things = take_apart("tar", packed("first", b"x")[:1024] + between + packed(*FILE))
    assert files(things)["a.txt"] == FILE[1]
    assert "TrailingData.Tar" in names(things) or not between


@pytest.mark.parametrize("kind", [b"Q", b"D", b"V", b"7"])
def test_a_type_that_nobody_knows_is_a_file(take_apart: TakeApart, kind: bytes) -> None:
    assert files(take_apart("tar", packed(*FILE, type=kind)))["a.txt"] == FILE[1]


@pytest.mark.parametrize("kind", [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_content_behind_what_has_none_is_told(take_apart: TakeApart, kind: bytes) -> None:
    assert "TrailingData.Tar" in names(take_apart("tar", packed(*FILE, type=kind)))
