"""lenient - what only a forgiving reader opens: old archives, files within texts, PDFs and pages that hide a coding."""

from __future__ import annotations

import base64
import io
import struct
import tarfile
import zlib

from harness.corpus.container import WHEN, Named, containers, stem

_FULL = 0xFFFFFFFF


@containers.register("zip64")
def zip64(file: Named) -> Named:
    """Deflated, every number in the 64-bit fields (APPNOTE 4.5.3)."""
    name, data = file[0].encode(), file[1]
    packed, crc = zlib.compress(data)[2:-4], zlib.crc32(data)
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(packed))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 8, 0, 0x2F0A, crc, _FULL, _FULL, len(name), len(extra))
    local += name + extra + packed
    extra = struct.pack("<HHQQQ", 1, 24, len(data), len(packed), 0)
    listed = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 8, 0, 0x2F0A, crc, _FULL, _FULL, len(name), len(extra), 0, 0, 0, 0, _FULL
    )
    listed += name + extra
    end = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(listed), len(local))
    end += struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + len(listed), 1)
    end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, _FULL, _FULL, 0)
    return f"{stem(file[0])}.zip", local + listed + end


def _tar(file: Named) -> bytearray:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo(file[0])
        info.size, info.mtime = len(file[1]), WHEN
        archive.addfile(info, io.BytesIO(file[1]))
    return bytearray(packed.getvalue())


@containers.register("old_tar")
def old_tar(file: Named) -> Named:
    """As in 1979, without the word ustar: only a check sum tells what it is."""
    data = _tar(file)
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return f"{stem(file[0])}.tar", bytes(data)


@containers.register("behind_tar")
def behind_tar(file: Named) -> Named:
    """A second archive behind the end of the first: `tar -i` reads on."""
    return f"{stem(file[0])}.tar", bytes(_tar(("readme", b"nothing here\n")) + _tar(file))


@containers.register("apple_single")
def apple_single(file: Named) -> Named:
    """The data fork in AppleSingle (RFC 1740)."""
    return file[0], b"\0\5\x16\0\0\2\0\0" + bytes(16) + struct.pack(">H3L", 1, 1, 38, len(file[1])) + file[1]


@containers.register("activemime")
def activemime(file: Named) -> Named:
    """editdata.mso, with the file where the macros would be."""
    return "editdata.mso", b"ActiveMime".ljust(0x32, b"\0") + zlib.compress(file[1])


@containers.register("calendar")
def calendar(file: Named) -> Named:
    """An attachment in a calendar, its line folded (RFC 5545 3.1)."""
    line = b"ATTACH;ENCODING=BASE64;VALUE=BINARY:" + base64.b64encode(file[1])
    folded = b"\r\n ".join(line[at : at + 73] for at in range(0, len(line), 73))
    return (
        f"{stem(file[0])}.ics",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + folded + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    )


@containers.register("json")
def json_text(file: Named) -> Named:
    """A value of JSON."""
    return f"{stem(file[0])}.json", b'{"content": "' + base64.b64encode(file[1]) + b'"}\n'


@containers.register("rtf_binary")
def rtf_binary(file: Named) -> Named:
    """A package in rich text, its bytes as they are (backslash bin)."""
    name = file[0].encode("ascii", "replace")
    native = b"\2\0" + name + b"\0" + name + b"\0\0\0\3\0" + struct.pack("<L", len(name) + 1) + name + b"\0"
    native += struct.pack("<L", len(file[1])) + file[1]
    whole = struct.pack("<3L", 0x501, 2, 8) + b"Package\0" + struct.pack("<3L", 0, 0, len(native)) + native
    return f"{stem(file[0])}.rtf", b"{\\rtf1{\\object\\objemb{\\*\\objdata\\bin%d %s}}}" % (len(whole), whole)


def _pdf(file: Named, about: bytes, packed: bytes, rest: bytes = b"") -> Named:
    head = b"%PDF-1.5\n1 0 obj <</Type/EmbeddedFile" + about + b"/Length %d>>\nstream\n" % len(packed)
    return f"{stem(file[0])}.pdf", head + packed + b"\nendstream endobj\n" + rest + b"trailer <<>>\n%%EOF\n"


@containers.register("pdf_referred")
def pdf_referred(file: Named) -> Named:
    """The filter stands in an object of its own."""
    return _pdf(file, b"/Filter 2 0 R", zlib.compress(file[1]), b"2 0 obj [/FlateDecode] endobj\n")


@containers.register("pdf_predictor")
def pdf_predictor(file: Named) -> Named:
    """Rows of eight bytes, each the difference to the one above (ISO 32000-1 7.4.4.4); blanks fill the last."""
    data = file[1] + b" " * (-len(file[1]) % 8)
    rows, above = b"", bytes(8)
    for at in range(0, len(data), 8):
        row = data[at : at + 8]
        rows += b"\2" + bytes((new - old) % 256 for new, old in zip(row, above, strict=True))
        above = row
    return _pdf(file, b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8>>", zlib.compress(rows))


@containers.register("html_entities")
def html_entities(file: Named) -> Named:
    """A link that holds the file, every character of it spelled as an entity."""
    address = "data:application/octet-stream;base64," + base64.b64encode(file[1]).decode()
    link = "".join(f"&#{ord(character)};" for character in address)
    return f"{stem(file[0])}.html", f'<html><body><a href="{link}">here</a></body></html>\n'.encode()
