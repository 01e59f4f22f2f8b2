"""entity - one MIME entity of a mail: its header fields, what they say in every spelling, and its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from harness.gateway.content.decoding import readings_of
from harness.gateway.mime_decode import IDENTITY
from harness.gateway.mime_names import Parameter, decode_words, parameter_values, split_value

# RFC 5322 2.2, and blanks before the colon, which mail programs forgive.
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_CARELESS = re.compile(rb"[,\s](?:file)?name\s{0,9}=\s{0,9}(\"[^\"]{1,255}|[^\s\";,]{1,255})", re.IGNORECASE)
_ENDS_LIKE_A_NAME = re.compile(rb"\.\w{1,5}[\"'\s]{0,9}\Z")
_BLANK_LINE = re.compile(rb"\n[ \t\r]+(?=\n)")

Defect = tuple[Literal["suspicious", "unscannable"], str]
"""(class, name) of something wrong with the wrapping."""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: name in lower case, what follows its colon, and its span in the mail, line end included."""

    name: str
    value: bytes
    start: int
    end: int


@dataclass(slots=True)
class Entity:
    """One MIME entity: header fields and spans [start, body, end) in the mail."""

    index: int  # order of appearance; 0 is the mail
    start: int
    body: int
    end: int
    fields: list[Field]
    depth: int = 0
    type: str = "text/plain"
    number: int = 0  # of a leaf, from 1: part0001; 0 for a multipart
    names: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    children: list[Entity] = field(default_factory=list)
    loose: list[tuple[str, int, int]] = field(default_factory=list)  # (preamble | epilogue, start, end)
    troubles: list[Defect] = field(default_factory=list)
    charset: str = ""  # of a text, as declared
    signed: bool = False  # itself, or a parent, is a signature's subject

    @property
    def multipart(self) -> bool:
        """Whether it was split into parts."""
        return bool(self.children)

    def all(self, *names: str) -> list[Field]:
        """Its fields of these names."""
        return [item for item in self.fields if item.name in names]

    def walk(self) -> Iterator[Entity]:
        """Itself and everything beneath, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def value(self, name: str) -> bytes:
        """The raw value of the first field of this name, b"" where there is none."""
        return next((item.value for item in self.fields if item.name == name), b"")

    def readings(self, data: bytes) -> tuple[list[bytes], list[str]]:
        """(every decoded reading of its body, the names of what is wrong with the encoding)."""
        return readings_of(data[self.body : self.end], self.encodings)


@dataclass(frozen=True, slots=True)
class Header:
    """A header block: its fields, where the body begins, and what other readers make of a crooked one."""

    fields: list[Field]
    body: int
    junk: tuple[tuple[int, int], ...] = ()  # lines that are no field, with more fields behind them
    early: int = -1  # where a line of blanks may end it sooner, -1 if there is none


_MOST_JUNK = 1000


def read_header(data: bytes, start: int, end: int, most: int) -> Header:
    """The fields from `start` on, at most one more than `most`.  The strict reader ends at the first line that is no
    field (as Postfix and Python do); others skip it, or end at a line of blanks that only folds for the strict one.
    """
    fields: list[Field] = []
    at, body, early = start, -1, -1
    junk: list[tuple[int, int]] = []
    while at < end and len(fields) <= most:
        match = _FIELD.match(data, at, end)
        if match:
            if body < 0:
                fields.append(Field(match[1].decode("ascii").lower(), match[2], at, match.end()))
            elif len(junk) == 1 or match[1].lower().startswith(b"content-"):
                return Header(fields, body, tuple(junk), early)
            at = match.end()
            if early < 0 and (blank := _BLANK_LINE.search(match[0])):
                early = match.start() + blank.start() + 1
            continue
        if data.startswith((b"\n", b"\r\n"), at, end):
            blank_end = at + (1 if data[at] == 10 else 2)
            return Header(fields, blank_end if body < 0 else body, (), early)
        if body < 0:
            body = at
        if not fields or len(junk) >= _MOST_JUNK:
            break  # no header at all: a text
        line_end = data.find(b"\n", at, end) + 1 or end
        junk.append((at, line_end))
        at = line_end
    return Header(fields, body if body >= 0 else at, (), early)


def declared_types(fields: list[Field]) -> tuple[list[bytes], list[str], list[tuple[Parameter, ...]]]:
    """(values, types in lower case, parameters) of every Content-Type field, in order."""
    values = [item.value for item in fields if item.name == "content-type"]
    split = [split_value(value) for value in values]
    return values, [kind.strip("\"'") for kind, _ in split], [parameters for _, parameters in split]


def encodings_of(fields: list[Field]) -> tuple[str, ...]:
    """The distinct transfer encodings it declares; 7bit, 8bit and binary say the same thing."""
    said = [split_value(item.value)[0].strip("\"'") for item in fields if item.name == "content-transfer-encoding"]
    distinct = tuple(dict.fromkeys(said))
    return distinct[:1] if len(distinct) > 1 and IDENTITY.issuperset(distinct) else distinct


def names_of(fields: list[Field], types: list[tuple[Parameter, ...]]) -> tuple[str, ...]:
    """Every name a reader may give it: `filename` first, then `name`, then each taken from the other field."""
    dispositions = [split_value(item.value)[1] for item in fields if item.name == "content-disposition"]
    names: list[str] = []
    for fields_of, key in ((dispositions, "filename"), (types, "name"), (dispositions, "name"), (types, "filename")):
        for parameters in fields_of:
            if parameters:
                names += parameter_values(parameters, key)
    return tuple(dict.fromkeys(names)) or _careless_names(fields)


def _careless_names(fields: list[Field]) -> tuple[str, ...]:
    """Where no parameter gives a name: one behind a comma or a blank instead of a semicolon, or a description that
    ends in an extension, which some readers show as the name.
    """
    found: list[str] = []
    for item in fields:
        if item.name in ("content-type", "content-disposition"):
            found += [_text(name) for name in _CARELESS.findall(item.value)]
        elif item.name == "content-description" and _ENDS_LIKE_A_NAME.search(item.value):
            found.append(_text(item.value))
    return tuple(dict.fromkeys(found))


def _text(value: bytes) -> str:
    return " ".join(decode_words(value).split()).strip("\"'")


def boundaries_of(parameters: list[tuple[Parameter, ...]]) -> tuple[list[bytes], int]:
    """(every spelling of the boundaries declared, likeliest first; how many different ones were written)."""
    written: list[bytes] = []
    spelled: list[bytes] = []
    for group in parameters:
        plain = [parameter.value.strip() for parameter in group if parameter.name == "boundary"]
        written += plain
        spelled += plain
        spelled += [value.encode("utf-8", "surrogateescape") for value in parameter_values(group, "boundary")]
    numbered = sum(parameter.name.startswith("boundary*") for group in parameters for parameter in group)
    return [b for b in dict.fromkeys(spelled) if b], len({b for b in written if b}) + (numbered > 0)
