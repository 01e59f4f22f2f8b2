"""build - a Message of a scenario -> the exact bytes that go on the wire (CRLF, not dot-stuffed).

No clock and no chance: dates come from the scenario's clock, names and boundaries from its seed and session.
"""

from __future__ import annotations

import base64
import mimetypes
import quopri
import zlib
from collections.abc import Callable
from email.utils import formatdate
from random import Random

from harness.corpus.container import Named
from harness.corpus.craft import crafted
from harness.corpus.generator import Brief, Draft, generators
from harness.corpus.payload import payload
from harness.corpus.wrap import wrap
from harness.errors import ScenarioError
from harness.scenario import Message, Part, Send

Headers = list[tuple[str, str]]


def build(send: Send, session_id: str, seed: int, clock_at: float, read: Callable[[str], bytes]) -> bytes:
    """The content of one mail.  `read` gives the bytes of a file by the name the scenario writes.

    Raises ScenarioError for an unknown payload, container or generator, or a file that is not there.
    """
    message = send.message
    random = Random(f"{seed}:{session_id}")
    if message.file is not None and message.file.startswith("craft:"):
        word, _, content = message.file.removeprefix("craft:").partition(":")
        return _with(message, crafted(word, payload(content or "eicar", random, read)))
    if message.file is not None:
        return _with(message, crlf(read(message.file)))
    if message.raw is not None:
        return _with(message, crlf(message.raw.encode("utf-8", "surrogateescape")))
    if message.generate is not None:
        draft = generators[message.generate](Brief(send.sender, tuple(send.to), random))
        headers, parts = _drafted(draft, message)
    else:
        headers = _own_headers(send, message)
        parts = list(message.parts) or [Part(text=message.body if message.body is not None else _HELLO)]
        if message.parts and message.body is not None:
            parts.insert(0, Part(text=message.body))
    _set(headers, message.headers)
    mark = f"{zlib.crc32(f'{seed}:{session_id}'.encode()):08x}"
    _default(headers, "Date", formatdate(clock_at))
    _default(headers, "Message-ID", f"<{mark}.{session_id}@{send.sender.rpartition('@')[2] or 'nowhere.test'}>")
    made = [_entity(part, random, read) for part in parts]
    whole = _assemble(headers, made, f"=_{mark}", message.multipart)
    return pad(whole, message.pad_to) if message.pad_to is not None else whole


def attached_mail(file: Named) -> bytes:
    """A small mail with one attachment: what `wrap: [message]` puts around a file."""
    headers = [("From", "<inner@ok.test>"), ("To", "<inner@gw.test>"), ("Subject", "forwarded to you")]
    return _assemble(
        headers, [([], b"See the attachment.\r\n"), _attachment(file, None, None, "attachment")], "=_inner"
    )


def crlf(data: bytes) -> bytes:
    """Lines ended by LF or CRLF, all ended by CRLF, the last one too."""
    text = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return text if text.endswith(b"\r\n") or not text else text + b"\r\n"


def pad(whole: bytes, size: int) -> bytes:
    """The message with lines of filling behind it, exactly `size` bytes long; one that is longer stays as it was."""
    line = b"filling " * 9 + b"\r\n"
    missing = size - len(whole)
    if missing <= 0:
        return whole
    filling = line * (missing // len(line))
    rest = missing - len(filling)
    return whole + filling + (b"f" * (rest - 2) + b"\r\n" if rest >= 2 else b"f" * rest)


_HELLO = "Hello,\n\njust to say that the mail still works.\n"


def _own_headers(send: Send, message: Message) -> Headers:
    headers = [("From", f"<{send.sender}>"), ("To", ", ".join(f"<{address}>" for address in send.to))]
    return [*headers, ("Subject", message.subject if message.subject is not None else "hello")]


def _drafted(draft: Draft, message: Message) -> tuple[Headers, list[Part]]:
    headers = list(draft.headers)
    if message.subject is not None:
        _set(headers, {"Subject": message.subject})
    parts = [Part(text=draft.body)]
    if draft.html is not None:
        parts.append(Part(html=draft.html))
    for name, content in draft.attachments:
        parts.append(Part(attach=name, payload=None, data=content.decode("latin-1"), encoding="base64"))
    return headers, [*parts, *message.parts]


def _set(headers: Headers, wanted: dict[str, str | list[str]]) -> None:
    """Replace header fields by name, or add them; a list gives several of one name."""
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        headers[:] = [field for field in headers if field[0].lower() != name.lower()]
        headers.extend((name, one) for one in values)


def _default(headers: Headers, name: str, value: str) -> None:
    if not any(field[0].lower() == name.lower() for field in headers):
        headers.append((name, value))


def _with(message: Message, whole: bytes) -> bytes:
    """A message from a file, with its own header fields replaced where the scenario says so."""
    if message.headers or message.subject is not None:
        wanted = dict(message.headers)
        if message.subject is not None:
            wanted["Subject"] = message.subject
        head, gap, body = whole.partition(b"\r\n\r\n")
        gone = tuple(f"{name.lower()}:".encode() for name in wanted)
        kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(gone)]
        fresh: Headers = []
        _set(fresh, wanted)
        whole = b"\r\n".join([*kept, *(f"{name}: {value}".encode() for name, value in fresh)]) + gap + body
    return pad(whole, message.pad_to) if message.pad_to is not None else whole


