"""mime_decode - transfer encodings undone as the most lenient client would: base64, quoted-printable, uuencode.

A scanner that decodes less than a mail client does is blind to what the client opens.  So nothing raises, whatever
can be decoded is, and every oddity is named as a defect for the one who scores.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))
_FOREIGN_VISIBLE = re.compile(rb"[^A-Za-z0-9+/=\s]")
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n|\Z)")
_UU_BEGIN = re.compile(
    rb"^begin(?:-base64)?[ \t]+([0-7]{1,7})(?:[ \t]+([^ \t\r\n](?:[^\r\n]*[^\s])?))?[ \t]*\r?\n",
    re.MULTILINE | re.IGNORECASE,
)
_UU_END = re.compile(rb"(?:end|====)\s*")

UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
IDENTITY = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes of a body, and what was odd about their encoding."""

    data: bytes
    defects: tuple[str, ...] = ()
    name: str = ""  # from a uuencode `begin` line


@dataclass(frozen=True, slots=True)
class UuFile:
    """A uuencoded file inside a text: data[start:end] holds it from `begin` to `end`."""

    name: str
    data: bytes
    start: int
    end: int
    defects: tuple[str, ...] = ()


def decode_body(body: bytes, encoding: str) -> Decoded:
    """The content of a body under a Content-Transfer-Encoding (lower case).  An unknown encoding is the identity."""
    if encoding in IDENTITY:
        return Decoded(body)
    if encoding == "base64":
        return decode_base64(body)
    if encoding == "quoted-printable":
        return decode_quoted_printable(body)
    if encoding in UUENCODE:
        files = find_uuencoded(body)
        if files:
            more = ("several uuencoded files",) if len(files) > 1 else ()
            return Decoded(b"".join([file.data for file in files]), files[0].defects + more, files[0].name)
        lines = [_uu_line(line.rstrip(b"\r")) for line in body.split(b"\n") if line.strip()]
        data = b"".join(line for line in lines if line)
        return Decoded(data or body, ("no begin line in uuencoded body",))
    return Decoded(body, (f"unknown transfer encoding {encoding!r}",))


def decode_base64(body: bytes) -> Decoded:
    """Base64 with foreign characters skipped and padding allowed anywhere: what follows it is decoded too."""
    defects = ["foreign characters in base64"] if _FOREIGN_VISIBLE.search(body) else []
    runs = [run for run in body.translate(None, _FOREIGN).split(b"=") if run]
    if len(runs) > 1:
        defects.append("base64 goes on after its padding")
    pieces: list[bytes] = []
    for run in runs:
        odd = len(run) % 4
        if odd == 1:
            defects.append("truncated base64")
            run = run[:-1]
            odd = 0
        pieces.append(binascii.a2b_base64(run + b"=" * (-odd % 4)))
    return Decoded(b"".join(pieces), tuple(dict.fromkeys(defects)))


def decode_quoted_printable(body: bytes) -> Decoded:
    """Quoted-printable; what is no escape stands for itself (RFC 2045 6.7, rules for robust decoders)."""
    defects = ("bad escape in quoted-printable",) if re.search(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?(?:\n|\Z))", body) else ()
    # Blanks between `=` and the line end were added on the way (RFC 2045 6.7, rule 3).
    return Decoded(binascii.a2b_qp(_SOFT_BREAK.sub(b"=", body)), defects)


def find_uuencoded(text: bytes) -> tuple[UuFile, ...]:
    """Every `begin MODE NAME` file in a text, `begin-base64` ones too; without `end` it runs to the last line."""
    files: list[UuFile] = []
    position = 0
    while begin := _UU_BEGIN.search(text, position):
        in_base64 = begin[0][5:6] == b"-"
        pieces: list[bytes] = []
        defects: list[str] = []
        position = begin.end()
        while position < len(text):
            line_end = text.find(b"\n", position) + 1 or len(text)
            line = text[position:line_end].rstrip(b"\r\n")
            if _UU_BEGIN.match(text, position):
                defects.append("uuencoded file without end")
                break
            position = line_end
            if _UU_END.fullmatch(line):
                break
            if in_base64:
                pieces.append(line)
            elif line and line != b"`":
                decoded = _uu_line(line)
                if decoded is None:
                    defects.append("bad line in uuencoded file")
                    break
                pieces.append(decoded)
        else:
            defects.append("uuencoded file without end")
        data = decode_base64(b"".join(pieces)).data if in_base64 else b"".join(pieces)
        name = (begin[2] or b"").decode("utf-8", "replace")
        files.append(UuFile(name, data, begin.start(), position, tuple(defects)))
    return tuple(files)


def _uu_line(line: bytes) -> bytes | None:
    """One line of uuencode, or None when it cannot be one."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Encoders that pad their last group wrongly are common: take the bytes that the length promises.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return None


def encode_base64(data: bytes) -> bytes:
    """Base64 in lines of 76 characters, each ended by LF (RFC 2045 6.8)."""
    return b"".join([binascii.b2a_base64(data[start : start + 57]) for start in range(0, len(data), 57)])
