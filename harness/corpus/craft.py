"""craft - contract: a word and a content -> a whole mail whose form is the attack, CRLF and all.

Members live in crafts/; a scenario writes `file: craft:WORD`, or `craft:WORD:PAYLOAD` for another content than eicar.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from harness.errors import ScenarioError, UnknownMember
from harness.registry import Registry

Craft = Callable[[bytes], bytes]

crafts: Registry[Craft] = Registry("crafted mail", "harness.corpus.crafts")

HEADER = b"From: <sender@ok.test>\r\nTo: <user@yourdomain.com>\r\nSubject: one file\r\n"
NAME = b"letter.doc"  # a name that offends nobody


def crafted(word: str, content: bytes) -> bytes:
    """The mail of this word with this content in it.  Raises ScenarioError."""
    try:
        return crafts[word](content)
    except UnknownMember as error:
        raise ScenarioError(str(error)) from None


def encoded(content: bytes) -> bytes:
    """Base64 in lines that end in CRLF."""
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def attachment(content: bytes, *, name: bytes = NAME, encoding: bytes = b"base64") -> bytes:
    """A part: its header and its body."""
    return (
        b'Content-Type: application/octet-stream; name="' + name + b'"\r\nContent-Transfer-Encoding: ' + encoding
        + b"\r\n\r\n" + (encoded(content) if encoding == b"base64" else content)
    )  # fmt: skip


def mixed(*parts: bytes, head: bytes = HEADER, boundary: bytes = b"b") -> bytes:
    """A multipart of these parts."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    kind = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    return head + kind + body + b"--" + boundary + b"--\r\n"


TEXT = b"Content-Type: text/plain\r\n\r\nsee there\r\n"


@crafts.register("plain")
def plain(content: bytes) -> bytes:
    """A mail as it should be: what the crooked ones are compared with."""
    return mixed(TEXT, attachment(content))
