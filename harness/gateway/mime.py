"""mime - the tree of a message's MIME entities, with the place of each in the bytes, so that it can be replaced there.

Tolerant as mail clients are, never raising, in time linear in the size of the message whatever it holds; what is
odd is noted as a defect for those who score.  Source: RFC 2045, RFC 2046 (5.1.1 asks readers for leniency).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from harness.gateway.message import LOGICAL_HEADER, Header
from harness.gateway.mime_decode import IDENTITY, Decoded, decode_body
from harness.gateway.mime_names import Parameter, decode_words, parameter_values, split_value

_INNERMOST = 8  # open boundaries that a line with text behind its boundary is compared with


@dataclass(slots=True, eq=False, repr=False)
class Entity:
    """One entity: data[start:end], whose headers end where its body begins, at data[body_start:end].

    The line end before a delimiter belongs to the delimiter (RFC 2046 5.1.1), so it is outside.  The children of a
    multipart are its parts; the only child of a message/rfc822 is the message in it.
    """

    start: int
    body_start: int = 0
    end: int = 0
    headers: tuple[Header, ...] = ()
    content_type: str = "text/plain"  # lower case, as declared or by default
    parameters: tuple[Parameter, ...] = ()
    encoding: str = ""  # Content-Transfer-Encoding, lower case, "" where there is none
    boundaries: tuple[str, ...] = ()  # of a multipart; more than one is an attack
    children: list[Entity] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    depth: int = 0

    @property
    def is_leaf(self) -> bool:
        """True where there is content rather than entities."""
        return not self.children

    def first(self, name: str) -> Header | None:
        """The first header of this name (lower case), or None."""
        return next((header for header in self.headers if header.name.lower() == name), None)

    def all(self, name: str) -> tuple[Header, ...]:
        """Every header of this name (lower case)."""
        return tuple(header for header in self.headers if header.name.lower() == name)

    def text(self, name: str) -> str:
        """The first value of this name with its RFC 2047 words decoded, or ""."""
        header = self.first(name)
        return decode_words(header.text.encode("utf-8", "surrogateescape")) if header else ""

    def body(self, data: bytes) -> bytes:
        """The body as it stands in the message that was parsed."""
        return data[self.body_start : self.end]

    def decoded(self, data: bytes) -> Decoded:
        """The body without its transfer encoding."""
        return decode_body(self.body(data), self.encoding)

    def file_names(self) -> tuple[str, ...]:
        """Every spelling of every file name that the headers give, likeliest first."""
        names: list[str] = []
        for header in self.all("content-disposition"):
            names += parameter_values(split_value(header.value)[1], "filename")
        for header in self.all("content-type"):
            names += parameter_values(split_value(header.value)[1], "name")
        # Some clients take each parameter from the other header.
        for header in self.all("content-disposition"):
            names += parameter_values(split_value(header.value)[1], "name")
        for header in self.all("content-type"):
            names += parameter_values(split_value(header.value)[1], "filename")
        return tuple(dict.fromkeys(names))

    def disposition(self) -> str:
        """`attachment`, `inline`, or whatever stands there, in lower case; "" where nothing does."""
        header = self.first("content-disposition")
        return split_value(header.value)[0] if header else ""

    def walk(self) -> Iterator[Entity]:
        """This entity and all below it, in the order of the bytes."""
        pending = [self]
        while pending:
            entity = pending.pop()
            yield entity
            pending += reversed(entity.children)


def parse_mime(data: bytes, *, max_depth: int = 1000, max_parts: int = 50_000) -> Entity:
    """The entity tree of a message (LF or CRLF).  Beyond a limit the rest stays opaque, and a defect says so."""
    return _Parser(data, max_depth, max_parts).parse()


def splice(data: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The data with each (start, end, new) put in; the ranges must not overlap, their order does not matter."""
    pieces: list[bytes] = []
    position = 0
    for start, end, new in sorted(changes, key=lambda change: change[:2]):
        assert start >= position, "ranges overlap"
        pieces += (data[position:start], new)
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def replaced(data: bytes, entity: Entity, header_lines: Sequence[bytes], body: bytes) -> bytes:
    """The message with this entity exchanged for these header lines and body; every other byte stays."""
    return splice(data, [(entity.start, entity.end, b"".join(header_lines) + b"\n" + body)])


