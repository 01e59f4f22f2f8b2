"""carved: MIME parts in a text that declares none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


PART = b"--x\nContent-Type: application/octet-stream; name=a.txt\nContent-Transfer-Encoding: quoted-printable\n\nab=63\n--x--\n"


def test_a_part_that_no_boundary_announced(take_apart: TakeApart) -> None:
    (member,) = take_apart("carved", b"this is a text\n" + PART)
    assert isinstance(member, Member) and (member.name, member.data) == ("a.txt", b"abc")


@pytest.mark.parametrize("data", [b"a\n-- \nsignature", b"a\n--b\n", bytes(60) + PART, b"content-type: x"])
def test_signatures_and_binaries_are_left_alone(data: bytes) -> None:
    assert not archives["carved"].recognises(Part("p", data))
