"""A list made from lines and asked for a name: the addresses it answers, or None."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

import pytest

from fakedns.dataset import Lines, make_dataset

Find = Callable[[str, Sequence[str], str], list[str] | None]


@pytest.fixture
def find() -> Find:
    def ask(kind: str, lines: Sequence[str], name: str) -> list[str] | None:
        items = make_dataset(kind, Lines(iter(enumerate(lines, 1)), "x")).find(name)
        return None if items is None else [str(IPv4Address(item.rdata)) for item in items if item.type == "A"]

    return ask
