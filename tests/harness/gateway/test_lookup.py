"""The keys of hosts, networks and mail addresses, in order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway.lookup import address_keys, find, find_key, host_keys, map_keys, network_keys, strip_extension
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, TableError


class Asked:
    """A table that remembers its keys."""

    name = "asked:x"
    rules = ()

    def __init__(self, fixed: bool, **values: str) -> None:
        self.fixed, self.values, self.keys = fixed, values, list[str]()

    def lookup(self, key: str) -> Hit | None:
        self.keys.append(key)
        value = self.values.get(key)
        return None if value is None else Hit(value, Rule("x", 1, key))


def keys(pairs) -> list[str]:
    return [key for key, _ in pairs]


@pytest.mark.parametrize(
    ("name", "parent_style", "expected"),
    [
        ("a.b.test", True, ["a.b.test", "b.test", "test"]),
        ("a.b.test", False, ["a.b.test", ".b.test", ".test"]),
        ("test", True, ["test"]),
        ("unknown", True, ["unknown"]),
        ("192.0.2.1", True, ["192.0.2.1"]),
        ("2001:db8::1", True, ["2001:db8::1"]),
        ("[192.0.2.1]", True, ["[192.0.2.1]", "0.2.1]", "2.1]", "1]"]),
        ("a.test.", True, ["a.test.", "test."]),
        ("", True, []),
    ],
)
def test_keys_of_a_host(name, parent_style, expected):
    assert keys(host_keys(name, parent_style)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", ["192.0.2.77", "192.0.2", "192.0", "192"]),
        ("2001:db8::1", ["2001:db8::1", "2001:db8:", "2001:db8", "2001"]),
    ],
)
def test_keys_of_a_network(address, expected):
    assert keys(network_keys(address)) == expected


def test_keys_of_an_address_in_an_access_table():
    assert keys(address_keys("u+x@a.b.test", "+", True)) == [
        "u+x@a.b.test",
        "u@a.b.test",
        "a.b.test",
        "b.test",
        "test",
        "u+x@",
        "u@",
    ]
    assert keys(address_keys("u+x@b.test", "", False)) == ["u+x@b.test", "b.test", ".test", "u+x@"]


def test_quoted_local_part_is_tried_first():
    assert keys(address_keys("a b@c.test", "", True))[:2] == ['"a b"@c.test', "a b@c.test"]


def test_keys_of_an_address_in_a_map():
    local = {"here.test"}.__contains__
    assert keys(map_keys("U+x@here.test", "+", local)) == ["u+x@here.test", "u@here.test", "u+x", "u", "@here.test"]
    assert keys(map_keys("u@far.test", "+", local)) == ["u@far.test", "@far.test"]
    assert keys(map_keys("u", "+", local)) == ["u"]


@pytest.mark.parametrize(
    ("local", "delimiter", "expected"),
    [
        ("u+x", "+", "u"),
        ("u+x+y", "+", "u"),
        ("u-x", "+-", "u"),
        ("+x", "+", None),
        ("u", "+", None),
        ("u+x", "", None),
        ("postmaster", "+", None),
        ("mailer-daemon", "-", None),
        ("double-bounce", "-", None),
        ("owner-list", "-", None),
        ("list-request", "-", None),
        ("list-request", "+-", None),
    ],
)
def test_extension_of_a_local_part(local, delimiter, expected):
    assert strip_extension(local, delimiter) == expected


def test_partial_keys_never_reach_patterns():
    pattern, fixed = Asked(False), Asked(True)
    for table in (pattern, fixed):
        find(table, host_keys("a.b.test", True))
    assert pattern.keys == ["a.b.test"]
    assert fixed.keys == ["a.b.test", "b.test", "test"]


def test_first_hit_ends_the_search():
    table = Asked(True, **{"b.test": "yes", "test": "no"})
    hit = find(table, host_keys("a.b.test", True))
    assert hit is not None and hit.value == "yes"
    assert table.keys == ["a.b.test", "b.test"]


def test_empty_value_is_an_error():
    for ask in (lambda t: find(t, [("k", True)]), lambda t: find_key([t], "k")):
        with pytest.raises(TableError, match="returns an empty string result"):
            ask(Asked(True, k=""))


@settings(max_examples=100)
@given(st.from_regex(r"[a-z0-9]{1,5}(\.[a-z0-9]{1,5}){0,5}", fullmatch=True), st.booleans())
def test_every_parent_is_a_suffix_and_shorter(name, parent_style):
    found = keys(host_keys(name, parent_style))
    assert found[0] == name
    assert all(name.endswith(key) for key in found)
    assert [len(key) for key in found] == sorted((len(key) for key in found), reverse=True)
