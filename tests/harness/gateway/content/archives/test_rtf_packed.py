"""rtf_packed: the examples of MS-OXRTFCP, and what is torn off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
# MS-OXRTFCP 3.1.1 and 3.1.2.
HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423 20af3 2068656c090020627705b06c647d0a800fa0".replace(
        " ", ""
    )
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


@pytest.mark.parametrize(
    ("data", "text"),
    [(HELLO, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"), (CROSSING, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
     (b"\x14\0\0\0\x08\0\0\0MELA\0\0\0\0{\\rtf1 a}", b"{\\rtf1 a}"[:8])],
)  # fmt: skip
def test_the_examples_of_the_specification(take_apart: TakeApart, data: bytes, text: bytes) -> None:
    (member,) = take_apart("rtf_packed", data)
    assert isinstance(member, Member) and (member.data, member.type) == (text, "text/rtf")


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    things = take_apart("rtf_packed", HELLO[:-12])
    assert [thing.name for thing in things if isinstance(thing, Trouble)] == ["Broken.Rtf_packed"]
    assert not archives["rtf_packed"].recognises(Part("p", b"LZFu" * 2))
