"""headers - header blocks that are crooked, enormous, or hide where they end."""

from __future__ import annotations

from harness.corpus.craft import HEADER, TEXT, attachment, crafts, encoded, mixed

_TYPE = b"Content-Type: multipart/mixed; boundary=one\r\n"


def _parts(content: bytes) -> bytes:
    return b"--one\r\n" + TEXT + b"\r\n--one\r\n" + attachment(content) + b"\r\n--one--\r\n"


@crafts.register("no_mime_version")
def no_mime_version(content: bytes) -> bytes:
    """RFC 2045 4 demands the field, no client misses it."""
    return HEADER + _TYPE + b"\r\n" + _parts(content)


@crafts.register("blank_before_colon")
def blank_before_colon(content: bytes) -> bytes:
    """`Content-Type :`."""
    return HEADER + b"MIME-Version : 1.0\r\n" + _TYPE.replace(b":", b" :", 1) + b"\r\n" + _parts(content)


@crafts.register("junk_in_header")
def junk_in_header(content: bytes) -> bytes:
    """A line that is no field, and the type behind it."""
    return HEADER + b"this is no field\r\nMIME-Version: 1.0\r\n" + _TYPE + b"\r\n" + _parts(content)


@crafts.register("line_of_blanks")
def line_of_blanks(content: bytes) -> bytes:
    """A line of one blank in the header of the part: the end of it for some."""
    part = b"Content-Type: application/octet-stream; name=letter.doc\r\nContent-Transfer-Encoding: base64\r\n \r\n"
    return mixed(TEXT, part + encoded(content))


@crafts.register("many_headers")
def many_headers(content: bytes) -> bytes:
    """1500 fields in front of the type."""
    return HEADER + b"X-Filler: x\r\n" * 1500 + b"MIME-Version: 1.0\r\n" + _TYPE + b"\r\n" + _parts(content)


@crafts.register("some_headers")
def some_headers(content: bytes) -> bytes:
    """50 of them: a long way round, no more."""
    return HEADER + b"X-Filler: x\r\n" * 50 + b"MIME-Version: 1.0\r\n" + _TYPE + b"\r\n" + _parts(content)


@crafts.register("nul_in_header")
def nul_in_header(content: bytes) -> bytes:
    """What stands behind a NUL is invisible to programs in C; in the header of the mail Postfix cuts it off."""
    return mixed(TEXT, b"Content-Description: one\0file\r\n" + attachment(content))


@crafts.register("cr_in_header")
def cr_in_header(content: bytes) -> bytes:
    """A second field for those who end lines with CR."""
    return mixed(TEXT, attachment(content), head=HEADER.replace(b"one file", b"one\rX-Second: file"))


@crafts.register("bare_cr")
def bare_cr(content: bytes) -> bytes:
    """The header of the part is one line for those who end lines with LF."""
    part = b"X-One: x\rContent-Type: application/octet-stream; name=letter.doc\rContent-Transfer-Encoding: base64\r\r"
    return mixed(TEXT, part + encoded(content))


@crafts.register("bare_lf_header")
def bare_lf_header(content: bytes) -> bytes:
    """Lines that end in LF alone; what the server makes of them is the server's."""
    return mixed(TEXT, attachment(content).replace(b"\r\n", b"\n"))
