"""package - the file in an OLE package (MS-OLEDS 2.3.6): what an icon in a document opens."""

from __future__ import annotations


def packaged(native: bytes) -> tuple[str, bytes] | None:
    """(name, file) of the native data: 2, label, path, 3, temporary path, size, file; None where it is no package."""
    if native[:2] != b"\x02\0":
        return None
    label, _, rest = native[2:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")  # where it came from
    length = int.from_bytes(rest[4:8], "little")
    rest = rest[8 + length :]
    if len(rest) < 4:
        return None
    size = int.from_bytes(rest[:4], "little")
    return label.decode("cp1252", "replace"), rest[4 : 4 + size]


def native_of(content: bytes) -> tuple[str, bytes]:
    """(class, native data) of an OLE 1.0 object (MS-OLEDS 2.2.5), ("", b"") where its header makes no sense."""
    at = 8
    strings: list[bytes] = []
    for _ in range(3):  # class, topic, item
        size = int.from_bytes(content[at : at + 4], "little")
        if size > 4096 or at + 4 + size > len(content):
            return "", b""
        strings.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    size = int.from_bytes(content[at : at + 4], "little")
    return strings[0].rstrip(b"\0").decode("latin-1"), content[at + 4 : at + 4 + size]
