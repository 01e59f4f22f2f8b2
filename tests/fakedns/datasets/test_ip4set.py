"""ip4set: the narrowest of /32, /24, /16 and /8 answers."""

from __future__ import annotations

from tests.fakedns.datasets.conftest import Find


def test_the_narrowest_network_answers_with_all_its_values(find: Find) -> None:
    lines = ["10/8 :8", "10.1/16 :16", "10.1.2/24 :24", "10.1.2.3 :3", "10.1.2.3 :4", "10.1.2.3 :3"]
    assert find("ip4set", lines, "3.2.1.10") == ["127.0.0.3", "127.0.0.4"]
    assert find("ip4set", lines, "4.2.1.10") == ["127.0.0.24"]
    assert find("ip4set", lines, "4.3.1.10") == ["127.0.0.16"]
    assert find("ip4set", lines, "4.3.2.10") == ["127.0.0.8"]


def test_an_exclusion_wins_over_other_entries_of_its_network(find: Find) -> None:
    assert find("ip4set", ["10.0.0.9", "!10.0.0.9", "10.0.0.0/24"], "9.0.0.10") is None
    assert find("ip4set", ["10.0.0.0/25", "!10.0.0.9-10"], "8.0.0.10") == ["127.0.0.2"]


def test_only_whole_reversed_addresses_are_asked_for(find: Find) -> None:
    for name in ("", "0.0.10", "x.0.0.10", "1.0.0.0.10", "256.0.0.10"):
        assert find("ip4set", ["10/8"], name) is None
