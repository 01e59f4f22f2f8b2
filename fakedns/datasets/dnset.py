"""dnset - domain names, alone or with all below them; the name itself, else the longest wildcard, answers."""

from __future__ import annotations

from collections.abc import Sequence

from fakedns.dataset import EXCLUDED, Item, Lines
from fakedns.wire import encode_name, normal_name


class Data:
    """Names, and the ends of names that wildcards cover, with the numbers of their values."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._exact: dict[str, int | tuple[int, ...]] = {}
        self._below: dict[str, int | tuple[int, ...]] = {}
        lines.entries(self._take)

    def find(self, name: str) -> Sequence[Item] | None:
        """The values of the name, or of the longest wildcard above it; none if one of them is an exclusion."""
        if not name:
            return None
        listed, numbers = name, self._exact.get(name)
        while numbers is None:
            _, _, listed = listed.partition(".")
            if not listed:
                return None
            numbers = self._below.get(listed)
        if isinstance(numbers, int):
            numbers = (numbers,)
        if EXCLUDED in numbers:
            return None
        return [item for number in numbers for item in self.lines.items(number, listed)]

    def _take(self, line: str) -> None:
        excluded = line.startswith("!")
        word, *more = (line[1:].lstrip() if excluded else line).split(None, 1)
        number = EXCLUDED if excluded else self.lines.number(more[0] if more else "")
        exact = below = False
        if word.startswith("*."):
            word, below = word[2:], True
        elif word.startswith("."):
            word, exact, below = word[1:], True, True
        else:
            exact = True
        name = normal_name(word)
        if len(name) > 63 or ".." in name:
            encode_name(name)  # says what is wrong
        for wanted, kept in ((exact, self._exact), (below, self._below)):
            if wanted:
                here = kept.get(name)
                if here is None:
                    kept[name] = number
                elif number not in (here if isinstance(here, tuple) else (here,)):
                    kept[name] = (*(here if isinstance(here, tuple) else (here,)), number)
