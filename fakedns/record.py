"""record - one DNS record: made from master-file text, kept as wire data, shown as text again.

The types a mail system asks for are written here; dnslib reads those with a syntax of their own (CAA, NAPTR, TLSA, DS,
HTTPS, ...), and `\\# LENGTH HEX` gives the data of any type (RFC 3597).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from struct import pack

from fakedns.wire import (
    FIXED,
    IN,
    WireError,
    decode_name,
    encode_name,
    normal_name,
    plain_data,
    strings,
    type_number,
    unescape,
)

DEFAULT_TTL = 60  # s: long enough to cache, short enough that nobody waits for it

_TIME = re.compile(r"(?:\d+[smhdw])+|\d+(?:[smhdw]\d+)*[smhdw]?", re.IGNORECASE | re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of class IN: owner in lower case without the final dot, TTL in s, data as it goes on the wire."""

    name: str
    type: str
    ttl: int
    rdata: bytes

    @property
    def data(self) -> str:
        """The data as plain text: an address, a host name without its final dot, the first string of a TXT."""
        return self.plain[0]

    @property
    def plain(self) -> tuple[str, int]:
        """(data as plain text, MX preference)."""
        return plain_data(type_number(self.type), self.rdata, 0, len(self.rdata))

    def renamed(self, name: str) -> Record:
        """The same record at another name (what a wildcard synthesises)."""
        return Record(name, self.type, self.ttl, self.rdata)

    def wire(self, owner: bytes) -> bytes:
        """The whole record with its owner as given: a name, or a compression pointer."""
        return owner + FIXED.pack(type_number(self.type), IN, self.ttl, len(self.rdata)) + self.rdata

    def __str__(self) -> str:
        return f"{self.name}. {self.ttl} IN {self.type} {self._shown()}"

    def _shown(self) -> str:
        match self.type:
            case "NS" | "CNAME" | "PTR":
                return f"{self.data}."
            case "MX":
                return f"{self.plain[1]} {self.data}."
            case "TXT" | "SPF":
                return " ".join(f'"{_quoted(piece)}"' for piece in strings(self.rdata))
            case "SOA":
                server, mailbox, *numbers = self.data.split(" ")
                return " ".join((f"{server}.", f"{mailbox}.", *numbers))
            case "SRV":
                return f"{self.data}."
            case "A" | "AAAA":
                return self.data
            case _:
                return f"\\# {len(self.rdata)} {self.rdata.hex()}"


def make_record(name: str, rtype: str, data: str, ttl: int = DEFAULT_TTL) -> Record:
    """A record from text: `make_record("ok.test", "MX", "10 mail.ok.test")`; every name is absolute.

    The data of a TXT is one text, unless it is written in quotes as in a master file.  Raises WireError (a ValueError).
    """
    kind = rtype.upper()
    if kind in ("TXT", "SPF") and not data.startswith('"'):
        return Record(normal_name(name), kind, ttl, text_data([data.encode("utf-8", "surrogateescape")]))
    tokens, at = [], 0
    for match in _TOKEN.finditer(data):
        if data[at : match.start()].strip():
            break
        tokens.append(match[2] if match[1] is None else match[1])
        at = match.end()
    if data[at:].strip():
        raise WireError(f"a quote without its partner in {data!r}")
    return Record(normal_name(name), kind, ttl, encode_data(kind, tokens))


def encode_data(rtype: str, tokens: Sequence[str], origin: str = "") -> bytes:
    """The wire form of a record's data from its master-file fields.  Raises WireError with what is wrong."""
    if tokens[:1] == ["\\#"]:
        return _generic(tokens[1:])
    match rtype:
        case "A":
            return _address(rtype, tokens, IPv4Address, "192.0.2.1")
        case "AAAA":
            return _address(rtype, tokens, IPv6Address, "2001:db8::1")
        case "NS" | "CNAME" | "PTR" | "DNAME":
            (host,) = _fields(rtype, tokens, "a host name")
            return encode_name(absolute(host, origin))
        case "RP":  # dnslib would compress the second name against the first, which does not begin the message
            mailbox, text = _fields(rtype, tokens, "a mailbox", "the name of a text")
            return encode_name(absolute(mailbox, origin)) + encode_name(absolute(text, origin))
        case "HINFO":
            return text_data([unescape(token) for token in _fields(rtype, tokens, "a CPU", "a system")])
        case "URI":
            priority, weight, target = _fields(rtype, tokens, "priority", "weight", "a target in quotes")
            return pack("!HH", _number(priority, 0xFFFF), _number(weight, 0xFFFF)) + unescape(target)
        case "MX" | "AFSDB" | "KX":
            preference, host = _fields(rtype, tokens, "a preference", "a host name")
            return pack("!H", _number(preference, 0xFFFF)) + encode_name(absolute(host, origin))
        case "TXT" | "SPF":
            if not tokens:
                raise WireError(f"{rtype} takes at least one string")
            return text_data([unescape(token) for token in tokens])
        case "SOA":
            server, mailbox, *numbers = _fields(
                rtype, tokens, "a server", "a mailbox", "serial", "refresh", "retry", "expire", "minimum"
            )
            return (
                encode_name(absolute(server, origin))
                + encode_name(absolute(mailbox, origin))
                + pack("!IIIII", _number(numbers[0], 0xFFFFFFFF), *(parse_time(number) for number in numbers[1:]))
            )
        case "SRV":
            priority, weight, port, host = _fields(rtype, tokens, "priority", "weight", "port", "a host name")
            numbers16 = (_number(field, 0xFFFF) for field in (priority, weight, port))
            return pack("!HHH", *numbers16) + encode_name(absolute(host, origin))
    if rtype in ("SVCB", "HTTPS"):  # RFC 9460 2.1: key="value", which reached us as two
        tokens = " ".join(tokens).replace("= ", "=").split()
    return _by_dnslib("HTTPS" if rtype == "SVCB" else rtype, tokens, origin)


