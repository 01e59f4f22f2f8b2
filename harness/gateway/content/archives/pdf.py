"""pdf - streams of a PDF, decoded wherever they are: what a cross-reference table hides, some reader finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import KIB, MIB, Budget
from harness.gateway.content.part import Part
from harness.gateway.content.pdf_filters import PICTURES, Predictor, decoded, inflated
from harness.gateway.content.pdf_names import unescaped

# The specification wants a line end behind the word; readers forgive blanks, a comment, a lone CR.
_STREAM = re.compile(rb"stream[ \t\0\f]*(?:\r\n|\n|\r|(%))")
_HEADER = re.compile(rb"%PDF-|%!PS-Adobe-[\d.]+ PDF-")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z])")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\s/<>\[\]()]+|\d+\s+\d+\s+R)")
_NAME = re.compile(rb"/([A-Za-z0-9]+)")
_REFERENCE = re.compile(rb"(\d{1,10})\s+(\d{1,5})\s+R\b")
_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_NUMBERED = re.compile(rb"(?<!\d)(\d{1,10})\s+(\d{1,5})\s+obj\b(?=([^\0]{0,512}))")
_MOST_NUMBERED = 100_000
_PARAMETERS = re.compile(rb"/(?:DecodeParms|DP)(?:\s*\[)?\s*(\d+\s+\d+\s+R)")
_NUMBERS = {"kind": b"Predictor", "colors": b"Colors", "bits": b"BitsPerComponent", "columns": b"Columns"}
_CANDIDATES = 4
_LINE_END = re.compile(rb"\r\n|[\r\n]")
_PLAIN, _STRING = re.compile(rb"[(%]"), re.compile(rb"\\.|[()]", re.DOTALL)
_PICTURE_MAGIC = (b"\xff\xd8\xff", b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51")
_HEAD = 1024  # how far into a file Adobe's reader looks for the header
_DICTIONARY = 64 * KIB
_OBJECTS = 4 * MIB  # of plain objects put together for those who look for actions


@archives.register("pdf")
class Pdf:
    """ISO 32000-1 7.4: each stream is decoded in the order its dictionary names the filters, be they in the dictionary
    or referred to; what looks packed and is not declared so is unpacked as well, since dictionaries can be hidden.
    """

    @staticmethod
    def recognises(part: Part) -> bool:
        return _HEADER.search(part.data, 0, _HEAD + 24) is not None

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        header = _HEADER.search(data)
        if header and header.start() > 16:
            yield Trouble("suspicious", "Polyglot.Pdf", detail=f"{header.start()} bytes in front of it")
        if _ENCRYPTED.search(unescaped(data)):
            yield Trouble("unscannable", "Encrypted.Pdf")
            return
        objects: list[bytes] = []
        plain = _Plain(data)
        number = before = 0
        for word, begin in _begins(data):
            number += 1
            dictionaries = _dictionaries(data, word, before)
            end = data.find(b"endstream", begin)
            before = begin
            if end < 0:
                yield Trouble("unscannable", "Broken.Pdf", f"stream.{number}", "torn off")
            for about in dictionaries:
                for thing in _stream(plain, begin, end if end >= 0 else len(data), about, budget):
                    if isinstance(thing, Trouble):
                        yield Trouble(thing.cls, thing.name, f"stream.{number}", thing.detail)
                        continue
                    if b"/ObjStm" in about:
                        objects.append(thing[:_OBJECTS])
                    yield Member("", thing, label=f"stream.{number}")
        if objects:
            # An action may begin in one place and go on in another: they are looked at together.
            together = b"\n".join([_without_streams(data)[:_OBJECTS], *objects])[: 2 * _OBJECTS]
            budget.member()
            budget.spend(len(together))
            yield Member("", together, type="application/x-pdf-objects", label="objects")


def _begins(data: bytes) -> Iterator[tuple[int, int]]:
    """(where the word `stream` stands, where the stream begins) of each; no line end is looked for twice."""
    at = 0
    while found := _STREAM.search(data, at):
        at = found.end()
        if found[1]:
            line_end = _LINE_END.search(data, at)
            if line_end is None:
                return
            at = line_end.end()
        if data[found.start() - 3 : found.start()] != b"end":
            yield found.start(), at


class _Plain:
    """A file, and its objects that stand in it plainly: looked for once, when the first is referred to."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._begins: dict[tuple[bytes, bytes], bytes] | None = None

    def referred(self, reference: tuple[bytes, bytes]) -> bytes:
        """The beginning of the object of that number; b"" where there is none, or too many stand before it."""
        if self._begins is None:
            self._begins = {}
            for found in islice(_NUMBERED.finditer(self.data), _MOST_NUMBERED):
                self._begins.setdefault((found[1], found[2]), found[3])
        return unescaped(self._begins.get(reference, b"").partition(b"endobj")[0])


