"""Addresses rewritten and resolved: class, transport, next hop."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.gateway.resolve import Routes, own_addresses, resolve
from harness.gateway.settings import Settings

BASE = {
    "compatibility_level": "3.6",
    "myhostname": "gw.example.test",
    "mydomain": "example.test",
    "myorigin": "example.test",
    "mydestination": "example.test, gw.example.test",
    "inet_interfaces": "192.0.2.25",
    "relay_domains": "ok.test",
    "virtual_alias_domains": "alias.test",
    "virtual_mailbox_domains": "box.test",
}


@pytest.fixture
def routes(tmp_path: Path):
    def make(**config: str) -> Routes:
        values = BASE | config
        (tmp_path / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in values.items()))
        return Routes(Settings.load(tmp_path))

    return make


@pytest.mark.parametrize(
    ("address", "rewritten"),
    [
        ("", ""),
        ("foo", "foo@example.test"),
        ("foo@host", "foo@host"),
        ("foo@host.test.", "foo@host.test"),
        ("foo@host.test..", "foo@host.test.."),
        ("foo@.", "foo@."),
        ("foo%bar", "foo@bar"),
        ("foo%bar@host.test", "foo%bar@host.test"),
        ("host!foo", "foo@host"),
        ("a!b!foo", "b!foo@a"),
        ("@a.test,@b.test:foo@c.test", "foo@c.test"),
        ("foo@[192.0.2.1]", "foo@[192.0.2.1]"),
    ],
)
def test_rewriting(routes, address, rewritten):
    assert routes().rewrite(address) == rewritten


def test_rewriting_obeys_its_parameters(routes):
    r = routes(append_dot_mydomain="yes", allow_percent_hack="no", swap_bangpath="no")
    assert r.rewrite("foo@host") == "foo@host.example.test"
    assert r.rewrite("a%b") == "a%b@example.test"
    assert r.rewrite("a!b") == "a!b@example.test"
    assert routes(append_at_myorigin="no").rewrite("foo") == "foo"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("foo", ("local", "foo@example.test")),
        ("Foo@Example.TEST", ("local", "foo@example.test")),
        ("foo@example.test.", ("local", "foo@example.test")),
        ("foo@[192.0.2.25]", ("local", "foo@[192.0.2.25]")),
        ("foo@[192.0.2.26]", ("default", "foo@[192.0.2.26]")),
        ("foo@sub.example.test", ("default", "foo@sub.example.test")),
        ("foo@ok.test", ("relay", "foo@ok.test")),
        ("foo@sub.ok.test", ("relay", "foo@sub.ok.test")),
        ("foo@alias.test", ("alias", "foo@alias.test")),
        ("foo@box.test", ("virtual", "foo@box.test")),
        ("foo@sub.box.test", ("default", "foo@sub.box.test")),
        ("foo%far.test@example.test", ("default", "foo@far.test")),
        ("far.test!foo@example.test", ("default", "foo@far.test")),
        ("foo@far.test@example.test", ("default", "foo@far.test")),
        ("foo@example.test@example.test", ("local", "foo@example.test")),
        ("@example.test", ("local", "mailer-daemon@example.test")),
    ],
)
def test_class_and_recipient(routes, address, expected):
    resolved = routes().resolve(address)
    assert (resolved.address_class, resolved.recipient) == expected
    assert not resolved.bad and not resolved.failed


@pytest.mark.parametrize(
    ("address", "routed"),
    [
        ("foo@ok.test", False),
        ("foo%far.test@ok.test", True),
        ("far.test!foo@ok.test", True),
        ("foo@far.test@ok.test", True),
        ("foo%far.test@example.test", False),  # resolved here, and no route is left
    ],
)
def test_routing_operators_of_others_are_seen(routes, address, routed):
    assert routes().resolve(address).routed is routed


@pytest.mark.parametrize("address", ["foo@-bad.test", "foo@a..b", "foo@[300.1.1.1]", "foo@192.0.2.1"])
def test_domain_that_is_none_is_bad(routes, address):
    assert routes().resolve(address).bad


def test_bare_address_as_domain_may_be_allowed(routes):
    resolved = routes(resolve_numeric_domain="yes").resolve("foo@192.0.2.25")
    assert (resolved.address_class, resolved.recipient) == ("local", "foo@[192.0.2.25]")


def test_transport_and_next_hop_by_class(routes):
    r = routes(local_transport="local:$myhostname", relay_transport="relay", default_transport="smtp")
    found = {a: (r.resolve(a).transport, r.resolve(a).nexthop) for a in ("u@example.test", "u@ok.test", "u@far.test")}
    assert found == {
        "u@example.test": ("local", "gw.example.test"),
        "u@ok.test": ("relay", "ok.test"),
        "u@far.test": ("smtp", "far.test"),
    }
    assert routes().resolve("u@alias.test").nexthop == "5.1.1 User unknown in virtual alias table"
    assert routes().resolve("u@box.test").transport == "virtual"


def test_relayhost_stands_between_the_domain_and_an_explicit_next_hop(routes):
    r = routes(relayhost="[hub.test]:2525", default_transport="smtp:[out.test]")
    assert r.resolve("u@ok.test").nexthop == "[hub.test]:2525"
    assert r.resolve("u@far.test").nexthop == "[out.test]"
    assert r.resolve("u@box.test").nexthop == "box.test"


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("joe@ok.test", ("smtp", "[joe.test]")),
        ("joe+ext@ok.test", ("smtp", "[joe.test]")),
        ("u@ok.test", ("relay", "[ok.test]:2525")),
        ("u@sub.ok.test", ("relay", "sub.ok.test")),
        ("u@sub.dot.test", ("slow", "sub.dot.test")),
        ("u@dot.test", ("smtp", "dot.test")),
        ("u@error.test", ("error", "5.7.0 no")),
        ("u@empty.test", ("error", "Address is undeliverable")),
        ("u@noop.test", ("smtp", "noop.test")),
    ],
)
def test_transport_maps(routes, recipient, expected):
    table = (
        "inline:{joe@ok.test=smtp:[joe.test], ok.test=:[ok.test]:2525, .dot.test=slow:, {error.test=error:5.7.0 no},"
        " empty.test=error:, noop.test=:}"
    )
    r = routes(transport_maps=table, recipient_delimiter="+")
    resolved = r.resolve(recipient)
    assert (resolved.transport, resolved.nexthop) == expected


def test_wildcard_comes_last(routes):
    r = routes(transport_maps="inline:{ok.test=smtp:[ok], *=smtp:[all]}")
    assert [r.resolve(a).nexthop for a in ("u@ok.test", "u@far.test")] == ["[ok]", "[all]"]


def test_sender_dependent_routes(routes):
    r = routes(
        sender_dependent_relayhost_maps="inline:{joe@ok.test=[joe.test], dunno@ok.test=DUNNO}",
        sender_dependent_default_transport_maps="inline:{joe@ok.test=slow:}",
        relayhost="[hub.test]",
    )
    assert (r.resolve("u@far.test", "joe@ok.test").transport, r.resolve("u@far.test", "joe@ok.test").nexthop) == (
        "slow",
        "[joe.test]",
    )
    assert r.resolve("u@far.test", "dunno@ok.test").nexthop == "far.test"
    assert r.resolve("u@far.test", "ann@ok.test").nexthop == "[hub.test]"


def test_table_that_cannot_say_fails_the_address(routes):
    assert routes(virtual_mailbox_domains="texthash:/etc/postfix/nowhere").resolve("u@far.test").failed


def test_resolve_takes_settings(tmp_path):
    (tmp_path / "main.cf").write_text("relay_domains = ok.test\nmyhostname = gw.example.test\n")
    assert resolve("u@ok.test", Settings.load(tmp_path)).address_class == "relay"


def test_own_addresses():
    assert own_addresses("all") == {"127.0.0.1", "::1"}
    assert own_addresses("192.0.2.1, [2001:DB8::1]", "198.51.100.1") == {"192.0.2.1", "2001:db8::1", "198.51.100.1"}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='ab@%!.:[]"\\ ', max_size=20))
def test_anything_resolves_to_something_with_a_domain(routes, address):
    resolved = routes().resolve(address)
    assert "@" in resolved.recipient or resolved.failed
