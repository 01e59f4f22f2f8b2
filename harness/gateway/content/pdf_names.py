"""pdf_names - names in a PDF, as a reader compares them (ISO 32000-1 7.3.5)."""

from __future__ import annotations

import re

_ESCAPED_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME = re.compile(rb"/[^\s/<>\[\]()%{}]*#[^\s/<>\[\]()%{}]*")


def unescaped(data: bytes) -> bytes:
    """The bytes with the `#6A` in their names spelled out."""
    if b"#" not in data:
        return data
    return _NAME.sub(lambda name: _ESCAPED_NAME.sub(lambda two: bytes([int(two[1], 16)]), name[0]), data)
