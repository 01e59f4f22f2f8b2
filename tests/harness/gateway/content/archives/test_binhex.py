"""binhex: a Macintosh file as text."""

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
    name, data = containers["binhex"](FILE)
    assert files(take_apart("binhex", data, name)) == {"a.txt": FILE[1]}


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    name, data = containers["binhex"](FILE)
    things = take_apart("binhex", data[:-60], name)
    assert any(word.startswith("Broken") for word in names(things))


@pytest.mark.parametrize("data", [b"", b"a text", b"BinHex 4.0"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["binhex"].recognises(Part("p", data))


def test_runs_are_written_out() -> None:
    from harness.gateway.content.archives.binhex import _unrun
    from harness.gateway.content.budget import Budget, LimitPassed, Limits

    budget = Budget(Limits(), lambda: 0.0)
    assert _unrun(b"ab\x90\x05c\x90\x00d", budget) == b"abbbbbc\x90d"
    with pytest.raises(LimitPassed):
        _unrun(b"a\x90\xff" * 10_000, Budget(Limits(max_member_bytes=100_000), lambda: 0.0))
