"""ip4tset - a set of single IPv4 addresses that share one value: the first default line of the file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from fakedns.dataset import Item, LineError, Lines
from fakedns.ip4 import from_name, plain_address, read_range, shown


class Data:
    """The sorted addresses: four octets each."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._kept = array("I")
        lines.entries(self._take)
        self._kept = array("I", sorted(set(self._kept)))
        self._number = lines.numbered(lines.first_default or lines.default)

    def find(self, name: str) -> Sequence[Item] | None:
        """The one value, if the address is in the set."""
        address = from_name(name)
        if address is None:
            return None
        at = bisect_left(self._kept, address)
        if at == len(self._kept) or self._kept[at] != address:
            return None
        return self.lines.items(self._number, shown(address))

    def _take(self, line: str) -> None:
        address = plain_address(line)
        if address is None:
            address, last, _ = read_range(line, networks=True)
            if address != last or "/" in line.split()[0]:
                raise LineError("invalid address")
        self._kept.append(address)
