"""ip4set - IPv4 addresses and ranges, each with values of its own; the narrowest of /32, /24, /16 and /8 answers."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from fakedns.dataset import EXCLUDED, Item, Lines
from fakedns.ip4 import from_name, in_masks, plain_address, read_range, shown

_MASKS = (32, 24, 16, 8)


class Data:
    """For each mask the sorted numbers `network << 32 | value`: eight octets an entry, however many there are."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._kept = {bits: array("Q") for bits in _MASKS}
        lines.entries(self._take)
        for bits, entries in self._kept.items():
            self._kept[bits] = array("Q", sorted(set(entries)))

    def find(self, name: str) -> Sequence[Item] | None:
        """The values of the narrowest network an address is in; none if one of them is an exclusion."""
        address = from_name(name)
        if address is None:
            return None
        for bits, entries in self._kept.items():
            key = address >> 32 - bits << 64 - bits
            at = bisect_left(entries, key)
            if at < len(entries) and entries[at] >> 32 == key >> 32:
                return self._items(entries, at, address)
        return None

    def _items(self, entries: array[int], at: int, address: int) -> list[Item] | None:
        network, items = entries[at] >> 32, []
        while at < len(entries) and entries[at] >> 32 == network:
            number = entries[at] & 0xFFFFFFFF
            if number == EXCLUDED:
                return None
            items += self.lines.items(number, shown(address))
            at += 1
        return items

    def _take(self, line: str) -> None:
        address = plain_address(line)
        if address is not None:  # nearly all lines of a long list
            self._kept[32].append(address << 32 | self.lines.standard())
            return
        excluded = line.startswith("!")
        first, last, rest = read_range(line[1:].lstrip() if excluded else line)
        self.lines.check_size(last - first + 1)
        number = EXCLUDED if excluded else self.lines.number(rest)
        for network, bits in in_masks(first, last):
            self._kept[bits].append(network << 32 | number)
