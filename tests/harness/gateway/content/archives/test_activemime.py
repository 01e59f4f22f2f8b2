"""activemime: what is packed behind the header of editdata.mso."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
CONTENT = b"a compound file " * 20


def test_the_content_comes_out_from_where_the_header_says_or_usually_is(take_apart: TakeApart) -> None:
    usual = b"ActiveMime".ljust(0x32, b"\0") + zlib.compress(CONTENT)
    head = bytearray(b"ActiveMime".ljust(0x50, b"\0"))
    head[0x1E] = 0x50 - 46
    for data in (usual, bytes(head) + zlib.compress(CONTENT)):
        (member,) = take_apart("activemime", data)
        assert isinstance(member, Member) and member.data == CONTENT


def test_what_is_not_there_is_told(take_apart: TakeApart) -> None:
    (trouble,) = take_apart("activemime", b"ActiveMime".ljust(0x40, b"\0"))
    assert isinstance(trouble, Trouble) and trouble.name == "Broken.Activemime"
    assert not archives["activemime"].recognises(Part("p", b"Active"))
