"""matchlist - lists of names, domains and networks: mydestination, relay_domains, mynetworks (match_list(3)).

A list is words in main.cf, files (`/file/name`) and tables (`type:table`); `!` excludes what the word after it matches.
What is wrong with an address pattern, and a file that is not there, shows only when the search gets there, and then
the whole list is in error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ConfigError
from harness.gateway.lines import decode, words
from harness.gateway.network import PatternError, parse_address, parse_network
from harness.gateway.table import Table, TableError
from harness.gateway.tablefile import path_of

_V4_PATTERN = frozenset("0123456789./")
_MOST_KNOWN = 4096  # answers that are remembered


@dataclass(frozen=True)
class Sources:
    """Where the words of a list lead: files below a directory, and opened tables."""

    directory: Path
    table: Callable[[str], Table]  # raises TableError
    warn: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the list: what it matches, and what that means."""

    text: str  # folded, unless it names a table
    wanted: bool
    table: Table | TableError | None = None


class MatchList:
    """A list that is asked for names (`string`, `domain`) or for a host's name and address (`namadr`)."""

    def __init__(self, parameter: str, words: tuple[_Word, ...], kind: str, parents: bool) -> None:
        self.parameter, self._words, self._kind, self._parents = parameter, words, kind, parents
        plain = kind == "string" and all(w.table is None and w.wanted for w in words)
        self._plain = frozenset(w.text for w in words) if plain else None
        # Without tables an answer never changes, and the same few clients are asked about at every command.
        self._known: dict[tuple[str, str | None], bool] | None = None
        if not plain and all(w.table is None for w in words):
            self._known = {}

    def __bool__(self) -> bool:
        return bool(self._words)

    def matches(self, name: str, address: str | None = None) -> bool:
        """Whether the first word that matches says yes.  Raises TableError when a table or a pattern cannot say."""
        if self._plain is not None:
            return name.casefold() in self._plain
        known = self._known
        if known is None:
            return self._search(name.casefold(), address)
        answer = known.get((name, address))
        if answer is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            answer = known[name, address] = self._search(name.casefold(), address)
        return answer

    def _search(self, folded: str, address: str | None) -> bool:
        for word in self._words:
            if self._kind == "string":
                hit = _string(word, folded)
            else:
                hit = _hostname(word, folded, self._parents)
                if not hit and address is not None:
                    hit = self._hostaddr(word, address)
            if hit:
                return word.wanted
        return False

    def _hostaddr(self, word: _Word, address: str) -> bool:
        """match_hostaddr(): exact, `[address]`, or net/mask."""
        if word.table is not None:
            return _lookup(word.table, address)
        pattern = word.text
        if pattern in (address.lower(), f"[{address.lower()}]"):
            return True
        if (":" in address) != (":" in pattern) or not (":" in pattern or "/" in pattern):
            return False
        if not pattern.startswith("[") and not set(pattern) <= _V4_PATTERN:
            return False
        try:
            network = parse_network(pattern)
        except PatternError as error:
            raise TableError(f"{self.parameter}: {error}") from None
        parsed = parse_address(address)
        return parsed is not None and network.matches(parsed)


def open_list(parameter: str, text: str, kind: str, parents: bool, sources: Sources) -> MatchList:
    """The list that a parameter's value makes; `kind` is string, domain or namadr.

    Raises ConfigError for a `!` without a word and for a file that is a directory, as the daemon would stop; a file
    that is not there makes the list fail where it is reached.
    """
    return MatchList(parameter, tuple(_parse(parameter, text, True, sources, 0)), kind, parents)


def _parse(parameter: str, text: str, wanted: bool, sources: Sources, depth: int) -> Iterator[_Word]:
    for _, word in words(text):
        if word.startswith("#"):
            sources.warn(f'{parameter}: comment at end of line is not supported: "{text[text.find(word) :]}"')
            return
        bare = word.lstrip("!")
        mine = wanted ^ (len(word) - len(bare)) % 2
        if not bare:
            raise ConfigError(f"{parameter}: no pattern after '!'", file="main.cf")
        if bare.startswith("/"):
            yield from _parse_file(parameter, bare, bool(mine), sources, depth)
        elif ":" in bare and not bare.startswith("["):
            yield _Word(bare, bool(mine), _open(bare, sources))
        else:
            yield _Word(bare.casefold(), bool(mine))


def _parse_file(parameter: str, name: str, wanted: bool, sources: Sources, depth: int) -> Iterator[_Word]:
    if depth > 10:
        raise ConfigError(f"{parameter}: {name}: files include each other", file="main.cf")
    try:
        text = decode(path_of(name, sources.directory).read_bytes())
    except IsADirectoryError as error:
        raise ConfigError(f"match_list_parse: read file {name}: {error.strerror}", file="main.cf") from None
    except OSError as error:  # a table that fails when it is reached takes its place
        gone = f"non-existent:{name}"
        sources.warn(f"{gone} is unavailable. open file {name}: {error.strerror}")
        yield _Word(gone, wanted, TableError(f"{parameter}: {gone}: table lookup problem"))
        return
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        yield from _parse(parameter, line, wanted, sources, depth + 1)


def _open(name: str, sources: Sources) -> Table | TableError:
    try:
        return sources.table(name)
    except TableError as error:
        return error  # told when the search gets there


def _lookup(table: Table | TableError, key: str) -> bool:
    if isinstance(table, TableError):
        raise table
    return table.lookup(key) is not None


def _string(word: _Word, name: str) -> bool:
    return word.text == name if word.table is None else _lookup(word.table, name)


def _hostname(word: _Word, name: str, parents: bool) -> bool:
    """match_hostname(): the name itself, then its parents (with or without the dot in front)."""
    pattern = word.text
    if word.table is None:
        if parents:
            return name == pattern or name.endswith(f".{pattern}")
        return name == pattern or (pattern.startswith(".") and len(name) > len(pattern) and name.endswith(pattern))
    entry = name
    while entry:
        if (entry == name or _is_fixed(word.table)) and _lookup(word.table, entry):
            return True
        dot = entry.find(".", 1)
        if dot < 0:
            return False
        entry = entry[dot + 1 if parents else dot :]
    return False


def _is_fixed(table: Table | TableError) -> bool:
    return isinstance(table, TableError) or table.fixed
