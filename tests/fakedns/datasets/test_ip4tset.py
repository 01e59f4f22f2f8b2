"""ip4tset: single addresses, one value."""

from __future__ import annotations

from tests.fakedns.datasets.conftest import Find


def test_every_address_has_the_first_default_of_the_file(find: Find) -> None:
    lines = ["10.0.0.1 :9:own", ":5:late", "10.0.0.2", ":6:later"]
    assert find("ip4tset", lines, "1.0.0.10") == find("ip4tset", lines, "2.0.0.10") == ["127.0.0.5"]
    assert find("ip4tset", lines, "3.0.0.10") is None


def test_networks_ranges_and_exclusions_are_no_entries(find: Find) -> None:
    for line in ("10.0.0.0/24", "10.0.0.1/32", "10.0.0", "10.0.0.1-2", "!10.0.0.1"):
        assert find("ip4tset", [line], "1.0.0.10") is None
