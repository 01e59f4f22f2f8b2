"""rewrite: changes that overlap, the marked subject, the wrapped mail, the stamp."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.rewrite import Change, Draft, merged
from harness.gateway.content.unpack import unpack
from harness.gateway.mime import splice

MAIL = b"From: a@b\nSubject: hi\n\nbody\n"


def draft(data: bytes = MAIL) -> Draft:
    return Draft(data, unpack(data, Budget(Limits(), lambda: 0.0)), "rav-Q")


def test_the_outermost_change_stands_for_those_within_it() -> None:
    inner, outer, apart = Change(3, 5, b"i"), Change(1, 8, b"o"), Change(9, 10, b"a")
    assert merged([inner, apart, outer]) == [outer, apart]


def test_what_is_taken_away_does_not_come_back_by_a_wider_change_that_keeps() -> None:
    keeps, removes = Change(0, 9, b"kept", keeps=True), Change(4, 6, b"warn")
    assert merged([keeps, removes]) == [Change(0, 9, b"warn")]


def test_changes_that_overlap_in_part_go_together() -> None:
    assert merged([Change(0, 5, b"one"), Change(3, 9, b"other")]) == [Change(0, 9, b"other")]


def test_neighbours_are_left_alone() -> None:
    changes = [Change(0, 3, b"x"), Change(3, 5, b"y"), Change(5, 5, b"z")]
    assert merged(changes) == changes


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.booleans()), max_size=8),
)
def test_merged_changes_never_overlap_and_remove_all_that_was_to_be_removed(spans: list[tuple[int, int, bool]]) -> None:
    changes = [Change(start, start + size, b"#", keeps) for start, size, keeps in spans]
    result = merged(changes)
    data = splice(b"." * 50, [(one.start, one.end, one.new) for one in result])
    assert data.count(b"#") == len(result)
    for change in changes:
        if not change.keeps and change.end > change.start:
            assert any(one.start <= change.start and change.end <= one.end and not one.keeps for one in result)


def test_nothing_done_is_the_original_byte_for_byte() -> None:
    assert draft().render() == MAIL


def test_the_stamp_is_set_once() -> None:
    first = draft().render("scanned on host: gw")
    assert first == MAIL.replace(b"\n\n", b"\nX-RAV-AntiVirus: scanned on host: gw\n\n", 1)
    assert draft(first).render("scanned on host: gw") == first
    assert draft(first).render("scanned on host: other").count(b"X-RAV-AntiVirus") == 2


@pytest.mark.parametrize(
    ("data", "marked"),
    [
        (b"Subject: hi\n\nx\n", b"Subject: [BULK] hi\n\nx\n"),
        (b"Subject: [BULK] hi\n\nx\n", b"Subject: [BULK] hi\n\nx\n"),
        (b"Subject: =?utf-8?B?w6Q=?=\n folded\n\n", b"Subject: [BULK] =?utf-8?B?w6Q=?=\n folded\n\n"),
        (b"A: b\n\nx\n", b"A: b\nSubject: [BULK]\n\nx\n"),
        (b"Subject: one\nSubject: two\n\n", b"Subject: [BULK] one\nSubject: two\n\n"),
    ],
)
def test_the_subject_is_marked_once_and_the_rest_of_it_kept(data: bytes, marked: bytes) -> None:
    one = draft(data)
    one.subject_prefix = "[BULK]"
    assert one.render() == marked
    again = draft(marked)
    again.subject_prefix = "[BULK]"
    assert again.render() == marked


def test_the_wrapped_mail_is_whole_below_the_text_and_the_boundary_is_no_part_of_it() -> None:
    data = b"Received: by x\nFrom: a@b\nTo: c@d\nSubject: hi\nMessage-Id: <1@x>\n\n--rav-Q\nbody\n"
    one = draft(data)
    one.embedded_in = "looks like bulk"
    parsed = email.message_from_bytes(one.render(), policy=email.policy.default)
    text, inner = parsed.iter_parts()  # type: ignore[attr-defined]
    assert text.get_content().strip() == "looks like bulk"
    assert inner.get_content_type() == "message/rfc822" and inner.get_content()["Subject"] == "hi"
    assert "--rav-Q" in inner.get_content().get_content() and parsed["From"] == "a@b" and parsed["Subject"] == "hi"


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_any_mail_is_rendered(data: bytes, wrapped: bool, marked: bool) -> None:
    one = draft(data.replace(b"\r\n", b"\n"))
    one.embedded_in, one.subject_prefix = "t" * wrapped, "p" * marked
    assert isinstance(one.render("stamp"), bytes)
