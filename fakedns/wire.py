"""wire - DNS messages as bytes: names, questions, and the reading of answers (RFC 1035 section 4, RFC 6891).

Written by hand because it is on the path of every query; nothing here makes an object per label or per flag.
Names are text in lower case without the final dot; a dot, a backslash or an odd byte inside a label is
escaped as in a master file (`\\.`, `\\032`).  The root is the empty string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from struct import Struct
from typing import Final

TYPES: Final = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "NULL": 10, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "RP": 17,
    "AFSDB": 18, "SIG": 24, "KEY": 25, "AAAA": 28, "LOC": 29, "SRV": 33, "NAPTR": 35, "KX": 36, "CERT": 37, "DNAME": 39,
    "OPT": 41, "APL": 42, "DS": 43, "SSHFP": 44, "IPSECKEY": 45, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "DHCID": 49,
    "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52, "SMIMEA": 53, "HIP": 55, "CDS": 59, "CDNSKEY": 60, "OPENPGPKEY": 61,
    "CSYNC": 62, "ZONEMD": 63, "SVCB": 64, "HTTPS": 65, "SPF": 99, "EUI48": 108, "EUI64": 109, "IXFR": 251,
    "AXFR": 252, "ANY": 255, "URI": 256, "CAA": 257,
}  # fmt: skip
"""Record types by name; any other is written TYPE123 (RFC 3597)."""

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
RCODES: Final = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 16: "BADVERS"}

QR, AA, TC, RD, RA, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0010
OPCODE = 0x7800
OPT = 41
IN, ANY_CLASS = 1, 255
DO = 0x8000

HEADER: Final = Struct("!HHHHHH")
TWO: Final = Struct("!HH")
FIXED: Final = Struct("!HHIH")  # type, class, TTL, length of data
_SHORT: Final = Struct("!H")
_SOA_NUMBERS: Final = Struct("!IIIII")
_SRV: Final = Struct("!HHH")

_NAMES: Final = {number: name for name, number in TYPES.items()}
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.*/+=-]*")
_PLAIN_LABEL: Final = re.compile(rb"[A-Za-z0-9_*/+=-]+")
_HOST_TYPES: Final = frozenset({2, 5, 12})  # one name and nothing else: NS, CNAME, PTR


class WireError(ValueError):
    """Bytes that are not a DNS message, or text that fits into none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: lower-case name, type as a word and a number, class, and where the question ends."""

    name: str
    type: str
    number: int
    qclass: int
    end: int


@dataclass(frozen=True, slots=True)
class Resource:
    """A record as read from a message; `data` is plain text (address, host name without final dot, TXT)."""

    name: str
    type: str
    ttl: int
    data: str
    preference: int = 0  # of an MX


@dataclass(frozen=True, slots=True)
class Message:
    """A reply taken apart, as far as a stub resolver cares."""

    id: int
    flags: int
    question: Question | None
    answers: tuple[Resource, ...]

    @property
    def rcode(self) -> int:
        return self.flags & 0xF

    @property
    def truncated(self) -> bool:
        return bool(self.flags & TC)


def type_name(number: int) -> str:
    """`MX` for 15; `TYPE65280` for a number without a name."""
    return _NAMES.get(number) or f"TYPE{number}"


def type_number(name: str) -> int:
    """15 for `MX`, in any case.  Raises WireError."""
    word = name.upper()
    number = TYPES.get(word)
    if number is not None:
        return number
    if word.startswith("TYPE") and word[4:].isascii() and word[4:].isdigit() and int(word[4:]) < 65536:
        return int(word[4:])
    raise WireError(f"unknown record type {name!r}")


def normal_name(name: str) -> str:
    """The name in the one form used as a key: lower case, no final dot, escapes only where they are needed.

    Raises WireError for an odd name that fits into no message; a plain one is not looked at so closely.
    """
    if _PLAIN_NAME.fullmatch(name):
        return name.lower().removesuffix(".")
    return decode_name(encode_name(name), 0)[0]


@lru_cache(maxsize=65536)
def encode_name(name: str) -> bytes:
    """The wire form of a name, case kept, uncompressed.  Raises WireError when it cannot be one (RFC 1035 2.3.4)."""
    labels = _split_escaped(name) if "\\" in name else _split_plain(name)
    wire = bytearray()
    for label in labels:
        if not label:
            raise WireError(f"empty label in name {name!r}")
        if len(label) > 63:
            raise WireError(f"label of more than 63 bytes in name {name!r}")
        wire.append(len(label))
        wire += label
    wire.append(0)
    if len(wire) > 255:
        raise WireError(f"name of more than 255 bytes: {name!r}")
    return bytes(wire)


def decode_name(data: bytes, at: int) -> tuple[str, int]:
    """(name, offset after it) of a possibly compressed name.

    Pointers must go backwards, so a loop cannot be written.  Raises WireError.
    """
    labels: list[str] = []
    end, room, floor = -1, 255, at
    try:
        while length := data[at]:
            if length < 64:
                label = data[at + 1 : at + 1 + length]
                if len(label) < length:
                    raise WireError("name runs past the end of the message")
                room -= length + 1
                if room < 1:
                    raise WireError("name of more than 255 bytes")
                labels.append(_label_text(label))
                at += length + 1
            elif length >= 192:
                target = (length & 0x3F) << 8 | data[at + 1]
                if end < 0:
                    end = at + 2
                if target >= floor:
                    raise WireError("compression pointer that does not go backwards")
                at = floor = target
            else:
                raise WireError("label of an unknown kind")
    except IndexError:
        raise WireError("name runs past the end of the message") from None
    return ".".join(labels), (at + 1 if end < 0 else end)


def encode_query(ident: int, name: str, number: int, *, udp_size: int = 0, recursion: bool = True) -> bytes:
    """A query of class IN for one name and type; with OPT when `udp_size` is given.  Raises WireError on a bad name."""
    head = HEADER.pack(ident, RD if recursion else 0, 1, 0, 0, 1 if udp_size else 0)
    query = head + encode_name(name) + TWO.pack(number, IN)
    return query + opt_record(udp_size) if udp_size else query


def opt_record(udp_size: int, *, extended_rcode: int = 0, dnssec_ok: bool = False) -> bytes:
    """An EDNS(0) OPT record without options (RFC 6891 6.1.2)."""
    return b"\x00" + FIXED.pack(41, udp_size, extended_rcode << 24 | (DO if dnssec_ok else 0), 0)


def decode_question(data: bytes, at: int = 12) -> Question:
    """The question that starts at this offset.  Raises WireError."""
    name, end = decode_name(data, at)
    if end + 4 > len(data):
        raise WireError("question runs past the end of the message")
    number, qclass = TWO.unpack_from(data, end)
    return Question(name, type_name(number), number, qclass, end + 4)


def skip_record(data: bytes, at: int) -> tuple[int, int, int, int, int]:
    """(type, class, TTL, start, end of the data) of the record at this offset.  Raises WireError."""
    _, at = decode_name(data, at)
    if at + 10 > len(data):
        raise WireError("record runs past the end of the message")
    number, rclass, ttl, length = FIXED.unpack_from(data, at)
    start = at + 10
    if start + length > len(data):
        raise WireError("record runs past the end of the message")
    return number, rclass, ttl, start, start + length


def decode_message(data: bytes) -> Message:
    """Header, question and answer section; the other sections are not read.  Raises WireError."""
    if len(data) < 12:
        raise WireError("shorter than a header")
    ident, flags, questions, answers, _, _ = HEADER.unpack_from(data)
    at, question = 12, None
    if questions > 1:
        raise WireError("more than one question")
    if questions:
        question = decode_question(data)
        at = question.end
    found: list[Resource] = []
    for _ in range(answers):
        name, _ = decode_name(data, at)
        number, rclass, ttl, start, at = skip_record(data, at)
        if rclass == IN:
            text, preference = plain_data(number, data, start, at)
            found.append(Resource(name, type_name(number), ttl, text, preference))
    return Message(ident, flags, question, tuple(found))


def plain_data(number: int, data: bytes, start: int, end: int) -> tuple[str, int]:
    """(text, MX preference) of a record's data, as a mail server wants it.

    Addresses as text, host names in lower case without the final dot ("" is the null MX of RFC 7505), the first
    string of a TXT (all that dns_get_rr() of Postfix takes), SOA and SRV fields separated by blanks, anything else in
    hex.  Raises WireError.
    """
    if number == 1:
        if end - start != 4:
            raise WireError("an A record is 4 bytes")
        return "%d.%d.%d.%d" % tuple(data[start:end]), 0
    if number in _HOST_TYPES:
        return _whole_name(data, start, end), 0
    if number == 15:
        if end - start < 3:
            raise WireError("short MX record")
        return _whole_name(data, start + 2, end), int(_SHORT.unpack_from(data, start)[0])
    if number in (16, 99):
        return b"".join(strings(data[start:end])[:1]).decode("utf-8", "backslashreplace"), 0
    if number == 28:
        if end - start != 16:
            raise WireError("an AAAA record is 16 bytes")
        return str(IPv6Address(data[start:end])), 0
    if number == 6:
        server, at = decode_name(data, start)
        mailbox, at = decode_name(data, at)
        if at + 20 != end:
            raise WireError("bad SOA record")
        return " ".join((server, mailbox, *map(str, _SOA_NUMBERS.unpack_from(data, at)))), 0
    if number == 33:
        if end - start < 7:
            raise WireError("short SRV record")
        fields = _SRV.unpack_from(data, start)
        return " ".join((*map(str, fields), _whole_name(data, start + 6, end))), 0
    return data[start:end].hex(), 0


def strings(data: bytes) -> list[bytes]:
    """The character-strings that follow each other in a TXT record.  Raises WireError."""
    found, at = [], 0
    while at < len(data):
        piece = data[at + 1 : at + 1 + data[at]]
        if len(piece) < data[at]:
            raise WireError("character-string runs past its record")
        found.append(piece)
        at += 1 + len(piece)
    return found


def unescape(text: str) -> bytes:
    """The bytes that master-file text stands for: `\\DDD` is a byte, `\\X` is X (RFC 1035 5.1).  Raises WireError."""
    if "\\" not in text:
        return text.encode("utf-8", "surrogateescape")
    out, at = bytearray(), 0
    while at < len(text):
        char = text[at]
        if char != "\\":
            out += char.encode("utf-8", "surrogateescape")
            at += 1
            continue
        digits = text[at + 1 : at + 4]
        if digits[:1].isdecimal():
            if len(digits) < 3 or not (digits.isascii() and digits.isdecimal()) or int(digits) > 255:
                raise WireError(f"bad escape in {text!r}")
            out.append(int(digits))
            at += 4
        elif digits:
            out += digits[0].encode("utf-8", "surrogateescape")
            at += 2
        else:
            raise WireError(f"bad escape at the end of {text!r}")
    return bytes(out)


def _whole_name(data: bytes, start: int, end: int) -> str:
    name, stop = decode_name(data, start)
    if stop != end:
        raise WireError("name does not fill its record")
    return name


def _split_plain(name: str) -> list[bytes]:
    whole = name.removesuffix(".").encode("utf-8", "surrogateescape")
    return whole.split(b".") if whole else []


def _split_escaped(name: str) -> list[bytes]:
    pieces: list[str] = [""]
    at = 0
    while at < len(name):
        width = 2 if name[at] == "\\" else 1
        if name[at] == ".":
            pieces.append("")
        else:
            pieces[-1] += name[at : at + width]
        at += width
    if not pieces[-1]:
        pieces.pop()
    return [unescape(piece) for piece in pieces]


@lru_cache(maxsize=65536)
def _label_text(label: bytes) -> str:
    return label.decode("ascii").lower() if _PLAIN_LABEL.fullmatch(label) else _escaped(label)


def _escaped(label: bytes) -> str:
    out = []
    for byte in label.lower():  # bytes.lower() folds ASCII only, as RFC 4343 says
        char = chr(byte)
        if char in '.\\"();@$':
            out.append("\\" + char)
        elif 33 <= byte <= 126:
            out.append(char)
        else:
            out.append(f"\\{byte:03d}")
    return "".join(out)
