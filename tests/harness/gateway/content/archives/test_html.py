"""html: files that a page carries inside itself."""

from __future__ import annotations

import base64
import time
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
    name, data = containers["html_smuggling"](FILE)
    assert files(take_apart("html", data, name)) == {"blob.1": FILE[1]}


@pytest.mark.parametrize("data", [b"", b"a text", b"<b>"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["html"].recognises(Part("p", data))


@pytest.mark.parametrize(
    "script",
    ["var a=[" + ",".join(str(b) for b in FILE[1]) + "]", "a='" + "".join(f"%{b:02x}" for b in FILE[1]) + "'",
     "a='" + "".join(f"\\x{b:02x}" for b in FILE[1]) + "'", "a='" + FILE[1].hex() + "'",
     "a=[" + ",".join(hex(b) for b in FILE[1]) + "]"],
    ids=["numbers", "percent", "escapes", "hex", "hex numbers"],
)  # fmt: skip
def test_other_spellings(take_apart: TakeApart, script: str) -> None:
    page = f"<html><script>{script}</script></html>".encode()
    assert FILE[1] in files(take_apart("html", page)).values()


def test_a_link_may_hold_the_file(take_apart: TakeApart) -> None:
    assert files(take_apart("html", containers["data_url"](FILE)[1])) == {"blob.1": FILE[1]}


ADDRESS = "data:application/octet-stream;base64," + base64.b64encode(FILE[1]).decode()


@pytest.mark.parametrize(
    "address",
    ["".join(f"&#{ord(c)};" for c in ADDRESS), "".join(f"&#x{ord(c):x};" for c in ADDRESS), "&#100" + ADDRESS[1:],
     "da\nta" + ADDRESS[4:], "da&Tab;ta" + ADDRESS[4:], ADDRESS.replace(";base64", ";charset='x y';base64"), ADDRESS.upper()[:37] + ADDRESS[37:]],
)  # fmt: skip
def test_an_address_is_read_as_a_browser_reads_it(take_apart: TakeApart, address: str) -> None:
    assert FILE[1] in files(take_apart("html", f'<html><a href="{address}">x</a>'.encode())).values()


@pytest.mark.parametrize(
    "script",
    ["a=String.fromCharCode(" + ",".join(str(b) for b in FILE[1]) + ")", "a='" + "".join(f"\\u{b:04x}" for b in FILE[1]) + "'",
     "a='" + "".join(f"\\{b:o}" for b in FILE[1]) + "'", "a='" + "".join(f"%u{b:04x}" for b in FILE[1]) + "'",
     "a=['" + "','".join(ADDRESS[37:][at : at + 9] for at in range(0, 300, 9)) + "'].join('')",
     "a='" + ADDRESS[37:][::-1] + "'.reverse()"],
    ids=["codes", "unicode", "octal", "percent u", "list", "reversed"],
)  # fmt: skip
def test_more_spellings(take_apart: TakeApart, script: str) -> None:
    assert FILE[1] in files(take_apart("html", f"<html><script>{script}</script></html>".encode())).values()


def test_a_very_large_page_is_read_in_pieces_and_that_is_told(take_apart: TakeApart) -> None:
    page = b"<html>" + b"<p>filling</p>" * 1_000_000 + f"<a href='&#100;{ADDRESS[1:]}'>".encode()
    things = take_apart("html", page)
    assert names(things) == ["Limits.Page"] and FILE[1] in files(things).values()


@pytest.mark.parametrize(
    "page",
    [
        b"data:;" * 100_000,
        b"data:data:" * 60_000,
        b"<script>[" + b"1," * 40 + b"1" + b" " * 300_000,
        b"data:;a," * 80_000,
    ],
)
def test_hostile_pages_take_linear_time(take_apart: TakeApart, page: bytes) -> None:
    started = time.process_time()
    take_apart("html", b"<html>" + page, "a.html")
    assert time.process_time() - started < 3


def test_an_address_behind_what_only_begins_like_one(take_apart: TakeApart) -> None:
    page = b"<html>see data: and data:text/plain;base64," + base64.b64encode(FILE[1])
    assert files(take_apart("html", page, "a.html")) == {"blob.1": FILE[1]}
