"""client_list: which entries mean a client and its sender, and which of two that do is closer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.client_list import closest, list_entry
from harness.gateway.rule import default_rule

RULE = default_rule("x")


def close(
    text: str, address: str = "192.0.2.7", name: str = "mail.good.test", sender: str = "a@good.test"
) -> tuple[int, int]:
    return list_entry(text, RULE).closeness(address, name, sender)


@pytest.mark.parametrize(
    ("entry", "matched"),
    [("192.0.2.7", True), ("192.0.2.0/24", True), ("192.0.2.1/24", True), ("192.0.3.0/24", False), ("good.test", True),
     (".good.test", True), ("mail.good.test", True), ("GOOD.test", True), ("a@good.test", True), ("@good.test", True),
     ("@mail.good.test", False), ("b@good.test", False), ("od.test", False), ("2001:db8::/32", False), ("test", True)],
)  # fmt: skip
def test_which_entries_mean_it(entry: str, matched: bool) -> None:
    assert (close(entry) != (0, 0)) is matched


def test_ipv6_and_brackets() -> None:
    assert close("[2001:db8::7]", "2001:db8::7") == (3, 0)
    assert close("2001:db8::1/32", "2001:db8::7") == (2, 32)
    assert close("::ffff:192.0.2.7/128", "192.0.2.7") == (0, 0)


def test_a_client_without_an_address_is_in_no_network_but_may_have_a_sender() -> None:
    assert close("0.0.0.0/0", "unknown") == (0, 0) and close("good.test", "unknown") > (0, 0)


def test_the_null_sender_and_an_unknown_name_are_in_no_domain() -> None:
    assert close("@good.test", "192.0.2.7", "unknown", "") == (0, 0)
    assert close("good.test", "192.0.2.7", "unknown", "") == (0, 0)


def test_order_of_closeness() -> None:
    ladder = ["test", "good.test", "mail.good.test", "0.0.0.0/0", "192.0.0.0/16", "192.0.2.0/24", "192.0.2.7"]
    found = [close(entry) for entry in ladder]
    assert found == sorted(found) and len(set(found)) == len(ladder)
    assert close("a@good.test") == close("192.0.2.7")


def test_the_first_of_equals_counts() -> None:
    first, second = list_entry("192.0.2.7", RULE), list_entry("a@good.test", RULE)
    assert closest((first, second), "192.0.2.7", "mail.good.test", "a@good.test") == ((3, 0), first)
    assert closest((), "192.0.2.7", "x", "y") == ((0, 0), None)


@given(st.text(), st.text(), st.text(), st.text())
def test_any_client_is_compared_without_complaint(text: str, address: str, name: str, sender: str) -> None:
    try:
        entry = list_entry(text, RULE)
    except ValueError:
        entry = list_entry("good.test", RULE)
    assert len(entry.closeness(address, name, sender)) == 2


@pytest.mark.parametrize("text", ["", "@", "a b", "192.0.2.300", "192.0.2.0/33", "a@", "-x.test", "a@b..c"])
def test_what_can_mean_nobody_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        list_entry(text, RULE)
