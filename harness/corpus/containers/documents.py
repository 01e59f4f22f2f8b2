"""documents - a file inside a document: an OLE package, rich text, a PDF, a page whose script builds it, OneNote."""

from __future__ import annotations

import base64
import struct
import zlib

from harness.corpus.compound import compound
from harness.corpus.container import Named, containers, stem


@containers.register("ole_package")
def ole_package(file: Named) -> Named:
    """A Word document with an icon to double-click."""
    return f"{stem(file[0])}.doc", compound({"WordDocument": bytes(1024), "ObjectPool/\x01Ole10Native": native(file)})


def native(file: Named) -> bytes:
    """The stream of an Ole10Native package."""
    name, data = file
    raw = name.encode("cp1252") + b"\0"
    temporary = b"C:\\Temp\\" + raw
    body = b"\2\0" + raw + b"C:\\" + raw + b"\0\0\3\0" + struct.pack("<L", len(temporary)) + temporary
    body += struct.pack("<L", len(data)) + data
    return struct.pack("<L", len(body)) + body


@containers.register("rtf_package")
def rtf_package(file: Named) -> Named:
    r"""`\objdata` with an OLE 1.0 package, in hexadecimal."""
    packaged = native(file)[4:]
    content = struct.pack("<LLL", 0x0501, 2, 8) + b"Package\0" + bytes(8) + struct.pack("<L", len(packaged)) + packaged
    text = content.hex()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"{stem(file[0])}.rtf", ("{\\rtf1\\ansi see:{\\object\\objemb{\\*\\objdata " + lines + "}}}").encode()


@containers.register("pdf_attachment")
def pdf_attachment(file: Named) -> Named:
    """A PDF with the file as a deflated stream that a file specification names."""
    name, data = file
    packed = zlib.compress(data)
    embedded = f"<< /Type /EmbeddedFile /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        f"<< /Type /Filespec /F ({name}) /EF << /F 5 0 R >> >>".encode(),
        embedded + packed + b"\nendstream",
    ]
    return f"{stem(name)}.pdf", pdf(objects)


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out = b"%PDF-1.4\n"
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + table
    return (
        out
        + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R ".encode()
        + trailer
        + (f">>\nstartxref\n{start}\n%%EOF\n".encode())
    )


@containers.register("html_smuggling")
def html_smuggling(file: Named) -> Named:
    """A page whose script makes the file out of base64 and offers it."""
    name, data = file
    text = base64.b64encode(data).decode()
    half = len(text) // 2
    script = (
        f"var a='{text[:half]}'+'{text[half:]}';var b=atob(a);var c=new Uint8Array(b.length);"
        "for(var i=0;i<b.length;i++)c[i]=b.charCodeAt(i);var l=document.createElement('a');"
        f"l.href=URL.createObjectURL(new Blob([c]));l.download='{name}';l.click();"
    )
    return f"{stem(name)}.html", f"<html><body>one moment<script>{script}</script></body></html>\n".encode()


@containers.register("data_url")
def data_url(file: Named) -> Named:
    """A page with a link that holds the file itself."""
    text = base64.b64encode(file[1]).decode()
    link = f'<a download="{file[0]}" href="data:application/octet-stream;base64,{text}">here</a>'
    return f"{stem(file[0])}.html", f"<html><body>{link}</body></html>\n".encode()


@containers.register("onenote")
def onenote(file: Named) -> Named:
    """The header of a section and one FileDataStoreObject."""
    size = struct.pack("<Q", len(file[1])) + bytes(12)
    store = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + size + file[1]
    head = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3").ljust(1024, b"\0")
    return f"{stem(file[0])}.one", head + store + bytes.fromhex("22a7fb71790f0b4abb13899256426b24")
