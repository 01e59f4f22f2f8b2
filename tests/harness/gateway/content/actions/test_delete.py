"""delete: warn.txt of the same size in the place of the object, where that can be done."""

from __future__ import annotations

import email
from collections.abc import Callable
from typing import Any

from harness.gateway.content.action import Result

Perform = Callable[..., Any]


def test_warn_txt_is_as_large_as_what_it_stands_for(perform: Perform) -> None:
    done = perform("delete")
    assert done.result is Result.RESOLVED and done.said == "warn.txt of 19 bytes" and not done.stored
    text, warn = email.message_from_bytes(done.rendered).get_payload()  # type: ignore[misc]
    assert warn.get_payload(decode=True) == b"taken out: Test.Mac" and warn.get_filename() == "warn.txt"  # type: ignore[union-attr]
    assert "hello" in text.get_payload()  # type: ignore[union-attr]


def test_it_fails_for_signed_mail_and_for_a_mere_header(perform: Perform, signed: bytes) -> None:
    assert perform("delete", signed).said == "the part is signed"
    assert perform("delete", b"Subject: x\n", path="mail").result is Result.FAILED


def test_a_mail_of_one_part_keeps_its_header(perform: Perform) -> None:
    done = perform("delete", b"Subject: x\nContent-Type: text/html; name=a.doc\n\nVIRUS!", path="part0001:a.doc")
    parsed = email.message_from_bytes(done.rendered)
    assert (
        parsed["Subject"] == "x"
        and parsed.get_content_type() == "text/plain"
        and len(parsed.get_all("Content-Type", [])) == 1
    )
    assert done.rendered.endswith(b"\n")


def test_of_a_multipart_as_a_whole_the_header_is_left(perform: Perform) -> None:
    """A finding may be about how parts are put together: two boundaries, none at all."""
    done = perform("delete", path="mail")
    parsed = email.message_from_bytes(done.rendered)
    assert parsed.get_filename() == "warn.txt" and not parsed.is_multipart() and parsed["Subject"] == "hi"
    assert b"VIRUS!" not in done.rendered and b"hello" not in done.rendered


def test_an_inner_multipart_goes_and_its_neighbours_stay(perform: Perform) -> None:
    inner = b'Content-Type: multipart/mixed; boundary="c"; boundary="d"\n\n--c\n\nVIRUS!\n--c--\n'
    mail = b'Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nhello\n--b\n' + inner
    done = perform("delete", mail + b"--b--\n", path="mail", entity=2)
    text, warn = email.message_from_bytes(done.rendered).get_payload()  # type: ignore[misc]
    assert "hello" in text.get_payload() and warn.get_filename() == "warn.txt"  # type: ignore[union-attr]
    assert b"VIRUS!" not in done.rendered
