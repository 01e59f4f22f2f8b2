"""ip4trie: the longest prefix answers."""

from __future__ import annotations

from tests.fakedns.datasets.conftest import Find


def test_the_longest_prefix_answers_and_the_first_of_two_equal_ones(find: Find) -> None:
    lines = ["10/8 :8", "10.1.2.0/23 :23", "10.1.2.3 :3", "10.1.2.3 :4", "!10.1.3.0/25", "0/0 :99"]
    assert find("ip4trie", lines, "3.2.1.10") == ["127.0.0.3"]
    assert find("ip4trie", lines, "200.3.1.10") == ["127.0.0.23"]
    assert find("ip4trie", lines, "1.3.1.10") is None
    assert find("ip4trie", lines, "1.3.2.10") == ["127.0.0.8"]
    assert find("ip4trie", lines, "1.3.2.11") == ["127.0.0.99"]


def test_a_range_is_no_entry(find: Find) -> None:
    assert find("ip4trie", ["10.0.0.0-127"], "1.0.0.10") is None
