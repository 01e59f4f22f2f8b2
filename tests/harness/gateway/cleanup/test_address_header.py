"""address_header: each line is what Postfix 3.7.11 makes of it (scenarios/cleanup/address_headers.yaml holds a real one to it)."""

import pytest

from harness.gateway.cleanup.address_header import Address, parse, rewritten


def whole(address: str) -> str:
    return address if "@" in address else f"{address}@gw.test"


@pytest.mark.parametrize(
    ("header", "becomes"),
    [
        ("From: user", "From: user@gw.test"), ("To: a@b.test", None), ("From:", None), ("To: ,", None),
        ('To: "A B" <a>, b (c), d@e.test', 'To: "A B" <a@gw.test>, b@gw.test (c), d@e.test'),
        ("Cc: (x) a", "Cc: a@gw.test (x)"), ("To: a b", "To: a@gw.test, b@gw.test"),
        ("Cc: grp: a, b;, c", "Cc: grp: a@gw.test, b@gw.test;, c@gw.test"), ("From: Some Body <>", None),
        ("To: everybody:;, z", "To: everybody: ;, z@gw.test"), ("To: a@b.test,,c", "To: a@b.test, , c@gw.test"),
        ('To: "q \\" u"', 'To: "q \\" u"@gw.test'), ("To: @gw.test", 'To: ""@gw.test'), ("To: <a@b", 'To: "<a"@b'),
    ],
)  # fmt: skip
def test_a_header_is_put_together_anew(header: str, becomes: str | None) -> None:
    assert rewritten(header, whole) == becomes


def test_as_many_addresses_as_fit_go_on_a_line() -> None:
    header = rewritten("To: " + ", ".join(f"somebody{number}" for number in range(4)), whole)
    assert header == "To: somebody0@gw.test, somebody1@gw.test, somebody2@gw.test,\n\tsomebody3@gw.test"


@pytest.mark.parametrize("text", ["(", "<", '"', "\\", ":;:;", "a:b:c;d>e<f", "(a(b)c", "<<>>", "[", ">" * 9, "\udcff"])
def test_nothing_is_too_odd(text: str) -> None:
    assert isinstance(parse(text), list)
    assert rewritten(f"To: {text}", lambda address: address) is None or any(isinstance(n, Address) for n in parse(text))
