"""pdf: streams of a PDF."""

from __future__ import annotations

import struct
import time
import zlib
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


FLATE = zlib.compress(b"hello")


@pytest.mark.parametrize(
    ("about", "rest"),
    [(b"/Filter /FlateDecode /X (an obj) ", b""), (b"/Filter /FlateDecode /X (" + b"y" * 5000 + b")", b""),
     (b"/Filter /FlateDecode /X (5 0 obj <<) ", b""), (b"/Filter % a comment (\n/FlateDecode", b""),
     (b"/Filter 2 0 R", b"2 0 obj /FlateDecode endobj"), (b"/Filter [2 0 R]", b"2 0 obj /FlateDecode endobj"),
     (b"/Filter 2 0 R", b"2 0 obj [/FlateDecode] endobj"), (b"/X (/ASCIIHexDecode) /Filter /FlateDecode", b""),
     (b"/X (/Filter /DCTDecode) /Filter /FlateDecode", b"")],
)  # fmt: skip
def test_a_filter_is_found_wherever_the_dictionary_hides_it(take_apart: TakeApart, about: bytes, rest: bytes) -> None:
    data = b"%PDF-1.5\n1 0 obj <<" + about + b">>\nstream\n" + FLATE + b"\nendstream endobj\n" + rest
    assert b"hello" in [thing.data for thing in take_apart("pdf", data) if isinstance(thing, Member)]


def test_what_is_packed_and_does_not_say_so_is_unpacked_too(take_apart: TakeApart) -> None:
    data = b"%PDF-1.5\n1 0 obj << /Length 5 >>\nstream\n" + FLATE + b"\nendstream endobj\n"
    members = [thing.data for thing in take_apart("pdf", data) if isinstance(thing, Member)]
    assert b"hello" in members


def test_a_filter_that_is_nowhere_in_the_file_is_told(take_apart: TakeApart) -> None:
    data = b"%PDF-1.5\n1 0 obj << /Filter 9 0 R >>\nstream\nxx\nendstream endobj\n"
    assert names(take_apart("pdf", data)) == ["Filter.Pdf"]


@pytest.mark.parametrize("word", [b"stream\r", b"stream \n", b"stream%x\n", b"stream\r\n"])
def test_readers_forgive_what_stands_behind_the_word_stream(take_apart: TakeApart, word: bytes) -> None:
    data = b"%PDF-1.5\n1 0 obj << /Filter /FlateDecode >>\n" + word + FLATE + b"\nendstream endobj\n"
    assert files(take_apart("pdf", data)) == {"stream.1": b"hello"}


def test_a_packed_stream_ends_where_it_says_and_not_at_a_word_within_it(take_apart: TakeApart) -> None:
    content = b"\nendstream\n and on"
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(content), len(content) ^ 0xFFFF) + content
    stored += zlib.adler32(content).to_bytes(4, "big")
    data = b"%PDF-1.5\n1 0 obj << /Filter /FlateDecode >>\nstream\n" + stored + b"\nendstream endobj\n"
    assert content in files(take_apart("pdf", data)).values()


def test_a_damaged_stream_gives_what_stands_before_the_damage_and_is_told(take_apart: TakeApart) -> None:
    data = b"%PDF-1.5\n1 0 obj << /Filter /FlateDecode >>\nstream\n" + FLATE[:-4] + b"abcd\nendstream endobj\n"
    things = take_apart("pdf", data)
    assert files(things) == {"stream.1": b"hello"} and names(things) == ["Broken.Pdf"]


def rows(kind: int, width: int) -> bytes:
    """48 letters in rows, filtered as PNG does."""
    plain = bytes(range(65, 113))
    out, above = b"", bytes(width)
    for at in range(0, len(plain), width):
        row = plain[at : at + width]
        left, corner = b"\0" + row[:-1], b"\0" + above[:-1]
        guess = {0: bytes(width), 1: left, 2: above, 3: bytes((a + b) // 2 for a, b in zip(left, above, strict=True))}
        if kind == 4:
            paeth = []
            for a, b, c in zip(left, above, corner, strict=True):
                far = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                paeth.append(a if far[0] <= far[1] and far[0] <= far[2] else b if far[1] <= far[2] else c)
            guess[4] = bytes(paeth)
        out += bytes([kind]) + bytes((x - g) % 256 for x, g in zip(row, guess[kind], strict=True))
        above = row
    return out


@pytest.mark.parametrize("kind", range(5))
def test_the_predictors_of_png_are_undone(take_apart: TakeApart, kind: int) -> None:
    about = b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 8 >>"
    data = b"%PDF-1.5\n1 0 obj <<" + about + b">>\nstream\n" + zlib.compress(rows(kind, 8)) + b"\nendstream endobj\n"
    members = [thing.data for thing in take_apart("pdf", data) if isinstance(thing, Member)]
    assert bytes(range(65, 113)) in members


def test_the_predictor_of_tiff_is_undone_and_may_be_referred_to(take_apart: TakeApart) -> None:
    packed = zlib.compress(bytes([104, 253, 7, 0]))  # each the difference to the one before
    about = b"/Filter /FlateDecode /DecodeParms 2 0 R"
    data = b"%PDF-1.5\n1 0 obj <<" + about + b">>\nstream\n" + packed + b"\nendstream endobj\n"
    data += b"2 0 obj << /Predictor 3 0 R /Columns 4 >> endobj 3 0 obj 2 endobj"
    assert b"hell" in [thing.data for thing in take_apart("pdf", data) if isinstance(thing, Member)]


def test_a_picture_that_is_none_is_an_object(take_apart: TakeApart) -> None:
    start = b"%PDF-1.5\n1 0 obj << /Filter /DCTDecode >>\nstream\n"
    assert files(take_apart("pdf", start + b"hello\nendstream")) == {"stream.1": b"hello\n"}
    assert files(take_apart("pdf", start + b"\xff\xd8\xff\xe0hello\nendstream")) == {}


def test_an_action_that_begins_here_and_goes_on_in_a_packed_object_is_seen_whole(take_apart: TakeApart) -> None:
    packed = zlib.compress(b"5 0 <</S/JavaScript/JS(x)>>")
    data = b"%PDF-1.5\n1 0 obj <</OpenAction 5 0 R>> endobj\n2 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>\n"
    objects = files(take_apart("pdf", data + b"stream\n" + packed + b"\nendstream"))["objects"]
    assert b"/OpenAction" in objects and b"/JavaScript" in objects


@pytest.mark.parametrize(
    "endless",
    [b"stream%" * 60_000, b"1 0 obj <</Filter [" + b"1" * 40_000 + b"]>> stream\nx\nendstream",
     b"1 0 obj <</DP" + b" " * 40_000 + b"x>> stream\nx\nendstream",
     (b"1 0 obj <</Filter [" + b"7 0 R " * 40 + b"]>> stream\nx\nendstream\n") * 1000 + b"7 0 obj /Crypt endobj"],
    ids=["comments", "digits", "blanks", "references"],
)  # fmt: skip
def test_what_never_ends_takes_linear_time(take_apart: TakeApart, endless: bytes) -> None:
    started = time.process_time()
    take_apart("pdf", b"%PDF-1.4 " + endless, "a.pdf")
    assert time.process_time() - started < 2
