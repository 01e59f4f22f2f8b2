"""apple: both forks of a Macintosh file, in the three ways of writing them into one."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
DATA, FORK = b"the data fork " * 9, b"the resource fork"


def single(magic: bytes = b"\0\5\x16\0") -> bytes:
    entries = [(3, b"a.txt"), (1, DATA), (2, FORK)]
    at, table, body = 26 + 12 * len(entries), b"", b""
    for kind, content in entries:
        table += struct.pack(">3L", kind, at + len(body), len(content))
        body += content
    return magic + b"\0\2\0\0" + bytes(16) + struct.pack(">H", len(entries)) + table + body


def macbinary() -> bytes:
    head = b"\0\5a.txt".ljust(65, b"\0") + b"TEXTttxt".ljust(18, b"\0") + struct.pack(">2L", len(DATA), len(FORK))
    return head.ljust(128, b"\0") + DATA.ljust(128, b"\0") + FORK.ljust(128, b"\0")


@pytest.mark.parametrize(
    "data", [single(), single(b"\0\5\x16\x07"), macbinary()], ids=["single", "double", "macbinary"]
)
def test_both_forks_come_out(take_apart: TakeApart, data: bytes) -> None:
    members = [thing for thing in take_apart("apple", data) if isinstance(thing, Member)]
    assert [(member.name, member.data) for member in members] == [("a.txt", DATA), ("a.txt", FORK)]


@pytest.mark.parametrize("data", [b"", bytes(300), b"\0\5a.txt" + bytes(200), macbinary() + bytes(4000)])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["apple"].recognises(Part("p", data))


def test_every_fork_of_one_kind_counts(take_apart: TakeApart) -> None:
    entries = [(1, b"first"), (1, b"second")]
    table = b"".join(struct.pack(">3L", kind, 26 + 24 + 5 * n, len(data)) for n, (kind, data) in enumerate(entries))
    data = b"\0\5\x16\0\0\2\0\0" + bytes(16) + b"\0\2" + table + b"firstsecond"
    assert [thing.data for thing in take_apart("apple", data) if isinstance(thing, Member)] == [b"first", b"second"]


def test_a_torn_one_is_told(take_apart: TakeApart) -> None:
    things = take_apart("apple", single()[:-5])
    assert [thing.name for thing in things if isinstance(thing, Trouble)] == ["Broken.Apple"]