class _Parser:
    """One pass over the bytes with a stack of open entities."""

    def __init__(self, data: bytes, max_depth: int, max_parts: int) -> None:
        self.data, self.max_depth, self.parts_left = data, max_depth, max_parts
        self.open: list[Entity] = []  # from the root to the entity whose bytes come next
        self.delimiters: dict[bytes, list[int]] = {}  # boundary -> places in `open`, innermost last

    def parse(self) -> Entity:
        root = Entity(0)
        position = self._begin(root, self._after_from_line(root))
        while (found := self._next_delimiter(position)) is not None:
            start, after, place, closing, cruft = found
            self._close_below(place, start)
            owner = self.open[place]
            if cruft and "text behind a boundary" not in owner.defects:
                owner.defects.append("text behind a boundary")
            if closing:
                self._forget(place)
                position = after
            elif self.parts_left <= 0:
                owner.defects.append("too many parts")
                break
            else:
                digest = owner.content_type == "multipart/digest"
                part = Entity(after, depth=owner.depth + 1, content_type="message/rfc822" if digest else "text/plain")
                owner.children.append(part)
                position = self._begin(part, after)
        for entity in self.open:
            entity.end = len(self.data)
            if entity.boundaries and entity.children and self._is_open(entity):
                entity.defects.append("multipart without end")
        return root

    def _after_from_line(self, root: Entity) -> int:
        position = 0
        while self.data.startswith((b"From ", b">From "), position):
            root.defects.append("mbox From line")
            position = self.data.find(b"\n", position) + 1 or len(self.data)
        return position

    def _begin(self, entity: Entity, position: int) -> int:
        """Read the headers of an entity and of messages nested at its start; gives where its content begins."""
        while True:
            self.parts_left -= 1
            position = self._read_headers(entity, position)
            self.open.append(entity)
            kind = entity.content_type
            if kind.startswith("multipart/"):
                self._open_multipart(entity)
                return position
            if kind not in ("message/rfc822", "message/global") or entity.encoding not in IDENTITY:
                return position
            if len(self.open) >= self.max_depth or self.parts_left <= 0:
                entity.defects.append("nested too deep")
                return position
            inner = Entity(position, depth=entity.depth + 1)
            entity.children.append(inner)
            entity = inner

    def _read_headers(self, entity: Entity, position: int) -> int:
        """Take the header block at `position`; gives the offset of the body, past the empty line."""
        data, headers = self.data, []
        while found := LOGICAL_HEADER.match(data, position):
            # A delimiter may look like a header (`--x: y`): it is one only where it delimits nothing.
            if data.startswith(b"--", position) and self._delimiter_at(position) is not None:
                break
            headers.append(Header(found[0]))
            position = found.end()
        if data.startswith(b"\n", position):
            position += 1
        elif data.startswith(b"\r\n", position):
            position += 2
        elif headers and position < len(data) and self._delimiter_at(position) is None:
            entity.defects.append("no empty line after headers")
        entity.headers, entity.body_start = tuple(headers), position
        _interpret(entity)
        return position

    def _open_multipart(self, entity: Entity) -> None:
        entity.boundaries = parameter_values(entity.parameters, "boundary")
        if not entity.boundaries:
            entity.defects.append("multipart without boundary")
        elif len(self.open) > self.max_depth:
            entity.defects.append("nested too deep")
            entity.boundaries = ()
        elif len({parameter.value for parameter in entity.parameters if parameter.name == "boundary"}) > 1:
            entity.defects.append("several boundaries")
        if entity.encoding not in IDENTITY:
            entity.defects.append("encoded multipart")
        for boundary in entity.boundaries:
            key = boundary.encode("utf-8", "surrogateescape").rstrip()
            self.delimiters.setdefault(key, []).append(len(self.open) - 1)

    def _next_delimiter(self, position: int) -> tuple[int, int, int, bool, bool] | None:
        """The next delimiter line at or after `position`: its start, what follows it, its owner, closing, cruft."""
        data = self.data
        if not self.delimiters:
            return None
        if not (position == 0 or data.startswith(b"\n", position - 1)):
            position = data.find(b"\n", position) + 1 or len(data)
        while position < len(data):
            if not data.startswith(b"--", position):
                position = data.find(b"\n--", position) + 1
                if not position:
                    return None
            found = self._delimiter_at(position)
            if found is not None:
                return (position, *found)
            position = data.find(b"\n", position) + 1 or len(data)
        return None

    def _delimiter_at(self, position: int) -> tuple[int, int, bool, bool] | None:
        """(offset after the line, place of its owner in `open`, closing, cruft) if this line is a delimiter."""
        data, delimiters = self.data, self.delimiters
        if not delimiters or not data.startswith(b"--", position):
            return None
        after = data.find(b"\n", position) + 1 or len(data)
        line = data[position + 2 : after].rstrip()
        if places := delimiters.get(line):
            return after, places[-1], False, False
        if line.endswith(b"--") and (places := delimiters.get(line[:-2].rstrip())):
            return after, places[-1], True, False
        # RFC 2046 allows only blanks behind a boundary; mail servers and clients overlook anything.
        best: tuple[int, bytes] | None = None
        for boundary in islice(reversed(delimiters), _INNERMOST):
            if boundary and line.startswith(boundary):
                candidate = (delimiters[boundary][-1], boundary)
                best = candidate if best is None or candidate > best else best
        if best is None:
            return None
        return after, best[0], line.startswith(b"--", len(best[1])), True

    def _close_below(self, place: int, delimiter: int) -> None:
        """Everything open below this multipart ends before its delimiter line."""
        end = delimiter
        if end and self.data[end - 1] == 10:
            end -= 2 if end > 1 and self.data[end - 2] == 13 else 1
        while len(self.open) - 1 > place:
            self._forget(len(self.open) - 1)
            entity = self.open.pop()
            # A part of headers only has its delimiter right behind them: there is no line end to give away.
            entity.body_start = min(entity.body_start, delimiter)
            entity.end = max(end, entity.body_start)

    def _forget(self, place: int) -> None:
        """The boundaries of this entity delimit nothing any more."""
        entity = self.open[place]
        for boundary in entity.boundaries:
            key = boundary.encode("utf-8", "surrogateescape").rstrip()
            places = self.delimiters.get(key)
            if places and places[-1] == place:
                places.pop()
                if not places:
                    del self.delimiters[key]

    def _is_open(self, entity: Entity) -> bool:
        return any(
            boundary.encode("utf-8", "surrogateescape").rstrip() in self.delimiters for boundary in entity.boundaries
        )


def _interpret(entity: Entity) -> None:
    """Fill in type, parameters and encoding from the headers; the first of several counts, and that is a defect."""
    seen: set[str] = set()
    for header in entity.headers:
        raw = header.raw
        if raw[:1] not in b"cC" or raw[:8].lower() != b"content-":
            continue
        name = header.name.lower()
        if name in seen and name in ("content-type", "content-transfer-encoding", "content-disposition"):
            entity.defects.append(f"several {name} headers")
            continue
        seen.add(name)
        if name == "content-type":
            kind, entity.parameters = split_value(header.value)
            if kind.count("/") == 1 and not kind.startswith("/") and not kind.endswith("/"):
                entity.content_type = kind
            else:
                entity.content_type = "text/plain"  # RFC 2045 5.2
                entity.defects.append("bad content type")
        elif name == "content-transfer-encoding":
            entity.encoding = split_value(header.value)[0]
