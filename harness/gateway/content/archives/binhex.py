"""binhex - BinHex 4.0 (RFC 1741): a Macintosh file, data and resource fork, written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
from harness.gateway.content.part import Part

_BEGIN = re.compile(rb"\(This file must be converted with BinHex[^\n]*\n\s*:", re.IGNORECASE)
_ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_TO_BASE64 = bytes.maketrans(_ALPHABET, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))


@archives.register("binhex", "hqx")
class BinHex:
    """Six bits a character, then runs (0x90), then a header with the name and the lengths of the forks."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return b"BinHex" in part.data[:8192] and bool(_BEGIN.search(part.data))

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        import binascii

        for begin in _BEGIN.finditer(part.data):
            end = part.data.find(b":", begin.end())
            text = part.data[begin.end() : end if end >= 0 else len(part.data)].translate(None, _FOREIGN)
            text = text.translate(_TO_BASE64)
            text = text[: len(text) - (len(text) % 4 == 1)]
            budget.member()
            content = _unrun(binascii.a2b_base64(text + b"=" * (-len(text) % 4)), budget)
            budget.spend(len(content))
            yield from _forks(content, end >= 0)


def _forks(content: bytes, closed: bool) -> Iterator[Member | Trouble]:
    length = content[0] if content else 0
    at = length + 2  # the name and a NUL
    name = content[1 : length + 1].decode("mac_roman")
    data_size = int.from_bytes(content[at + 10 : at + 14], "big")
    resource_size = int.from_bytes(content[at + 14 : at + 18], "big")
    start = at + 20
    resource = start + data_size + 2
    yield Member(name, content[start : start + data_size])
    if resource_size:
        yield Member(name, content[resource : resource + resource_size], label=f"{name}/resource fork")
    if not closed or len(content) < resource + resource_size:
        yield Trouble("unscannable", "Broken.Binhex", name, "torn off")


def _unrun(data: bytes, budget: Budget) -> bytes:
    """Runs written out: `x 0x90 n` is n times x, `0x90 0` is 0x90 itself."""
    from harness.gateway.content.budget import LimitPassed

    pieces: list[bytes] = []
    size = position = 0
    last = b""
    at = data.find(b"\x90")
    while at >= 0:
        plain = data[position:at]
        pieces.append(plain)
        last = plain[-1:] or last
        count = data[at + 1] if at + 1 < len(data) else 0
        if count == 0:
            pieces.append(b"\x90")
            last = b"\x90"
        else:
            pieces.append(last * (count - 1))
        size += len(plain) + count
        if size > min(budget.limits.max_member_bytes, budget.limits.max_held_bytes - budget.held) or size > (
            MIB + len(data) * budget.limits.max_ratio
        ):
            raise LimitPassed("Limits.MemberBytes", b"".join(pieces))
        position = at + 2
        at = data.find(b"\x90", position)
    pieces.append(data[position:])
    return b"".join(pieces)
