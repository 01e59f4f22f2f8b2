"""pe: Windows programs."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from harness.corpus.container import containers
from harness.corpus.program import packed_program, program
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_the_file_comes_out_as_it_went_in(take_apart: TakeApart) -> None:
    name, data = containers["overlay"](FILE)
    assert files(take_apart("pe", data, name)) == {"overlay": FILE[1]}


@pytest.mark.parametrize("data", [b"", b"a text", b"MZ"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["pe"].recognises(Part("p", data))


def test_packers_are_told_and_plain_programs_not(take_apart: TakeApart) -> None:
    assert names(take_apart("pe", packed_program())) == ["Packed.Program"]
    assert names(take_apart("pe", program(b".text", Random(1).randbytes(8192)))) == ["Packed.Program"]
    assert not take_apart("pe", program(b".text", b"\x55\x8b\xec\x90" * 2048))
