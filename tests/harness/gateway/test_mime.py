"""test_mime - the tree of entities, their places, and their names."""

import base64
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway.mime import parse_mime, replaced
from harness.gateway.mime_decode import decode_base64, decode_body, find_uuencoded

LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: message/rfc822",
            b"--b",
            b"--b--",
            b"",
            b"x",
            b"--",
            b'Content-Type: multipart/mixed; boundary="c"',
            b"--c",
            b"--bc",
            b"Content-Disposition: x; filename*0=a",
        ]
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), LINES.map(b"\n".join)))
def test_no_bytes_raise_and_every_entity_lies_inside_its_parent(data: bytes) -> None:
    for entity in parse_mime(data).walk():
        entity.file_names(), entity.decoded(data)
        assert 0 <= entity.start <= entity.body_start <= entity.end <= len(data)
        assert all(entity.start <= child.start and child.end <= entity.end for child in entity.children)


@settings(max_examples=60)
@given(LINES.map(b"\n".join))
def test_replacing_an_entity_keeps_every_other_byte(data: bytes) -> None:
    for entity in parse_mime(data).walk():
        new = replaced(data, entity, [b"A: b\n"], b"body")
        assert new == data[: entity.start] + b"A: b\n\nbody" + data[entity.end :]


def test_well_formed_mail_has_the_parts_that_the_standard_library_wrote() -> None:
    mail = EmailMessage()
    mail.set_content("hello\n")
    mail.add_attachment(b"\x00\x01" * 99, maintype="application", subtype="zip", filename="gr\u00fc\u00dfe.zip")
    data = mail.as_bytes()
    tree = parse_mime(data)
    assert [part.content_type for part in tree.children] == ["text/plain", "application/zip"]
    assert tree.children[1].decoded(data).data == b"\x00\x01" * 99
    assert tree.children[1].file_names()[0] == "gr\u00fc\u00dfe.zip"
    assert not tree.defects


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (b'Content-Type: a/b; name="a.txt"\nContent-Disposition: attachment; filename=a.exe', {"a.txt", "a.exe"}),
        (b"Content-Disposition: attachment; filename*0*=utf-8''x; filename*1=.exe", {"x.exe"}),
        (b"Content-Disposition: attachment; filename*=utf-8''%65.exe", {"e.exe"}),
        (b"Content-Type: a/b; name==?utf-8?B?YS5leGU=?=", {"a.exe"}),
        (b"Content-Type: a/b;\n name=two words.exe", {"two words.exe", "two"}),
        (b'Content-Type: a/b; name="open.exe', {"open.exe"}),
    ],
)
def test_every_spelling_of_a_name_is_given(headers: bytes, names: set[str]) -> None:
    assert names <= set(parse_mime(headers + b"\n\nx").file_names())


def test_base64_goes_on_after_padding() -> None:
    decoded = decode_base64(base64.b64encode(b"a") + b"!\n" + base64.b64encode(b"bc"))
    assert decoded.data == b"abc"
    assert len(decoded.defects) == 2


def test_uuencoded_files_are_found_in_text() -> None:
    (file,) = find_uuencoded(b"hi\nbegin 644 a.exe\n#86)C\n`\nend\nbye\n")
    assert (file.name, file.data) == ("a.exe", b"abc")


def test_ten_thousand_parts_and_a_thousand_levels_take_no_time() -> None:
    flat = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(1000))
    started = time.perf_counter()
    assert len(parse_mime(flat).children) == 10_000
    assert sum(1 for _ in parse_mime(deep + b"--z\n" * 10_000).walk()) == 1001
    assert time.perf_counter() - started < 3


UU = b"#86%B\n`\nend\n"


@pytest.mark.parametrize("begin", [b"begin 644 a.txt", b"begin 0100644 a.txt", b"BEGIN\t644\ta.txt", b"begin 0 a.txt"])
def test_a_uuencoded_file_begins_in_more_than_one_spelling(begin: bytes) -> None:
    (file,) = find_uuencoded(b"text\n" + begin + b"\n" + UU)
    assert (file.name, file.data) == ("a.txt", b"aab")


def test_a_second_begin_ends_the_first_file() -> None:
    files = find_uuencoded(b"begin 644 q\nbegin 644\n" + UU)
    assert [(file.name, file.data, bool(file.defects)) for file in files] == [("q", b"", True), ("", b"aab", False)]


def test_uuencode_without_a_begin_is_decoded_where_the_header_says_so() -> None:
    assert decode_body(UU, "x-uuencode").data.startswith(b"aab")


def test_blanks_behind_a_soft_line_break_are_no_text() -> None:
    assert decode_body(b"a= \nb=\t\r\nc", "quoted-printable").data == b"abc"


def test_a_begin_line_of_blanks_takes_linear_time() -> None:
    started = time.process_time()
    assert find_uuencoded(b"begin 644" + b" " * 40_000 + b"\n")
    assert time.process_time() - started < 2
