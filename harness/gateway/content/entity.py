"""entity - the MIME structure of a mail as every mail program may see it: the union of views, with byte offsets.

The cleanup side reads MIME as Postfix does, once and strictly.  A scanner must not: where two Content-Type fields,
two boundaries or two encodings allow two readings, both are examined and the ambiguity itself is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from harness.gateway.content.budget import Limits
from harness.gateway.content.decoding import readings_of
from harness.gateway.mime_decode import IDENTITY
from harness.gateway.mime_names import parameter_values, split_value

# RFC 5322 2.2, and blanks before the colon, which mail programs forgive.
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")

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


def parse(data: bytes, limits: Limits) -> Entity:
    """The tree of a mail (LF line ends).  Never raises: whatever is wrong stands in `troubles`."""
    return _Parser(data, limits).entity(0, len(data), 0, "text/plain", False)


class _Parser:
    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data, self.limits = data, limits
        self.count = self.leaves = 0

    def entity(self, start: int, end: int, depth: int, default_type: str, signed: bool) -> Entity:
        fields, body = self.header(start, end)
        me = Entity(self.count, start, body, end, fields, depth)
        self.count += 1
        if len(fields) > self.limits.max_header_fields:
            me.troubles.append(("unscannable", "Limits.HeaderFields"))
        if body - start > self.limits.max_header_bytes:
            me.troubles.append(("unscannable", "Limits.HeaderBytes"))
        types = [item.value for item in me.all("content-type")]
        kinds = list(dict.fromkeys(split_value(value)[0] for value in types)) or [default_type]
        me.type = next((kind for kind in kinds if kind.startswith("multipart/")), kinds[0])
        if len(types) > 1 and (len(kinds) > 1 or len(set(types)) > 1):
            me.troubles.append(("suspicious", "Mime.TwoContentTypes"))
        me.signed = signed or me.type == "multipart/signed" or _opaque_signature(me.type, types)
        if me.type.startswith("multipart/"):
            self.split(me, types)
        if not me.children:
            self.leaf(me, types)
        return me

    def header(self, start: int, end: int) -> tuple[list[Field], int]:
        """The fields from `start` on, one more than allowed at most, and where the body begins."""
        fields: list[Field] = []
        at = start
        while at < end and len(fields) <= self.limits.max_header_fields and (match := _FIELD.match(self.data, at, end)):
            fields.append(Field(match[1].decode("ascii").lower(), match[2], at, match.end()))
            at = match.end()
        for blank in (b"\n", b"\r\n"):
            if self.data.startswith(blank, at, end):
                return fields, at + len(blank)
        return fields, at  # no blank line: what is no field is the body

    def leaf(self, me: Entity, types: list[bytes]) -> None:
        self.leaves += 1
        me.number = self.leaves
        encodings = [split_value(item.value)[0] for item in me.all("content-transfer-encoding")]
        me.encodings = tuple(dict.fromkeys(encodings))
        if len(me.encodings) > 1 and IDENTITY.issuperset(me.encodings):
            me.encodings = me.encodings[:1]  # 7bit and 8bit say the same thing
        names = [
            name
            for item in me.all("content-disposition")
            for name in parameter_values(split_value(item.value)[1], "filename")
        ]
        names += [name for value in types for name in parameter_values(split_value(value)[1], "name")]
        me.names = tuple(dict.fromkeys(names))

    def split(self, me: Entity, types: list[bytes]) -> None:
        boundaries = list(
            dict.fromkeys(b for value in types for b in parameter_values(split_value(value)[1], "boundary"))
        )
        if not boundaries:
            me.troubles.append(("suspicious", "Mime.NoBoundary"))
            if guess := re.compile(rb"^--([^\s-][^\n]{0,69}?)[ \t\r]*$", re.MULTILINE).search(
                self.data, me.body, me.end
            ):
                boundaries = [guess[1].decode("latin-1")]
        elif len(boundaries) > 1:
            me.troubles.append(("suspicious", "Mime.TwoBoundaries"))
        if me.depth >= self.limits.max_mime_depth:
            me.troubles.append(("unscannable", "Limits.MimeDepth"))
            return
        for boundary in boundaries:
            self.parts(me, boundary)
        if not me.children:
            me.troubles.append(("suspicious", "Mime.NoParts"))

    def parts(self, me: Entity, boundary: str) -> None:
        """Add the parts between the delimiter lines of one boundary (RFC 2046 5.1.1)."""
        delimiter = re.compile(
            rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t\r]*$", re.MULTILINE
        )
        default = "message/rfc822" if me.type == "multipart/digest" else "text/plain"
        marks = list(delimiter.finditer(self.data, me.body, me.end))
        if not marks:
            return
        if self.data[me.body : marks[0].start()].strip():
            me.loose.append(("preamble", me.body, marks[0].start()))
        closed = False
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            start = min(mark.end() + 1, me.end)
            # The line end before a delimiter belongs to the delimiter.
            end = max(start, following.start() - 1) if following else me.end
            if mark[1]:
                closed = True
                if self.data[start:end].strip():
                    me.loose.append(("epilogue", start, end))
                continue
            if closed:
                closed = False
                me.troubles.append(("suspicious", "Mime.PartAfterEnd"))
            if self.count >= self.limits.max_mime_parts:
                me.troubles.append(("unscannable", "Limits.MimeParts"))
                return
            me.children.append(self.entity(start, end, me.depth + 1, default, me.signed))


def _opaque_signature(kind: str, types: list[bytes]) -> bool:
    return kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") and not any(
        "enveloped" in smime for value in types for smime in parameter_values(split_value(value)[1], "smime-type")
    )
