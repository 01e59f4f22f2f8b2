"""magic - what the first bytes of an object say it is; shared by those who look for one thing inside another."""

from __future__ import annotations

import re
from typing import Literal

# Containers that hold other files plainly, so that the magic of a member is no trick (offset, bytes, name).
_CONTAINERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"!<arch>\n", "ar"),
    (0, b"07070", "cpio"),
    (0, b"xar!", "xar"),
    (0, b"\x60\xea", "arj"),
    (0, b"\xe4\x52\x5c\x7b", "onenote"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (257, b"ustar", "tar"),
    (32769, b"CD001", "iso"),
)
_FILES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"{\\rt", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"RIFF", "riff"),
    (b"\x7fELF", "elf"),
    (b"L\0\0\0\x01\x14\x02\0", "lnk"),
)

# A mail saved to a file: some transport or address field within the first lines, and a MIME field.
_LOOKS_LIKE_MAIL = re.compile(
    rb"\s{0,8}(?:>?from [^\n]*\n)?(?:received|return-path|from|to|cc|subject|date|message-id|mime-version|x-[\w-]+|"
    rb"content-[\w-]+)[ \t]*:[^\n]*\n",
    re.IGNORECASE,
)
_MIME_FIELD = re.compile(rb"^content-(?:type|transfer-encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)


MAIL_TYPES = frozenset({
    "message/rfc822", "message/global", "message/news", "message/partial", "message/external-body",
})  # fmt: skip
"""What a header calls a mail (RFC 2046 5.2); the fragments are told where the entity is read."""


def looks_like_mail(data: bytes) -> bool:
    """Whether a file begins like a mail with MIME fields, whatever its type says."""
    head = data[:8192]
    return bool(_LOOKS_LIKE_MAIL.match(head) and _MIME_FIELD.search(head))


def container_of(data: bytes) -> str:
    """The container that these bytes are, or ""."""
    return next((name for offset, magic, name in _CONTAINERS if data.startswith(magic, offset)), "")


def kind_of(data: bytes) -> str:
    """The kind of file that these bytes begin as, or "" where no magic of ours says so."""
    if data.startswith(b"MZ"):
        return "pe" if windows_program(data) else ""
    return container_of(data) or next((name for magic, name in _FILES if data.startswith(magic)), "")


def windows_program(data: bytes, at: int = 0) -> Literal["", "PE", "NE", "LE", "LX"]:
    """Which kind of Windows program begins at a place: the MZ header must point to the other one."""
    if not data.startswith(b"MZ", at) or len(data) < at + 64:
        return ""
    header = at + int.from_bytes(data[at + 60 : at + 64], "little")
    kind: Literal["PE", "NE", "LE", "LX"]
    for kind in ("PE", "NE", "LE", "LX"):
        if header >= at + 4 and data.startswith(kind.encode(), header):
            return kind
    return ""
