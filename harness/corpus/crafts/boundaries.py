"""boundaries - multiparts that two programs take apart differently (CVE-2024-28054 and its kin)."""

from __future__ import annotations

from harness.corpus.craft import HEADER, TEXT, attachment, crafts

_MIME = HEADER + b"MIME-Version: 1.0\r\n"


@crafts.register("two_boundaries")
def two_boundaries(content: bytes) -> bytes:
    """Two parameters of one field: one reader takes the first, one the last."""
    head = _MIME + b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n"
    return head + b"--a\r\n" + TEXT + b"\r\n--a--\r\n--b\r\n" + attachment(content) + b"\r\n--b--\r\n"


@crafts.register("two_content_types")
def two_content_types(content: bytes) -> bytes:
    """Two fields, each with a boundary of its own."""
    head = _MIME + b"Content-Type: multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"--a\r\n" + TEXT + b"\r\n--a--\r\n--b\r\n" + attachment(content) + b"\r\n--b--\r\n"


def _with_boundary(written: bytes, line: bytes, content: bytes, end: bytes = b"--") -> bytes:
    head = _MIME + b"Content-Type: multipart/mixed; " + written + b"\r\n\r\n"
    delimiter = b"--" + line
    return (
        head
        + delimiter
        + b"\r\n"
        + TEXT
        + b"\r\n"
        + delimiter
        + b"\r\n"
        + attachment(content)
        + b"\r\n"
        + (delimiter + end + b"\r\n" if end else b"")
    )


_SPELLINGS: dict[str, tuple[bytes, bytes]] = {
    "boundary_rfc2231": (b"boundary*0=one; boundary*1=two", b"onetwo"),
    "boundary_charset": (b"boundary*=us-ascii''one%2Btwo", b"one+two"),
    "boundary_comment": (b"boundary=(a comment)one", b"one"),
    "boundary_trailing_blank": (b'boundary="one "', b"one"),
    "boundary_semicolon": (b'boundary="one;two"', b"one;two"),
    "boundary_cruft": (b"boundary=one", b"one and some more"),
    "boundary_wrong": (b"boundary=nowhere", b"one"),
    "boundary_empty": (b'boundary=""', b"one"),
    "boundary_none": (b"charset=us-ascii", b"one"),
}


def _register(word: str, written: bytes, line: bytes) -> None:
    @crafts.register(word)
    def made(content: bytes) -> bytes:
        return _with_boundary(written, line, content)


for _word, (_written, _line) in _SPELLINGS.items():
    _register(_word, _written, _line)


@crafts.register("boundary_in_disposition")
def boundary_in_disposition(content: bytes) -> bytes:
    """The parameter stands in another field."""
    head = _MIME + b"Content-Type: multipart/mixed\r\nContent-Disposition: inline; boundary=one\r\n\r\n"
    return head + b"--one\r\n" + attachment(content) + b"\r\n--one--\r\n"


@crafts.register("boundary_prefix")
def boundary_prefix(content: bytes) -> bytes:
    """The boundary of the inner multipart begins with that of the outer one."""
    inner = (
        b"Content-Type: multipart/mixed; boundary=one-two\r\n\r\n--one-two\r\n"
        + attachment(content)
        + b"\r\n--one-two--\r\n"
    )
    return _MIME + b"Content-Type: multipart/mixed; boundary=one\r\n\r\n--one\r\n" + inner + b"\r\n--one--\r\n"


@crafts.register("never_closed")
def never_closed(content: bytes) -> bytes:
    """The last delimiter is missing."""
    return _with_boundary(b"boundary=one", b"one", content, b"")


@crafts.register("in_the_preamble")
def in_the_preamble(content: bytes) -> bytes:
    """A part before the first delimiter, under a boundary that nobody declares."""
    hidden = b"--x\r\n" + attachment(content) + b"\r\n--x--\r\n"
    return (
        _MIME
        + b"Content-Type: multipart/mixed; boundary=one\r\n\r\n"
        + hidden
        + b"--one\r\n"
        + TEXT
        + b"\r\n--one--\r\n"
    )


@crafts.register("in_the_epilogue")
def in_the_epilogue(content: bytes) -> bytes:
    """The same behind the last delimiter."""
    hidden = b"--x\r\n" + attachment(content) + b"\r\n--x--\r\n"
    return _MIME + b"Content-Type: multipart/mixed; boundary=one\r\n\r\n--one\r\n" + TEXT + b"\r\n--one--\r\n" + hidden


@crafts.register("after_the_end")
def after_the_end(content: bytes) -> bytes:
    """A part behind the delimiter that closes, under the same boundary."""
    part = b"--one\r\n" + attachment(content) + b"\r\n--one--\r\n"
    return _MIME + b"Content-Type: multipart/mixed; boundary=one\r\n\r\n--one\r\n" + TEXT + b"\r\n--one--\r\n" + part


@crafts.register("encoded_multipart")
def encoded_multipart(content: bytes) -> bytes:
    """RFC 2045 6.4 forbids it, some clients decode it."""
    from harness.corpus.craft import encoded

    body = b"--one\r\n" + attachment(content) + b"\r\n--one--\r\n"
    head = _MIME + b"Content-Type: multipart/mixed; boundary=one\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + encoded(body)


@crafts.register("qp_soft_break")
def qp_soft_break(content: bytes) -> bytes:
    """A delimiter that is one only for who decodes quoted-printable first (RFC 2045 6.4 forbids it)."""
    body = (
        b"--one\r\n"
        + TEXT
        + b"\r\n--o=\r\nne\r\n"
        + attachment(content).replace(b"=", b"=3D")
        + b"\r\n--o=\r\nne--\r\n"
    )
    head = _MIME + b"Content-Type: multipart/mixed; boundary=one\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + body
