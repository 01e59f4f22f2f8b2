"""replace: what is taken out is exactly what is stored, and what stands in its place is as large."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import (
    decoded_size,
    fitted,
    overwritten,
    put_content,
    put_name,
    put_warning,
    target_of,
)
from harness.gateway.content.rewrite import Draft
from harness.gateway.content.unpack import unpack
from harness.gateway.rule import default_rule

LOOSE = b"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

bad preamble
in two lines
--b

hello
--b
Content-Type: application/octet-stream; name="a/b.exe"
Content-Disposition: attachment; filename="a/b.exe"
Content-Transfer-Encoding: base64

TVo=
--b--
bad epilogue
"""


def draft(data: bytes) -> Draft:
    return Draft(data, unpack(data, Budget(Limits(), lambda: 0.0)), "q")


def finding(one: Draft, path: str) -> Finding:
    part = next((p for p in one.unpacked.parts if p.path == path), None)
    return Finding("infected", "X", path, default_rule("x"), part.entity if part else 0)


def parts_of(data: bytes) -> list[EmailMessage]:
    parsed = email.message_from_bytes(data.replace(b"\n", b"\r\n"), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return [part for part in parsed.walk() if not part.is_multipart()]  # type: ignore[misc]


def test_text_around_the_parts_is_taken_out_alone_and_byte_for_byte() -> None:
    one = draft(LOOSE)
    target = target_of(one.unpacked, LOOSE, finding(one, "mail:preamble"))
    assert target.data == b"bad preamble\nin two lines\n" and not target.refusal
    put_warning(one, target, "taken out -- by us")
    data = one.render()
    assert len(data) == len(LOOSE) and data.count(b"\n") == LOOSE.count(b"\n")
    assert b"bad preamble" not in data and b"taken out - " in data and b"hello" in data and b"bad epilogue" in data


def test_a_slash_in_a_file_name_is_no_container() -> None:
    one = draft(LOOSE)
    target = target_of(one.unpacked, LOOSE, finding(one, "part0002:a/b.exe"))
    assert not target.inside and target.data == b"MZ"
    put_name(one, target, "a_b.exe.vir")
    renamed = parts_of(one.render())[1]
    assert renamed.get_filename() == "a_b.exe.vir" and renamed.get_payload(decode=True) == b"MZ"
    assert renamed.get_param("name") == "a_b.exe.vir"


def test_a_name_that_is_not_ascii_has_one_spelling() -> None:
    one = draft(LOOSE)
    put_name(one, target_of(one.unpacked, LOOSE, finding(one, "part0002:a/b.exe")), "größe.exe.vir")
    assert parts_of(one.render())[1].get_filename() == "größe.exe.vir"


@pytest.mark.parametrize("size", [0, 1, 10, 68, 4096, 250_000])
def test_warn_txt_has_the_decoded_size_and_legal_lines(size: int) -> None:
    import base64

    data = LOOSE.replace(b"TVo=", base64.encodebytes(b"y" * size).rstrip(b"\n"))
    one = draft(data)
    target = target_of(one.unpacked, data, finding(one, "part0002:a/b.exe"))
    assert decoded_size(data, target) == size
    assert put_warning(one, target, "Gone: größe " * 9) == f"warn.txt of {size} bytes"
    rendered = one.render()
    assert max(map(len, rendered.split(b"\n"))) <= 998
    warn = parts_of(rendered)[1]
    assert warn.get_filename() == "warn.txt" and len(warn.get_payload(decode=True) or b"") == size  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
def test_text_is_counted_as_it_is_on_the_wire(encoding: str) -> None:
    body = {"base64": b"b25lCnR3bwo="}.get(encoding, b"one\ntwo\n")
    data = b"Content-Type: text/plain; name=a\nContent-Transfer-Encoding: %s\n\n%s" % (encoding.encode(), body)
    one = draft(data)
    target = target_of(one.unpacked, data, finding(one, "part0001:a"))
    size = decoded_size(data, target)
    (original,) = parts_of(data)
    assert size == len(original.get_payload(decode=True) or b"") == (8 if encoding == "base64" else 10)  # type: ignore[arg-type]
    put_warning(one, target, "gone")
    (warn,) = parts_of(one.render())
    assert len(warn.get_payload(decode=True) or b"") == size  # type: ignore[arg-type]


def test_a_cleaned_part_keeps_its_header_and_the_mail_its_own() -> None:
    data = b"From: a@b\nSubject: hi\nContent-Type: text/plain; name=a\nContent-Transfer-Encoding: 7bit\n\nvirus\n"
    one = draft(data)
    put_content(one, target_of(one.unpacked, data, finding(one, "part0001:a")), b"harmless\n")
    rendered = one.render()
    parsed = email.message_from_bytes(rendered)
    assert (parsed["From"], parsed["Subject"], parsed.get_filename()) == ("a@b", "hi", "a")
    assert parsed.get_payload(decode=True) == b"harmless\r\n" and rendered.count(b"Content-Transfer-Encoding") == 1


def test_why_something_stays() -> None:
    bare = draft(b"Subject: x\n")
    assert target_of(bare.unpacked, bare.data, finding(bare, "mail")).refusal == "the mail is a header and nothing else"


def test_a_finding_about_a_mail_of_one_part_stores_the_mail() -> None:
    one = draft(b"Subject: x\n\nhello\n")
    target = target_of(one.unpacked, one.data, finding(one, "mail"))
    assert target.data == one.data and not target.inside
    put_warning(one, target, "gone")
    assert email.message_from_bytes(one.render())["Subject"] == "x" and b"hello" not in one.render()


@given(st.text(), st.integers(0, 300))
def test_fitted_is_so_long_and_is_text(text: str, size: int) -> None:
    assert len(fitted(text, size)) == size
    fitted(text, size).decode("utf-8")


@given(st.binary(max_size=200), st.text())
def test_overwritten_keeps_every_line_end_and_starts_no_boundary(old: bytes, text: str) -> None:
    new = overwritten(old, text)
    assert [len(line) for line in new.split(b"\n")] == [len(line) for line in old.split(b"\n")]
    assert b"--" not in new
