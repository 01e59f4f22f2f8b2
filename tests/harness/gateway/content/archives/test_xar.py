"""xar: macOS installers."""

from __future__ import annotations

from collections.abc import Callable

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_known_by_its_magic_and_never_clean_when_broken(take_apart: TakeApart) -> None:
    assert not archives["xar"].recognises(Part("p", b"xar"))
    (trouble,) = take_apart("xar", b"xar!" + bytes(100))
    assert isinstance(trouble, Trouble) and trouble.cls == "unscannable"
