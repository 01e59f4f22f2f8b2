"""dataset - what every rbldnsd(8) data set has in common: lines, special entries, values, and the question put to it.

A member of `datasets/` is a class named after nothing: `Data(lines)`, made from a reader of its lines, with
`find(name)`.  Wrong lines are left out and named in `Lines.warnings`, as rbldnsd does: a list of a million entries
is not refused for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from struct import pack
from typing import NamedTuple, Protocol

from fakedns.record import is_time, parse_time
from fakedns.wire import WireError, encode_name

EXCLUDED = 0  # the number of the value of an entry that begins with `!`
TTL_S = 2100  # rbldnsd's own: 35 minutes
_LONGEST_TEXT = 255
_SPECIAL = re.compile(r"\$(?P<name>[A-Z]+4?|[0-9]|=)(?=\s|$)\s*(?P<rest>.*)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$([$0-9=]?)")


class Item(NamedTuple):
    """One record at the name that was asked for; a TTL of None is that of the data set."""

    type: str
    rdata: bytes
    ttl: int | None = None


class Value(NamedTuple):
    """What an entry answers: an address, and the template of a text (None: no text)."""

    code: bytes
    text: str | None


BUILT_IN = Value(b"\x7f\0\0\x02", None)


class Dataset(Protocol):
    """A list that is asked for names relative to its zone."""

    def find(self, name: str) -> Sequence[Item] | None:
        """The records at a name (lower case, "" for the zone's own); None where nothing is listed.  Never raises."""
        ...


class LineError(ValueError):
    """A line that is left out, and why."""


@dataclass(slots=True)
class Lines:
    """The lines of one data set, its special entries and values.  A value is known by its number; EXCLUDED is none."""

    text: Iterator[tuple[int, str]]
    file: str
    warnings: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    soa: tuple[int, bytes] | None = None  # TTL in s, rdata
    servers: tuple[int, tuple[str, ...]] | None = None
    ttl: int = TTL_S
    most_addresses: int | None = None  # $MAXRANGE4
    values: list[Value] = field(default_factory=lambda: [Value(b"", None)])
    default: Value = BUILT_IN
    first_default: Value | None = None
    default_number: int = -1
    _numbers: dict[Value, int] = field(default_factory=dict)
    _written: dict[str, int] = field(default_factory=dict)  # numbers of values as they are written, until a new default

    def entries(self, take: Callable[[str], None]) -> None:
        """Give each entry (stripped, special and default lines digested) to `take`; a LineError is a warning."""
        default = self._default
        for number, line in self.text:
            try:
                first = line[0]
                if first == ":":
                    default(line)
                elif first == "$" and _SPECIAL.match(line):
                    self.special(line)
                else:
                    take(line)
            except (LineError, WireError) as error:
                self.warnings.append(f"{self.file}:{number}: {error}")

    def number(self, rest: str) -> int:
        """The number of the value written behind an entry.  Raises LineError."""
        number = self._written.get(rest)
        if number is None:
            own = rest and rest[0] not in "#;"
            number = self.numbered(read_value(rest, self.default)) if own else self.standard()
            if len(self._written) < 10_000:
                self._written[rest] = number
        return number

    def standard(self) -> int:
        """The number of the value of entries that have none of their own."""
        if self.default_number < 0:
            self.default_number = self.numbered(self.default)
        return self.default_number

    def check_size(self, addresses: int) -> None:
        """Raises LineError for more addresses than $MAXRANGE4 allows an entry."""
        if self.most_addresses is not None and addresses > self.most_addresses:
            raise LineError(f"too large range ({addresses}) ignored ({self.most_addresses} max)")

    def numbered(self, value: Value) -> int:
        """The number under which a value is kept."""
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number

    def items(self, number: int, listed: str) -> list[Item]:
        """The records of a value; `listed` stands for `$` in its text."""
        value = self.values[number]
        made = [Item("A", value.code)]
        text = self._expanded(value.text, listed)
        if text is not None:
            data = text.encode("utf-8", "surrogateescape")[:_LONGEST_TEXT]
            made.append(Item("TXT", bytes((len(data),)) + data))
        return made

    def _default(self, line: str) -> None:
        self.default = read_value(line, BUILT_IN)
        self.first_default = self.first_default or self.default
        self.default_number = -1
        self._written.clear()

    def special(self, line: str) -> None:
        """A line that begins with `$`: SOA, NS, TTL, a variable, MAXRANGE4, TIMESTAMP.  Raises LineError, WireError."""
        match = _SPECIAL.match(line)
        assert match is not None
        name, rest = match["name"].upper(), match["rest"].strip()
        if name == "=" or name.isdigit():
            self.variables[name] = rest
        elif name == "TTL":
            self.ttl = _time(rest)
        elif name == "SOA":
            self.soa = _soa(rest.split())
        elif name == "NS":
            self.servers = _servers(rest.split())
        elif name == "MAXRANGE4":
            self.most_addresses = _most(rest)
        elif name != "TIMESTAMP":  # a test has no use for data that expire
            raise LineError(f"invalid/unrecognized special entry ${name}")

    def _expanded(self, template: str | None, listed: str) -> str | None:
        """The text of a template: `$` is what is listed, `$1` a variable; `$=` the entry's own words in a base."""
        base = self.variables.get("=")
        if base is None or (template or "").startswith("="):
            return None if template is None else self._filled(template.removeprefix("="), listed, "$=")
        return self._filled(base, listed, template or listed)

    def _filled(self, template: str, listed: str, inner: str) -> str:
        words = {"": listed, "$": "$", "=": inner, **{k: v for k, v in self.variables.items() if k != "="}}
        return _VARIABLE.sub(lambda match: words.get(match[1], match[0]), template)


def read_value(rest: str, default: Value) -> Value:
    """`:2:text`, `:2`, `:2:` or `text`.  Raises LineError.  Source: rbldnsd(8), "Resulting A values and TXT"."""
    if rest[0] != ":":
        return Value(default.code, _short(rest))
    code, rest = read_code(rest[1:])
    rest = rest.lstrip()
    if not rest:
        return Value(code, default.text)
    if rest[0] != ":":
        raise LineError("invalid value: the address is followed by a colon")
    return Value(code, _short(rest[1:].strip()) or None)


def read_code(text: str) -> tuple[bytes, str]:
    """(four octets, what follows): `127.0.0.2`, `2` for 127.0.0.2, or `1.2` for 1.0.0.2, as inet_aton(3) has it."""
    match = re.match(r"[0-9.]+", text)
    numbers = [int(octet) for octet in match[0].split(".")] if match and ".." not in match[0] + "." else []
    if match is None or not 1 <= len(numbers) <= 4 or max(numbers) > 255 or not any(numbers):
        raise LineError("invalid A value")
    if len(numbers) == 1:
        return bytes((127, 0, 0, numbers[0])), text[match.end() :]
    return bytes((*numbers[:-1], *[0] * (4 - len(numbers)), numbers[-1])), text[match.end() :]


def kinds() -> list[str]:
    """The names of the data sets there are."""
    return sorted(path.stem for path in (Path(__file__).parent / "datasets").glob("[a-z]*.py"))


def make_dataset(kind: str, lines: Lines) -> Dataset:
    """The data set of this kind from its lines.  Raises ValueError for a kind that is not there."""
    if kind not in kinds():
        near = get_close_matches(kind, kinds(), n=1)
        raise ValueError(f"no data set of type {kind!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    made: Dataset = import_module(f"fakedns.datasets.{kind}").Data(lines)
    return made


def _short(text: str) -> str:
    return text[:_LONGEST_TEXT]


def _time(text: str) -> int:
    if not is_time(text):
        raise LineError(f"invalid time {text!r}")
    return parse_time(text)


def _soa(words: list[str]) -> tuple[int, bytes]:
    """`TTL origin person serial refresh retry expire minttl`; a serial of 0 is 1 here: no clock is asked."""
    if len(words) != 8:
        raise LineError("invalid $SOA: expects TTL, origin, person and five numbers")
    if not words[3].isdigit():
        raise LineError("invalid $SOA: the serial is a number")
    numbers = (int(words[3]) or 1, *(_time(word) for word in words[4:]))
    return _time(words[0]), encode_name(words[1]) + encode_name(words[2]) + pack("!5L", *numbers)


def _servers(words: list[str]) -> tuple[int, tuple[str, ...]]:
    if len(words) < 2:
        raise LineError("invalid $NS: expects TTL and at least one name")
    names = tuple(word for word in words[1:] if word != "-")
    for name in names:
        encode_name(name)
    return _time(words[0]), names


def _most(text: str) -> int:
    if text.startswith("/") and text[1:].isdigit() and int(text[1:]) <= 32:
        return 1 << 32 - int(text[1:])
    if text.isdigit():
        return int(text)
    raise LineError("invalid $MAXRANGE4")
