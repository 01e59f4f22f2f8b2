"""html - files that a page carries inside itself: data: addresses, and the blobs that a script puts together."""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import unquote_to_bytes

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import KIB, MIB, Budget
from harness.gateway.content.part import Part
from harness.gateway.mime_decode import decode_base64

_TAG = re.compile(rb"<(?:!doctype|html|head|body|script|svg|a|img|div|p|meta|iframe|object|embed|table)[\s>/]", re.I)
_SCRIPT = re.compile(rb"<script", re.I)
# It takes in what is none, too, up to where that is seen: so nothing is read twice, however often it seems to begin.
_DATA = re.compile(rb"data:([^,<>]*)(?:,([A-Za-z0-9+/=%_.~!*'();:@&,$\[\]\s-]*)|[<>]|\Z)", re.IGNORECASE)
_ABOUT = re.compile(rb"[\w.+/-]*(?:;[^;]{1,80})*")
_LITERAL = re.compile(rb"[\"'`](={0,2}[A-Za-z0-9+/\s\\]{40,}={0,2})[\"'`]")
_ESCAPED_LITERAL = re.compile(
    rb"[\"'`]((?:%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|[\\%]u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\[0-7]{1,3}){16,})[\"'`]"
)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|[\\%]u\{?([0-9A-Fa-f]{1,6})\}?|\\([0-7]{1,3})")
_NUMBER = rb"(?:0x[0-9a-f]{1,2}|\d{1,3})"
_NUMBERS = re.compile(rb"[\[(]\s*((?:" + _NUMBER + rb"\s*,\s*){31,}" + _NUMBER + rb")(?:\s*,)?\s*[\])]", re.IGNORECASE)
_WINDOW, _OVERLAP = 8 * MIB, 64 * KIB  # of a page at once
# Characters that a page may spell as entities, or that a browser drops from the middle of an address.
_ENTITY = re.compile(rb"&(?:#|\w+;)")
_BROKEN_WORD = re.compile(rb"d[\t\r\n]*a[\t\r\n]*t[\t\r\n]*a[\t\r\n]*:", re.IGNORECASE)


@archives.register("html")
class Html:
    """The literals of a script are decoded whether or not it uses them: what it would build is examined here."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        if part.type not in ("text/html", "application/xhtml+xml", "image/svg+xml") and not _TAG.search(data[:4096]):
            return False
        return (
            _BROKEN_WORD.search(data) is not None
            or _SCRIPT.search(data) is not None
            or _ENTITY.search(data) is not None
        )

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data, number = part.data, 0
        seen: set[int] = set()
        if len(data) > _WINDOW:
            yield Trouble("unscannable", "Limits.Page", detail="so large that it was read in pieces")
        for at in range(0, len(data), _WINDOW):
            piece = data[at : at + _WINDOW + _OVERLAP]
            budget.check_time()
            for content in chain(_addresses(piece), _literals(piece) if _SCRIPT.search(data) else ()):
                budget.check_time()  # scripts have thousands of literals: they count by their bytes
                if len(content) < 16 or hash(content) in seen:
                    continue
                seen.add(hash(content))
                number += 1
                budget.spend(len(content))
                yield Member("", content, label=f"blob.{number}")


def _addresses(data: bytes) -> Iterator[bytes]:
    """Every reading of the page: as it is, with its entities spelled out, and without the blanks a browser drops."""
    plain = data
    if _ENTITY.search(plain):
        plain = html.unescape(plain.decode("latin-1")).encode("latin-1", "replace")
    yield from _data_urls(plain)
    yield from _data_urls(_joined(plain, b"+"))


def _joined(data: bytes, *signs: bytes) -> bytes:
    """Without blanks, and literals that stand behind each other with one of these signs between them as one."""
    flat = data.translate(None, b" \t\r\n\f\v")
    for sign in signs:
        for left in b"\"'`":
            for right in b"\"'`":
                flat = flat.replace(bytes([left]) + sign + bytes([right]), b"")
    return flat


def _data_urls(data: bytes) -> Iterator[bytes]:
    for match in _DATA.finditer(data):
        about = match[1].lower()
        if _ABOUT.fullmatch(about) is None:
            about = about.rpartition(b"data:")[2]
        if len(match[2] or b"") < 16 or _ABOUT.fullmatch(about) is None:
            continue
        content = unquote_to_bytes(match[2])
        yield decode_base64(content).data if b";base64" in about else content


def _literals(data: bytes) -> Iterator[bytes]:
    added = _joined(data, b"+")
    for joined in (added, _joined(added, b",")):
        yield from _base64_literals(joined)
        yield from (_unescaped(match[1]) for match in _ESCAPED_LITERAL.finditer(joined))
    for match in _NUMBERS.finditer(data):
        numbers = [
            int(piece, 16) if piece[:2].lower() == b"0x" else int(piece) for piece in re.split(rb"[\s,]+", match[1])
        ]
        if max(numbers) < 256:
            yield bytes(numbers)


def _base64_literals(data: bytes) -> Iterator[bytes]:
    turned = b"reverse" in data
    for match in _LITERAL.finditer(data):
        text = match[1].replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\", b"")
        yield decode_base64(text).data
        if turned:
            yield decode_base64(text[::-1]).data
        if re.fullmatch(rb"[0-9A-Fa-f\s]+", text):
            digits = b"".join(text.split())
            yield binascii.unhexlify(digits[: len(digits) // 2 * 2])


def _unescaped(text: bytes) -> bytes:
    codes = (
        int(found[4], 8) if found[4] else int(found[1] or found[2] or found[3], 16) for found in _ESCAPE.finditer(text)
    )
    return bytes(code for code in codes if code < 256)
