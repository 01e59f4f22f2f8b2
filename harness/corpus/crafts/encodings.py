"""encodings - base64 as no encoder writes it, and transfer encodings that contradict each other."""

from __future__ import annotations

import base64
from collections.abc import Callable

from harness.corpus.craft import HEADER, NAME, TEXT, crafts, encoded, mixed


def _part(body: bytes, fields: bytes = b"Content-Transfer-Encoding: base64\r\n") -> bytes:
    return b'Content-Type: application/octet-stream; name="' + NAME + b'"\r\n' + fields + b"\r\n" + body


def _lines(text: bytes, width: int) -> bytes:
    return b"".join(text[at : at + width] + b"\r\n" for at in range(0, len(text), width))


def _split(content: bytes) -> bytes:
    """Two pieces, each with its own padding."""
    half = len(content) // 2 + (len(content) // 2) % 3 + 1
    return base64.b64encode(content[:half]) + base64.b64encode(content[half:]) + b"\r\n"


_BODIES: dict[str, Callable[[bytes], bytes]] = {
    "base64_one_line": lambda content: base64.b64encode(content) + b"\r\n",
    "base64_four_a_line": lambda content: _lines(base64.b64encode(content), 4),
    "base64_seven_a_line": lambda content: _lines(base64.b64encode(content), 7),
    "base64_no_padding": lambda content: base64.b64encode(content).rstrip(b"=") + b"\r\n",
    "base64_inner_padding": _split,
    "base64_junk": lambda content: b"\r\n".join(b"!" + line + b"*" for line in encoded(content).split()) + b"\r\n",
    "base64_text_behind": lambda content: encoded(content) + b"\r\n-- \r\nThis list is read by many.\r\n",
    "base64_blank_lines": lambda content: encoded(content).replace(b"\r\n", b"\r\n\r\n"),
}
_FIELDS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "encoding_twice": (b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n", encoded),
    "encoding_comment": (b"Content-Transfer-Encoding: (really) base64\r\n", encoded),
    "encoding_quoted": (b'Content-Transfer-Encoding: "base64"\r\n', encoded),
    "encoding_blanks": (b"Content-Transfer-Encoding \t:   BASE64  \r\n", encoded),
    "encoding_folded": (b"Content-Transfer-Encoding:\r\n base64\r\n", encoded),
    "encoding_unknown": (b"Content-Transfer-Encoding: x-base64\r\n", encoded),
    "encoding_missing": (b"", encoded),
}


def _register(word: str, fields: bytes, body: Callable[[bytes], bytes]) -> None:
    @crafts.register(word)
    def made(content: bytes) -> bytes:
        return mixed(TEXT, _part(body(content), fields))


for _word, _body in _BODIES.items():
    _register(_word, b"Content-Transfer-Encoding: base64\r\n", _body)
for _word, (_fields, _body) in _FIELDS.items():
    _register(_word, _fields, _body)


@crafts.register("whole_mail_base64")
def whole_mail_base64(content: bytes) -> bytes:
    """No multipart at all: the mail is the file."""
    return HEADER + b"MIME-Version: 1.0\r\n" + _part(encoded(content))
