"""base64_text: base64 that no header declares."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_the_file_comes_out_as_it_went_in(take_apart: TakeApart) -> None:
    name, data = containers["base64_text"](FILE)
    assert files(take_apart("base64_text", data, name)) == {"base64.1": FILE[1]}


@pytest.mark.parametrize("data", [b"", b"a text", b"abcd\nefgh\n"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["base64_text"].recognises(Part("p", data))


def test_a_mail_is_left_to_its_own_reader() -> None:
    assert not archives["base64_text"].recognises(Part("p", containers["message"](FILE)[1]))


def test_thousands_of_blocks_are_not_thousands_of_members(take_apart: TakeApart) -> None:
    blocks = (b"A1" * 45 + b"\n\n") * 3000
    assert len(take_apart("base64_text", blocks, max_members=10)) == 3000


CODE = base64.b64encode(FILE[1])
LINES = base64.encodebytes(FILE[1])


def folded(line: bytes) -> bytes:
    """RFC 5545 3.1."""
    return b"\r\n ".join(line[at : at + 73] for at in range(0, len(line), 73))


@pytest.mark.parametrize(
    "text",
    [b"BEGIN:VEVENT\r\n" + folded(b"ATTACH;FMTTYPE=application/x;ENCODING=BASE64;VALUE=BINARY:" + CODE) + b"\r\nEND:VEVENT\r\n",
     folded(b"PHOTO;ENCODING=b:" + CODE), b"ATTACH:" + CODE, b'{"data": "' + CODE + b'"}', b"<w:binData>" + LINES + b"</w:binData>",
     b"<pre>\n    " + LINES.replace(b"\n", b"\n    ") + b"</pre>", b'<input value="' + CODE + b'">', b"$x='" + CODE + b"'",
     bytes(300) + b"\n" + LINES, b"a NUL\0 to fool somebody\n" + LINES],
)  # fmt: skip
def test_values_of_calendars_json_xml_and_the_like(take_apart: TakeApart, text: bytes) -> None:
    assert FILE[1] in files(take_apart("base64_text", text)).values()


@pytest.mark.parametrize("text", [b"A1" * 20 + b" ", b":A1\n " + b"A1" * 20, b"word\n ", b'"' + b"A1" * 30 + b'"'])
def test_hostile_texts_take_linear_time(text: bytes) -> None:
    started = time.process_time()
    part = Part("p", text * (1_000_000 // len(text)))
    assert archives["base64_text"].recognises(part) in (True, False)
    sum(1 for _ in archives["base64_text"].members(part, Budget(Limits(), lambda: 0.0)))
    assert time.process_time() - started < 3