def _entity(part: Part, random: Random, read: Callable[[str], bytes]) -> tuple[Headers, bytes]:
    """One part: its header fields and its encoded body."""
    if part.text is not None or part.html is not None:
        text = part.text if part.text is not None else part.html
        assert text is not None
        kind = part.type or ("text/plain" if part.text is not None else "text/html")
        data = crlf(text.encode("utf-8", "surrogateescape"))
        encoding = part.encoding or ("7bit" if data.isascii() else "quoted-printable")
        headers = [("Content-Type", f"{kind}; charset={'us-ascii' if data.isascii() else 'utf-8'}")]
        return [*headers, ("Content-Transfer-Encoding", encoding)], _encode(data, encoding)
    if part.payload is not None:
        content = payload(part.payload, random, read)
    elif part.data is not None:
        content = part.data.encode("latin-1" if part.encoding == "base64" else "utf-8", "surrogateescape")
    else:
        raise ScenarioError("a part is a text, an html, or an attachment with `payload` or `data`")
    name, content = wrap((part.attach or "file.bin", content), part.wrap)
    return _attachment((name, content), part.type, part.encoding, part.disposition)


def _attachment(file: Named, kind: str | None, encoding: str | None, disposition: str) -> tuple[Headers, bytes]:
    name, content = file
    if kind is None:
        kind = (
            "message/rfc822" if name.endswith(".eml") else mimetypes.guess_type(name)[0] or "application/octet-stream"
        )
    encoding = encoding or ("7bit" if kind == "message/rfc822" and content.isascii() else "base64")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    headers = [("Content-Type", f'{kind}; name="{quoted}"'), ("Content-Transfer-Encoding", encoding)]
    if disposition != "none":
        headers.append(("Content-Disposition", f'{disposition}; filename="{quoted}"'))
    return headers, _encode(content, encoding)


def _encode(data: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(data).replace(b"\n", b"\r\n")
        case "quoted-printable":
            return crlf(quopri.encodestring(data.replace(b"\r\n", b"\n")))
    return data


def _assemble(headers: Headers, parts: list[tuple[Headers, bytes]], boundary: str, subtype: str = "mixed") -> bytes:
    if len(parts) == 1 and not any(name == "Content-Disposition" for name, _ in parts[0][0]):
        body_headers, body = parts[0]
        plain = body_headers == [
            ("Content-Type", "text/plain; charset=us-ascii"),
            ("Content-Transfer-Encoding", "7bit"),
        ]
        mime: Headers = [] if plain or not body_headers else [("MIME-Version", "1.0"), *body_headers]
        return _head(_unless_given(headers, mime)) + body
    multipart = [("MIME-Version", "1.0"), ("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')]
    delimiter = f"--{boundary}".encode()
    pieces = [_head(_unless_given(headers, multipart))]
    for body_headers, body in parts:
        pieces += [delimiter, b"\r\n", _head(body_headers), body, b"" if body.endswith(b"\r\n") else b"\r\n"]
    return b"".join([*pieces, delimiter, b"--\r\n"])


def _unless_given(headers: Headers, more: Headers) -> Headers:
    given = {name.lower() for name, _ in headers}
    return [*headers, *(field for field in more if field[0].lower() not in given)]


def _head(headers: Headers) -> bytes:
    text = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n"
