"""html - files that a page carries inside itself: data: addresses, and the blobs that a script puts together."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import unquote_to_bytes

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.mime_decode import decode_base64

_TAG = re.compile(rb"<(?:!doctype|html|head|body|script|svg|a|img|div|p|meta|iframe|object|embed|table)[\s>/]", re.I)
_SCRIPT = re.compile(rb"<script", re.I)
_DATA = re.compile(rb"data:([\w.+/-]*)((?:;[\w.+=-]+)*),([A-Za-z0-9+/=%_.~!*'();:@&,$\[\]\s-]{16,})", re.I)
_LITERAL = re.compile(rb"[\"'`]([A-Za-z0-9+/\s\\]{40,}={0,2})[\"'`]")
_JOINED = re.compile(rb"[\"'`]\s*\+\s*[\"'`]")
_ESCAPED_LITERAL = re.compile(rb"[\"'`]((?:%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}){16,})[\"'`]")
_NUMBERS = re.compile(rb"\[\s*((?:(?:0x[0-9a-f]{1,2}|\d{1,3})\s*,\s*){31,}(?:0x[0-9a-f]{1,2}|\d{1,3}))\s*,?\s*\]", re.I)


@archives.register("html")
class Html:
    """The literals of a script are decoded whether or not it uses them: what it would build is examined here."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        if part.type not in ("text/html", "application/xhtml+xml", "image/svg+xml") and not _TAG.search(data[:4096]):
            return False
        return b"data:" in data or _SCRIPT.search(data) is not None

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = _JOINED.sub(b"", part.data) if _JOINED.search(part.data) else part.data
        number = 0
        for content in chain(_data_urls(data), _literals(data) if _SCRIPT.search(data) else ()):
            if len(content) < 16:
                continue
            number += 1
            budget.check_time()  # scripts have thousands of literals: they count by their bytes
            budget.spend(len(content))
            yield Member("", content, label=f"blob.{number}")


def _data_urls(data: bytes) -> Iterator[bytes]:
    for match in _DATA.finditer(data):
        content = unquote_to_bytes(match[3])
        yield decode_base64(content).data if b";base64" in match[2].lower() else content


def _literals(data: bytes) -> Iterator[bytes]:
    for match in _LITERAL.finditer(data):
        text = match[1].replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\", b"")
        yield decode_base64(text).data
        if re.fullmatch(rb"[0-9A-Fa-f\s]+", text):
            digits = b"".join(text.split())
            yield binascii.unhexlify(digits[: len(digits) // 2 * 2])
    for match in _ESCAPED_LITERAL.finditer(data):
        yield unquote_to_bytes(match[1].replace(b"\\x", b"%"))
    for match in _NUMBERS.finditer(data):
        numbers = [
            int(piece, 16) if piece[:2].lower() == b"0x" else int(piece) for piece in re.split(rb"[\s,]+", match[1])
        ]
        if max(numbers) < 256:
            yield bytes(numbers)
