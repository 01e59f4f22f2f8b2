"""hostname: what valid_hostname.c takes."""

from __future__ import annotations

import pytest

from harness.smtp.hostname import is_fqdn, valid_domain, valid_hostaddr, valid_hostname, valid_literal


@pytest.mark.parametrize(
    ("name", "valid"),
    [("mail.ok.test", True), ("foo", True), ("foo_bar", True), ("a-b.c", True), ("1.2.3.4", False), ("1a", True),
     ("-a.test", False), ("a-.test", False), ("a..b", False), (".a", False), ("a.", False), ("", False), ("a b", False),
     ("a" * 64, False), (".".join(["a" * 60] * 5), False), ("é.test", False)],
)  # fmt: skip
def test_names(name: str, valid: bool) -> None:
    assert valid_hostname(name) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [("192.0.2.1", True), ("192.0.2.256", False), ("192.0.2", False), ("0.0.0.0", True), ("0.1.2.3", False),
     ("2001:db8::1", True), ("::1", True), ("1::2::3", False), ("::ffff:192.0.2.1", True), ("x:y::", False)],
)  # fmt: skip
def test_addresses(text: str, valid: bool) -> None:
    assert valid_hostaddr(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [("[192.0.2.1]", True), ("[IPv6:::1]", True), ("[::1]", False), ("[192.0.2.300]", False), ("192.0.2.1", False), ("[]", False)],
)  # fmt: skip
def test_literals(text: str, valid: bool) -> None:
    assert valid_literal(text) is valid
    assert valid_domain(text) is valid


def test_a_dot_makes_a_name_fully_qualified_and_one_at_the_end_is_forgiven() -> None:
    assert is_fqdn("a.test") and is_fqdn("a.test.") and not is_fqdn("a") and not is_fqdn("a.")
