"""generic - A, TXT and MX records, one a line: `NAME [TTL] TYPE VALUE`."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

from fakedns.dataset import Item, LineError, Lines, read_code
from fakedns.record import is_time, parse_time
from fakedns.wire import encode_name, normal_name


class Data:
    """Records by name."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._kept: dict[str, tuple[Item, ...]] = {}
        lines.entries(self._take)

    def find(self, name: str) -> Sequence[Item] | None:
        """The records at exactly this name."""
        return self._kept.get(name)

    def _take(self, line: str) -> None:
        name, *words = line.split(None, 1)
        ttl: int | None = None
        kind, rest = _word(words[0] if words else "")
        if is_time(kind):
            ttl = parse_time(kind)
            kind, rest = _word(rest)
        key = "" if name == "@" else normal_name(name)
        encode_name(key)
        item = Item(kind.upper(), _rdata(kind.upper(), rest), ttl or self.lines.ttl)
        self._kept[key] = (*self._kept.get(key, ()), item)


def _word(text: str) -> tuple[str, str]:
    first, *rest = text.split(None, 1) or [""]
    return first, rest[0] if rest else ""


def _rdata(kind: str, rest: str) -> bytes:
    match kind:
        case "A":
            return read_code(rest)[0]
        case "TXT":
            text = rest.strip()
            if len(text) > 1 and text[0] == text[-1] == '"':
                text = text[1:-1]
            data = text.encode("utf-8", "surrogateescape")
            if not data or len(data) > 255:
                raise LineError("invalid TXT value" if not data else "TXT value too long")
            return bytes((len(data),)) + data
        case "MX":
            preference, rest = _word(rest)
            if not preference.isdigit() or int(preference) > 0xFFFF or not rest:
                raise LineError("invalid MX priority")
            return pack("!H", int(preference)) + encode_name(_word(rest)[0])
        case _:
            raise LineError("invalid/unrecognized entry")
