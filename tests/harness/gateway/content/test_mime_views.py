"""mime_views: one tree, and the other readings that some mail program has."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.budget import Limits
from harness.gateway.content.mime_views import guessed_boundaries, parse

PART = b"Content-Type: text/plain; name=%s\n\nbody\n"


def seen(mail: bytes) -> tuple[list[str], list[str], list[str]]:
    """(names in the tree, names in the other views, troubles)."""
    views = parse(mail, Limits())
    tree = [name for entity in views.root.walk() for name in entity.names]
    others = [name for view in views.others for entity in view.root.walk() for name in entity.names]
    troubles = [name for entity in views.root.walk() for _, name in entity.troubles]
    return tree, others, troubles


def multipart(header: bytes, *lines: bytes) -> bytes:
    return header + b"\n\n" + b"".join(lines)


A, B = PART % b"a", PART % b"b"


@pytest.mark.parametrize(
    ("mail", "tree", "others", "troubles"),
    [
        (multipart(b"Content-Type: multipart/mixed; boundary=x", b"--x\n", A, b"--x--\n"), ["a"], [], []),
        (multipart(b"Content-Type: multipart/mixed; boundary=x; boundary=y", b"--x\n", A, b"--x--\n--y\n", B, b"--y--\n"),
         ["a"], ["b"], ["Mime.TwoBoundaries"]),
        (multipart(b"Content-Type: multipart/mixed; boundary=x\nContent-Type: multipart/mixed; boundary=y",
                   b"--x\n", A, b"--x--\n--y\n", B, b"--y--\n"), ["a"], ["b"], ["Mime.TwoContentTypes", "Mime.TwoBoundaries"]),
        (multipart(b"Content-Type: multipart/mixed", b"--x\n", A, b"--x--\n"), ["a"], [], ["Mime.NoBoundary"]),
        (multipart(b"Content-Type: multipart/mixed; boundary=nowhere", b"--x\n", A, b"--x--\n"), ["a"], [], ["Mime.NoParts"]),
        (multipart(b"Content-Type: multipart/mixed; boundary=x", b"--x and more\n", A, b"--x--\n"), [], ["a"], []),
        (multipart(b"Content-Type: multipart/mixed; boundary=x", b"--x\n", A), ["a"], [], []),
        (multipart(b"Content-Type: multipart/mixed\nContent-Disposition: inline; boundary=x", b"--x\n", A), ["a"], [], ["Mime.NoBoundary"]),
        (multipart(b"Subject: x\njunk line\nContent-Type: multipart/mixed; boundary=x", b"--x\n", A), [], ["a"], ["Mime.JunkHeader"]),
        (b"Subject: x\n \nContent-Type: text/plain; name=a\n\nbody", ["a"], [], []),
        (multipart(b"Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64", b"LS14CkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgbmFtZT1hCgpib2R5Cg=="),
         [], ["a"], ["Mime.NoParts", "Mime.EncodedMultipart"]),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x\nX: y\rContent-Type: text/plain; name=a\r\rbody\n--x--\n", [], ["a"], ["Header.Control"]),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type : text/plain; name=a\n\n", ["a"], [], []),
        (b"Subject: a\0b\n\n", [], [], ["Header.Control"]),
    ],
    ids=["plain", "two boundaries", "two types", "no boundary", "wrong boundary", "text behind a boundary", "never closed",
         "boundary in the disposition", "junk in the header", "line of blanks", "encoded multipart", "bare CR", "blank before the colon", "NUL"],
)  # fmt: skip
def test_what_each_program_sees(mail: bytes, tree: list[str], others: list[str], troubles: list[str]) -> None:
    got = seen(mail)
    assert (got[0], got[1]) == (tree, others)
    assert got[2] == troubles


def test_an_ordinary_mail_has_one_view_only() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=x1\n\n--x1\n" + A + b"--x1--\n"
    mail = multipart(
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x", b"--x\n", inner, b"--x\n", B, b"--x--\n"
    )
    tree, _, troubles = seen(mail)
    assert tree == ["a", "b"] and not troubles


@pytest.mark.parametrize("text", [b"a\n-- \nsignature: yes\n", b"--\nX: y\n", b"a -- b"])
def test_signatures_are_no_boundaries(text: bytes) -> None:
    assert not guessed_boundaries(text)


MIME = st.sampled_from(
    [b"--b\n", b"--b--\n", b"--bb\n", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: multipart/mixed; boundary=bb\n",
     b"Content-Transfer-Encoding: base64\n", b"\n", b" \n", b"junk\n", b"\r", b"\0", b"Content-Type: message/rfc822\n", b"LS1iCg==\n"]
)  # fmt: skip


@given(st.lists(MIME, max_size=40).map(b"".join))
def test_any_structure_is_read_and_the_tree_never_overlaps(mail: bytes) -> None:
    views = parse(mail, Limits(max_mime_parts=200))
    for entity in views.root.walk():
        assert entity.start <= entity.body <= entity.end or entity.body <= entity.end
        for one, following in zip(entity.children, entity.children[1:], strict=False):
            assert one.end <= following.start


def test_hostile_structures_take_linear_time() -> None:
    mail = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    wide = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000
    begin = time.process_time()
    assert any(name == "Limits.MimeDepth" for e in parse(mail, Limits()).root.walk() for _, name in e.troubles)
    assert any(name == "Limits.MimeParts" for e in parse(wide, Limits()).root.walk() for _, name in e.troubles)
    assert time.process_time() - begin < 5


def test_where_a_boundary_is_only_guessed_the_body_is_also_one_text() -> None:
    """An archive may lie across the guessed parts; the fuzzer's lay across the header of one."""
    body = b"one\n--x\nContent-Type: a/b\n\ntwo\n--x--\n"
    views = parse(b"Content-Type: multipart/mixed\n\n" + body, Limits())
    assert views.root.multipart
    assert [view.data[view.root.body :] for view in views.others if not view.root.multipart] == [body]


def test_views_of_views_without_end_are_told() -> None:
    def nested(levels: int) -> bytes:
        mail = b"hello\n"
        for number in range(levels):
            head = b"Content-Type: multipart/mixed; boundary=b%d\nContent-Transfer-Encoding: base64\n\n" % number
            mail = head + base64.encodebytes(b"--b%d\n%s\n--b%d--\n" % (number, mail, number))
        return mail

    assert ("unscannable", "Limits.MimeViews") not in parse(nested(4), Limits()).root.troubles
    assert ("unscannable", "Limits.MimeViews") in parse(nested(5), Limits()).root.troubles
