"""ip4trie - IPv4 networks of any length, each with one value; the longest prefix that matches answers."""

from __future__ import annotations

from collections.abc import Sequence

from fakedns.dataset import EXCLUDED, Item, LineError, Lines
from fakedns.ip4 import from_name, read_range, shown


class Data:
    """For each prefix length that occurs its networks, the longest first."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._kept: dict[int, dict[int, int]] = {}
        lines.entries(self._take)
        self._kept = dict(sorted(self._kept.items(), reverse=True))

    def find(self, name: str) -> Sequence[Item] | None:
        """The value of the longest prefix an address has; none if that is an exclusion."""
        address = from_name(name)
        if address is None:
            return None
        for bits, networks in self._kept.items():
            number = networks.get(address >> 32 - bits)
            if number is not None:
                return None if number == EXCLUDED else self.lines.items(number, shown(address))
        return None

    def _take(self, line: str) -> None:
        excluded = line.startswith("!")
        first, last, rest = read_range(line[1:].lstrip() if excluded else line, networks=True)
        self.lines.check_size(last - first + 1)
        bits = 33 - (last - first + 1).bit_length()
        number = EXCLUDED if excluded else self.lines.number(rest)
        networks = self._kept.setdefault(bits, {})
        if first >> 32 - bits in networks:  # the first word counts
            raise LineError(f"duplicated entry for {shown(first)}/{bits}")
        networks[first >> 32 - bits] = number