def _stream(plain: _Plain, start: int, end: int, about: bytes, budget: Budget) -> Iterator[bytes | Trouble]:
    """Every reading of one stream."""
    data = plain.data
    filters, known = _filters(plain, about)
    flate = bool(filters) and filters[0] in ("FlateDecode", "Fl")
    told = filters[0] if len(filters) == 1 else ""
    if told in PICTURES and (told not in ("DCTDecode", "DCT", "JPXDecode") or data.startswith(_PICTURE_MAGIC, start)):
        return  # it is the picture that it says
    budget.member()
    length = re.search(rb"/Length\s+(\d{1,10})(?!\s+\d+\s+R)", about)
    if length and data[(stop := start + int(length[1])) : stop + 16].lstrip().startswith(b"endstream"):
        end = start + int(length[1])
    raw = data[start:end]
    if flate:
        # A stream knows its own end: the word may stand in the middle of it.
        content, wrong = inflated(data, start, budget)
        trouble = "Broken" if wrong and (wrong != "torn off" or end < len(data)) else ""
        predictor = _predictor(plain, about)
        if predictor.kind > 1 and len(filters) == 1:
            yield content
        if content:
            try:
                content = predictor.undone(content, budget)
            except ValueError:
                trouble = "Broken"
        content, more = decoded(content, filters[1:], predictor, budget)
        trouble = trouble or more
    else:
        content, trouble = decoded(raw, filters, _predictor(plain, about), budget)
        if raw[:1] and raw[0] & 15 == 8 and int.from_bytes(raw[:2], "big") % 31 == 0:
            hidden, _ = inflated(data, start, budget)
            budget.spend(len(hidden))
            if hidden:
                yield hidden
    budget.spend(len(content))
    if trouble or not known:
        yield Trouble("unscannable", f"{trouble or 'Filter'}.Pdf", detail=" ".join(filters))
    if content:
        yield content


def _dictionaries(data: bytes, at: int, before: int) -> list[bytes]:
    """What stands before a stream, from its `obj` on.  Strings may hold anything, and so may comments: where what is
    found does not look like one dictionary, the word may have stood in one of them, and all that it may be is given.
    """
    text = data[max(before, at - _DICTIONARY) : at]
    begins = [found.end() for found in _OBJECT.finditer(text)]
    last = _without_strings(text[begins[-1] :]) if begins else None
    if last is not None and b")" not in last and 0 < last.count(b"<<") == last.count(b">>"):
        return [unescaped(last)]
    every = [text, *(text[begin:] for begin in begins[-_CANDIDATES:])]
    return list(dict.fromkeys(unescaped(_without_strings(one)) for one in every))


def _without_strings(text: bytes) -> bytes:
    pieces: list[bytes] = []
    at = start = depth = 0
    while found := (_STRING if depth else _PLAIN).search(text, at):
        at = found.end()
        if found[0] == b"%":
            pieces.append(text[start : found.start()])
            line_end = _LINE_END.search(text, at)
            start = at = line_end.start() if line_end else len(text)
        elif found[0] == b"(":
            if not depth:
                pieces.append(text[start : found.start()])
            depth += 1
        elif found[0] == b")":
            depth -= 1
            start = at
    return text if depth else b"".join([*pieces, text[start:]])


def _filters(plain: _Plain, about: bytes) -> tuple[list[str], bool]:
    """(the filters of a stream in order, whether all of them are known)."""
    names: list[str] = []
    known = True
    for found in _FILTER.finditer(about):
        value = found[1]
        for reference in _REFERENCE.findall(value):
            value += plain.referred(reference)
            known = known and b"/" in value
        names += [name.decode("ascii") for name in _NAME.findall(value)]
    return names, known and (bool(names) or b"/Filter" not in about)


def _predictor(plain: _Plain, about: bytes) -> Predictor:
    for found in _PARAMETERS.finditer(about):
        if reference := _REFERENCE.match(found[1]):
            about += plain.referred((reference[1], reference[2]))
    values: dict[str, int] = {}
    for key, name in _NUMBERS.items():
        number = re.search(rb"/" + name + rb"\s+(\d{1,6})(?:\s+(\d+)\s+R\b)?", about)
        if number and number[2]:
            number = re.match(rb"\s*(\d{1,6})", plain.referred((number[1], number[2])))
        if number:
            values[key] = int(number[1])
    return Predictor(**values)


def _without_streams(data: bytes) -> bytes:
    """The objects that stand plainly in the file."""
    pieces: list[bytes] = []
    at = 0
    for word, begin in _begins(data):
        if word >= at:
            pieces.append(data[at:word])
            end = data.find(b"endstream", begin)
            at = end if end >= 0 else len(data)
    return b"".join([*pieces, data[at:]])
