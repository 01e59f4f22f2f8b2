"""mime_views - the MIME structure of a mail as every mail program may see it: one tree, and the other views beside it.

The cleanup side reads MIME as Postfix does, once and strictly.  A scanner must not: where two Content-Type fields,
two boundaries or two line ends allow two readings, all are examined, and the ambiguity itself is a finding.  The tree
holds places that can be replaced; a view is a rewritten copy, read like a mail of its own, for the entity it is of.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from harness.gateway.content.budget import KIB, MIB, Limits
from harness.gateway.content.entity import (
    Entity,
    Field,
    boundaries_of,
    declared_types,
    encodings_of,
    names_of,
    read_header,
)  # fmt: skip
from harness.gateway.mime_decode import IDENTITY, decode_body
from harness.gateway.mime_names import Parameter, parameter_values, split_value

_BARE_CR = re.compile(rb"\r(?!\n)")
_CONTROL = re.compile(rb"\x00|\r(?!\n)")
# A delimiter line is known by the header that follows it, where no boundary is declared.
_DELIMITER = re.compile(rb"^--([^\s-][^\n]{0,200}?)[ \t\r]*\n(?=[!-9;-~]+[ \t]*:|\r?\n)", re.MULTILINE)
_MOST_BOUNDARIES = 8
_MOST_LEVELS = 4  # views of views
_MOST_VIEWS, _MOST_COPIED, _ALL_COPIED = 24, 6, 48 * MIB  # in number, in bytes as a multiple of the mail, and in all


@dataclass(frozen=True, slots=True)
class View:
    """Another reading: bytes of its own, their tree, and the index of the entity of the mail that they stand for."""

    data: bytes
    root: Entity
    owner: int


@dataclass(slots=True)
class Views:
    """What a mail may be read as."""

    root: Entity
    others: list[View] = field(default_factory=list)


def parse(data: bytes, limits: Limits) -> Views:
    """The tree of a mail (LF line ends) and its other views.  Never raises: what is wrong stands in `troubles`."""
    parser = _Parser(data, limits)
    root = parser.entity(0, len(data), 0, "text/plain", False)
    views = Views(root)
    if _BARE_CR.search(data):
        parser.other(0, len(data), lambda: _BARE_CR.sub(b"\n", data.replace(b"\r\n", b"\n")))
    seen: set[bytes] = set()
    while parser.waiting:
        owner, copy, level = parser.waiting.pop(0)
        if copy in seen:
            continue
        seen.add(copy)
        parser.data, parser.owner, parser.level = copy, owner, level
        view = parser.entity(0, len(copy), 0, "text/plain", False)
        if owner or level > 1 or _shape(view) != _shape(root):
            views.others.append(View(copy, view, owner))
    if parser.refused:
        root.troubles.append(("unscannable", "Limits.MimeViews"))
    return views


class _Parser:
    """Reads entities; counts them over the tree and all views, so that the limits hold for the whole mail."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data, self.limits = data, limits
        self.count = self.leaves = 0
        self.owner = -1  # of the view that is read; -1 in the tree
        self.level = 0
        self.waiting: list[tuple[int, bytes, int]] = []
        self.copies, self.copied, self.refused = 0, 0, False
        self.most_copied = max(KIB, min(_MOST_COPIED * len(data), _ALL_COPIED))

    def other(self, index: int, size: int, make: Callable[[], bytes]) -> None:
        """Have a copy of about this size read as well, in the place of the entity of this index."""
        if self.level >= _MOST_LEVELS:
            self.refused = True
            return
        self.copies += 1
        self.copied += size
        if self.copies > _MOST_VIEWS or self.copied > self.most_copied:
            self.refused = True
            return
        self.waiting.append((index if self.owner < 0 else self.owner, make(), self.level + 1))

    def entity(self, start: int, end: int, depth: int, default_type: str, signed: bool) -> Entity:
        data, limits = self.data, self.limits
        header = read_header(data, start, end, limits.max_header_fields)
        me = Entity(self.count, start, header.body, end, header.fields, depth)
        self.count += 1
        if header.junk:
            me.troubles.append(("suspicious", "Mime.JunkHeader"))
            gap = header.junk[0][0], header.junk[-1][1]
            self.other(me.index, end - start, lambda: data[start : gap[0]] + data[gap[1] : end])
        if header.early >= 0:
            early = header.early
            self.other(me.index, end - start, lambda: data[start:early] + b"\n" + data[early:end])
        if _CONTROL.search(data, start, me.body):
            me.troubles.append(("suspicious", "Header.Control"))
        if len(me.fields) > limits.max_header_fields:
            me.troubles.append(("unscannable", "Limits.HeaderFields"))
        if me.body - start > limits.max_header_bytes:
            me.troubles.append(("unscannable", "Limits.HeaderBytes"))
        values, kinds, parameters = declared_types(me.fields)
        if any(len(group) > limits.max_parameters for group in parameters):
            me.troubles.append(("unscannable", "Limits.Parameters"))
        kinds = list(dict.fromkeys(kinds)) or [default_type]
        me.type = next((kind for kind in kinds if kind.startswith("multipart/")), kinds[0])
        if len(values) > 1 and (len(kinds) > 1 or len(set(values)) > 1):
            me.troubles.append(("suspicious", "Mime.TwoContentTypes"))
        me.signed = signed or me.type == "multipart/signed" or _opaque_signature(me.type, parameters)
        me.encodings = encodings_of(me.fields)
        me.charset = next((value for group in parameters for value in parameter_values(group, "charset")), "")
        me.names = names_of(me.fields, parameters)
        if me.type.startswith("multipart/"):
            self.split(me, parameters)
            self.multipart_readings(me, kinds)
        if not me.children:
            self.leaves += 1
            me.number = self.leaves
        return me

    def split(self, me: Entity, parameters: list[tuple[Parameter, ...]]) -> None:
        """Its parts by the first boundary that delimits any; every other boundary, and a lenient look, is a view."""
        boundaries, different = boundaries_of(parameters)
        if not boundaries:
            me.troubles.append(("suspicious", "Mime.NoBoundary"))
            boundaries = self.other_boundaries(me)
            if boundaries:  # one reader guesses, another shows the body as one text
                leaf = [item for item in me.fields if item.name.startswith("content-") and not _is_multipart(item)]
                copy, body = self.copy_of(leaf), self.data[me.body : me.end]
                self.other(me.index, len(body), lambda: copy + b"\n" + body)
        elif different > 1:
            me.troubles.append(("suspicious", "Mime.TwoBoundaries"))
        if me.depth >= self.limits.max_mime_depth:
            me.troubles.append(("unscannable", "Limits.MimeDepth"))
            return
        chosen = self.first_that_delimits(me, boundaries)
        if chosen is None and different:
            chosen = self.first_that_delimits(me, self.other_boundaries(me))
            if chosen is not None or self.data[me.body : me.end].strip():
                me.troubles.append(("suspicious", "Mime.NoParts"))
        elif chosen is None:
            me.troubles.append(("suspicious", "Mime.NoParts"))
        if chosen is not None:
            self.parts(me, *chosen)

    def other_boundaries(self, me: Entity) -> list[bytes]:
        """Where to look when the declaration is of no use: Content-Disposition, and what looks like a delimiter."""
        found = [
            value.encode("utf-8", "surrogateescape")
            for item in me.all("content-disposition")
            for value in parameter_values(split_value(item.value)[1], "boundary")
        ]
        return [*found, *guessed_boundaries(self.data[me.body : me.end])]

    def first_that_delimits(
        self, me: Entity, boundaries: list[bytes]
    ) -> tuple[bytes, list[tuple[int, int, bool]]] | None:
        """(boundary, its delimiter lines) of the likeliest; those of others go to `waiting` as views."""
        chosen = None
        if len(boundaries) > _MOST_BOUNDARIES:
            me.troubles.append(("unscannable", "Limits.MimeViews"))
        for boundary in boundaries[:_MOST_BOUNDARIES]:
            marks, lenient = self.delimiters(me, boundary)
            if lenient:
                self.other(me.index, me.end - me.body, partial(self.as_multipart, me, boundary, lenient))
            if marks and chosen is None:
                chosen = boundary, marks
            elif marks:
                self.other(me.index, me.end - me.body, partial(self.as_multipart, me, boundary, []))
        return chosen

    def delimiters(
        self, me: Entity, boundary: bytes
    ) -> tuple[list[tuple[int, int, bool]], list[tuple[int, int, bytes]]]:
        """(delimiter lines by RFC 2046 5.1.1: start, end, whether it closes; lines that only begin like one)."""
        data, delimiter = self.data, b"--" + boundary
        strict: list[tuple[int, int, bool]] = []
        lenient: list[tuple[int, int, bytes]] = []
        at = data.find(delimiter, me.body, me.end)
        while at >= 0:
            if len(strict) + len(lenient) > 2 * self.limits.max_mime_parts:
                me.troubles.append(("unscannable", "Limits.MimeParts"))
                break
            line_end = data.find(b"\n", at, me.end)
            line_end = me.end if line_end < 0 else line_end
            if at == me.body or data[at - 1] == 10:
                rest = data[at + len(delimiter) : line_end].rstrip(b" \t\r")
                if not rest or rest == b"--":
                    strict.append((at, line_end, bool(rest)))
                else:
                    lenient.append((at, line_end, delimiter + (b"--" if rest.startswith(b"--") else b"")))
            at = data.find(delimiter, line_end, me.end)
        return strict, lenient

    def as_multipart(self, me: Entity, boundary: bytes, lines: list[tuple[int, int, bytes]]) -> bytes:
        """Its body as a multipart of this boundary alone, with these lines put right."""
        pieces = [b'Content-Type: multipart/mixed; boundary="', boundary.replace(b'"', b'\\"'), b'"\n\n']
        at = me.body
        for start, end, line in lines:
            pieces += (self.data[at:start], line)
            at = end
        return b"".join([*pieces, self.data[at : me.end]])

    def parts(self, me: Entity, boundary: bytes, marks: list[tuple[int, int, bool]]) -> None:
        """Add the parts between the delimiter lines of one boundary."""
        data = self.data
        default = "message/rfc822" if me.type == "multipart/digest" else "text/plain"
        if data[me.body : marks[0][0]].strip():
            me.loose.append(("preamble", me.body, marks[0][0]))
        closed = False
        for place, (_, line_end, closing) in enumerate(marks):
            start = min(line_end + 1, me.end)
            # The line end before a delimiter belongs to the delimiter.
            end = max(start, marks[place + 1][0] - 1) if place + 1 < len(marks) else me.end
            if closing:
                closed = True
                if data[start:end].strip():
                    me.loose.append(("epilogue", start, end))
                continue
            if closed:
                closed = False
                me.troubles.append(("suspicious", "Mime.PartAfterEnd"))
            if self.count >= self.limits.max_mime_parts:
                me.troubles.append(("unscannable", "Limits.MimeParts"))
                return
            me.children.append(self.entity(start, end, me.depth + 1, default, me.signed))

    def multipart_readings(self, me: Entity, kinds: list[str]) -> None:
        """A multipart that also says it is something else, or is encoded, which RFC 2045 6.4 forbids."""
        if not me.encodings and len(kinds) == 1:
            return
        body = self.data[me.body : me.end]
        kept = [item for item in me.fields if item.name.startswith("content-")]
        if me.children and any(not kind.startswith("multipart/") for kind in kinds):
            leaf = [item for item in kept if not _is_multipart(item)]
            self.other(me.index, len(body), lambda: self.copy_of(leaf) + b"\n" + body)
        encoding = next((e for e in me.encodings if e not in IDENTITY), "")
        if encoding:
            decoded = decode_body(body, encoding).data
            if decoded != body:
                me.troubles.append(("suspicious", "Mime.EncodedMultipart"))
                plain = [item for item in kept if item.name != "content-transfer-encoding"]
                self.other(me.index, len(decoded), lambda: self.copy_of(plain) + b"\n" + decoded)

    def copy_of(self, fields: list[Field]) -> bytes:
        return b"".join(self.data[item.start : item.end].rstrip(b"\n") + b"\n" for item in fields)


def _shape(root: Entity) -> list[tuple[object, ...]]:
    """What makes two readings of a mail the same: the bytes of a body may still differ in their line ends."""
    return [(e.type, e.encodings, e.names, e.depth, len(e.children), len(e.loose)) for e in root.walk()]


def guessed_boundaries(text: bytes) -> list[bytes]:
    """What may be a boundary in a text that declares none: a `--` line with a header behind it."""
    if b"--" not in text:
        return []
    return list(dict.fromkeys(match[1] for match in _DELIMITER.finditer(text)))[:_MOST_BOUNDARIES]


def _is_multipart(item: Field) -> bool:
    return item.name == "content-type" and split_value(item.value)[0].startswith("multipart/")


def _opaque_signature(kind: str, types: list[tuple[Parameter, ...]]) -> bool:
    return kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") and not any(
        "enveloped" in smime for parameters in types for smime in parameter_values(parameters, "smime-type")
    )