def text_data(pieces: Sequence[bytes]) -> bytes:
    """Character-strings as the data of a TXT; one longer than 255 bytes is cut into several."""
    out = bytearray()
    for piece in pieces:
        for at in range(0, len(piece) or 1, 255):
            chunk = piece[at : at + 255]
            out.append(len(chunk))
            out += chunk
    if len(out) > 0xFFFF:
        raise WireError("more than 65535 bytes of text")
    return bytes(out)


def absolute(name: str, origin: str) -> str:
    """A name as written in a zone, made absolute: `@`, relative to the origin, or ended by a dot already."""
    if name == "@":
        return origin
    if (name.endswith(".") and not name.endswith("\\.")) or not origin:
        return name
    return f"{name}.{origin}"


def parse_time(text: str) -> int:
    """Seconds: `3600`, `1h`, `1d12h`.  Raises WireError."""
    if not _TIME.fullmatch(text):
        raise WireError(f"{text!r} is not a time in seconds (or 1h, 2d, 1w2d)")
    total = sum(int(n) * _UNITS[unit.lower() or "s"] for n, unit in re.findall(r"(\d+)([a-zA-Z]?)", text))
    if total > 0x7FFFFFFF:  # RFC 2181 8
        raise WireError(f"{text!r} is more than 2147483647 seconds")
    return total


def is_time(text: str) -> bool:
    """Whether the text looks like a TTL."""
    return _TIME.fullmatch(text) is not None


def minimum_ttl(soa: Record) -> int:
    """For how long "no such record" may be believed: RFC 2308 5, in s."""
    at = decode_name(soa.rdata, decode_name(soa.rdata, 0)[1])[1]
    return min(soa.ttl, int.from_bytes(soa.rdata[at + 16 : at + 20], "big"))


def _fields(rtype: str, tokens: Sequence[str], *names: str) -> Sequence[str]:
    if len(tokens) != len(names):
        raise WireError(f"{rtype} takes {', '.join(names)}; got {' '.join(tokens) or 'nothing'!r}")
    return tokens


def _address(rtype: str, tokens: Sequence[str], kind: type[IPv4Address] | type[IPv6Address], example: str) -> bytes:
    (text,) = _fields(rtype, tokens, "an address")
    try:
        return kind(text).packed
    except AddressValueError:
        raise WireError(f"{rtype} takes an address as {example}, got {text!r}") from None


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise WireError(f"expects a number from 0 to {most}, got {text!r}")
    return int(text)


def _generic(tokens: Sequence[str]) -> bytes:
    try:
        data = bytes.fromhex("".join(tokens[1:]))
        length = int(tokens[0])
    except (ValueError, IndexError):
        raise WireError("generic data is written \\# LENGTH HEX") from None
    if len(data) != length:
        raise WireError(f"generic data of {len(data)} bytes says it has {length}")
    return data


def _by_dnslib(rtype: str, tokens: Sequence[str], origin: str) -> bytes:
    from dnslib import RDMAP  # only when a rare type asks for it: it costs more than the rest of this package
    from dnslib.label import DNSBuffer, DNSLabel

    reader = RDMAP.get(rtype)
    if reader is None:
        raise WireError(f"the data of {rtype} is written \\# LENGTH HEX")
    buffer = DNSBuffer()  # type: ignore[no-untyped-call]
    try:
        data = reader.fromZone(list(tokens), DNSLabel(origin))  # type: ignore[attr-defined, no-untyped-call]
        data.pack(buffer)
    except Exception as error:  # dnslib raises whatever its conversions raise; all of it means: not such a record
        raise WireError(f"not the data of a {rtype} record: {' '.join(tokens)!r} ({error})") from None
    return bytes(buffer.data)


def _quoted(piece: bytes) -> str:
    return "".join(f"\\{chr(b)}" if chr(b) in '"\\' else chr(b) if 32 <= b <= 126 else f"\\{b:03d}" for b in piece)
