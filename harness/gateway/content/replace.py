"""replace - put something else in the place of an object: warn.txt, the object made harmless, another name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from harness.gateway.content.entity import Entity
from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.rewrite import Change, Draft
from harness.gateway.content.unpack import Unpacked
from harness.gateway.mime_decode import IDENTITY, encode_base64

WARN = "warn.txt"
_GONE = frozenset({"content-transfer-encoding", "content-md5", "content-length"})
_NAMES = frozenset({"content-type", "content-disposition"})
_BARE_LF = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Target:
    """What an action acts upon: the top MIME part that holds the object, or loose text around the parts."""

    entity: Entity
    part: Part | None  # the top object of this reading; None where only the mail as a whole is meant
    spans: tuple[tuple[int, int], ...]  # of loose text; () for a MIME part
    inside: bool  # the object is a member of a container
    data: bytes  # its content, decoded: what is set aside

    @property
    def refusal(self) -> str:
        """Why it cannot be taken out of the mail, or ""."""
        if self.entity.signed:
            return "the part is signed"
        if self.spans:
            return ""
        if self.entity.index == 0 and self.entity.body >= self.entity.end:
            return "the mail is a header and nothing else"
        return ""


def target_of(unpacked: Unpacked, mail: bytes, finding: Finding) -> Target:
    """Where a finding's object is in the mail."""
    entity = unpacked.entities.get(finding.entity, unpacked.root)
    whole = mail if entity.index == 0 else mail[entity.start : entity.end]
    tops = [part for part in unpacked.parts if part.depth == 0 and part.entity == entity.index]
    own = [part for part in tops if finding.path == part.path or finding.path.startswith(f"{part.path}/")]
    if finding.path == "mail" or not own:
        # A finding about the mail as a whole, or about how a part is wrapped.
        leaf = None if entity.multipart or not tops else tops[0]
        return Target(entity, leaf, (), False, whole if finding.path == "mail" or leaf is None else leaf.data)
    part = max(own, key=lambda one: len(one.path))
    inside = finding.path != part.path
    if not entity.multipart:
        return Target(entity, part, (), inside, part.data)
    spans = tuple((start, end) for _, start, end in entity.loose if mail[start:end] == part.data)
    return Target(entity, part, spans, inside, part.data) if spans else Target(entity, None, (), inside, whole)


def decoded_size(mail: bytes, target: Target) -> int:
    """The size of the object as its reader would save it, in bytes: text lines end in CRLF there."""
    entity = target.entity
    if target.part is None or entity.multipart:
        return len(target.data) + target.data.count(b"\n")
    return len(_wire(target.data, entity))


def put_warning(draft: Draft, target: Target, text: str) -> str:
    """Put warn.txt in the object's place; gives what was done, in words.

    It is as long as what it stands for: filled up with blanks, or cut (the paper's rule).  It is base64, so that no
    line is too long for SMTP and its decoded size is exact; text around the parts is written over where it stands.
    """
    if target.spans:
        size = sum(end - start for start, end in target.spans)
        for start, end in target.spans:
            draft.changes.append(Change(start, end, overwritten(draft.data[start:end], text)))
        return f"{size} bytes of text around the parts written over"
    size = decoded_size(draft.data, target)
    lines = (
        f'Content-Type: text/plain; charset=utf-8; name="{WARN}"\n'
        "Content-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="{WARN}"\n'
    ).encode()
    _put(draft, target.entity, _outer_header(draft.data, target.entity) + lines, fitted(text, size), keeps=False)
    return f"{WARN} of {size} bytes"


def put_content(draft: Draft, target: Target, content: bytes) -> None:
    """Put other content into a part: its header stays, but for the encoding."""
    entity = target.entity
    head = b"".join(draft.data[item.start : item.end] for item in entity.fields if item.name not in _GONE)
    head += b"" if not head or head.endswith(b"\n") else b"\n"
    head += b"Content-Transfer-Encoding: base64\n"
    _put(draft, entity, head, _wire(content, entity), keeps=True)


def put_name(draft: Draft, target: Target, name: str) -> None:
    """Give a part one name in one spelling, and a type that nothing runs; its content stays byte for byte."""
    entity = target.entity
    head = b"".join(draft.data[item.start : item.end] for item in entity.fields if item.name not in _NAMES)
    head += b"" if not head or head.endswith(b"\n") else b"\n"
    if name.isascii():
        spelled = (f'name="{name}"', f'filename="{name}"')
    else:  # RFC 2231
        encoded = quote(name, safe="")
        spelled = (f"name*=utf-8''{encoded}", f"filename*=utf-8''{encoded}")
    head += f"Content-Type: application/octet-stream; {spelled[0]}\n".encode()
    head += f"Content-Disposition: attachment; {spelled[1]}\n\n".encode()
    draft.changes.append(Change(entity.start, entity.body, head, keeps=True))


def fitted(text: str, size: int) -> bytes:
    """The text as `size` bytes of UTF-8; a character that would be cut in two becomes blanks."""
    data = text.replace("\n", "\r\n").encode("utf-8", "replace")[:size]
    return data.decode("utf-8", "ignore").encode("utf-8").ljust(size, b" ")


def overwritten(old: bytes, text: str) -> bytes:
    """The text over the old one, its lines as they were: no byte more or less, here or on the wire."""
    # No two hyphens in a row: what a stranger wrote must not become a boundary.
    letters = iter(text.encode("ascii", "replace").replace(b"--", b"- ").replace(b"\n", b" "))
    return bytes(byte if byte == 0x0A else next(letters, 0x20) for byte in old)


def _outer_header(data: bytes, entity: Entity) -> bytes:
    """Of the mail, everything that is not about its content; of a part, nothing."""
    if entity.index:
        return b""
    kept = b"".join(data[item.start : item.end] for item in entity.fields if not item.name.startswith("content-"))
    kept += b"" if not kept or kept.endswith(b"\n") else b"\n"
    return kept if entity.all("mime-version") else kept + b"MIME-Version: 1.0\n"


def _wire(content: bytes, entity: Entity) -> bytes:
    """Content as it is on the wire: what was not base64 has line ends of its own, and they are CRLF."""
    if IDENTITY.issuperset(entity.encodings) or "quoted-printable" in entity.encodings:
        return _BARE_LF.sub(b"\r\n", content)
    return content


def _put(draft: Draft, entity: Entity, head: bytes, content: bytes, *, keeps: bool) -> None:
    body = encode_base64(content)
    if entity.end < len(draft.data):
        body = body.removesuffix(b"\n")  # the line end before a delimiter belongs to the delimiter
    draft.changes.append(Change(entity.start, entity.end, head + b"\n" + body, keeps))
