"""A list as written becomes compiled elements."""

from __future__ import annotations

import pytest

from harness.gateway.policy.parse import has_required, parse
from harness.gateway.rule import Rule


def words(text: str):
    return [(word, Rule("main.cf", line, word)) for line, word in enumerate(text.split(), 1)]


@pytest.fixture
def known(bench):
    return bench().policy.known


def test_arguments_warnings_and_lines(known):
    elements = parse(
        words("warn_if_reject reject_rbl_client rbl.test check_client_access static:OK reject"), "x", known, None
    )
    assert [(e.text, e.warn, e.rule.line, e.follows) for e in elements] == [
        ("reject_rbl_client rbl.test", True, 2, "check_client_access"),
        ("check_client_access static:OK", False, 4, "reject"),
        ("reject", False, 6, ""),
    ]


def test_warn_if_reject_at_the_end_is_nothing(known):
    assert [e.text for e in parse(words("reject warn_if_reject"), "x", known, None)] == ["reject"]


def test_bare_table_takes_the_command_of_its_list(known):
    (element,) = parse(words("static:OK"), "x", known, "check_helo_access")
    assert (element.text, element.name) == ("check_helo_access static:OK", "check_helo_access")


def test_one_table_is_opened_once(known):
    first, second = parse(words("check_client_access static:OK check_helo_access static:OK"), "x", known, None)
    assert first.argument is second.argument


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("reject", True),
        ("permit_mynetworks Reject_Unauth_Destination", True),
        ("permit reject", False),
        ("warn_if_reject reject", False),
        ("warn_if_reject reject reject", True),
        ("strict", True),
        ("STRICT", False),
        ("warn_if_reject", False),
        ("", False),
    ],
)
def test_has_required(text, refuses):
    classes = {"strict": words("reject")}
    assert has_required(text.split(), frozenset({"reject", "reject_unauth_destination"}), classes) is refuses
