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
