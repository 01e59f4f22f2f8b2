"""pdf: streams of a PDF."""

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
    name, data = containers["pdf_attachment"](FILE)
    assert files(take_apart("pdf", data, name)) == {"stream.1": FILE[1]}


@pytest.mark.parametrize("data", [b"", b"a text", b"PDF-1.4"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["pdf"].recognises(Part("p", data))


@pytest.mark.parametrize(
    ("filters", "raw"),
    [("/ASCIIHexDecode", b"68656c6c6f>"), ("/ASCII85Decode", b"BOu!rDZ~>"), ("/RunLengthDecode", b"\x04hello\x80"),
     ("/AHx", b"68 65 6C 6C 6F >"), ("[/ASCIIHexDecode /RunLengthDecode]", b"0468656c6c6f80>"), ("/#41Hx", b"68656c6c6f>"),
     ("/LZWDecode", b"\x80\x1a\x0c\xa6\xc3\x61\xbe\x02")],
)  # fmt: skip
def test_filters_are_undone(take_apart: TakeApart, filters: str, raw: bytes) -> None:
    data = b"%PDF-1.4\n1 0 obj << /Filter " + filters.encode() + b" >>\nstream\n" + raw + b"\nendstream endobj"
    assert files(take_apart("pdf", data)) == {"stream.1": b"hello"}


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"%PDF-1.4 /Encrypt 5 0 R", "Encrypted.Pdf"), (b" " * 900 + b"%PDF-1.4", "Polyglot.Pdf"),
     (b"%PDF-1.4 1 0 obj << /Filter /FlateDecode >> stream\nxxxx\nendstream", "Broken.Pdf"),
     (b"%PDF-1.4 1 0 obj << /Filter /Crypt >> stream\nxxxx\nendstream", "Filter.Pdf")],
)  # fmt: skip
def test_what_cannot_be_read_is_told(take_apart: TakeApart, data: bytes, told: str) -> None:
    assert names(take_apart("pdf", data)) == [told]
