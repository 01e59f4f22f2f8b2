"""literal_search - which of many byte strings are in an object: one pass whatever their number (Aho, Corasick 1975)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.gateway.content.budget import KIB

_FEW = 24  # so many are looked for one by one: no library, no automaton
_CHUNK = 128 * KIB  # at once: the list of matches may be as long as what is searched


class LiteralSearch:
    """The one home of ahocorasick_rs."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        """None may be empty; the same one may stand there twice."""
        self.places: dict[bytes, list[int]] = {}
        for place, literal in enumerate(literals):
            self.places.setdefault(literal, []).append(place)
        self.literals = list(self.places)
        self.longest = max(map(len, self.literals), default=0)
        self._automaton = None
        if len(self.literals) > _FEW:
            from ahocorasick_rs import BytesAhoCorasick

            self._automaton = BytesAhoCorasick(self.literals)

    def places_in(self, data: bytes) -> list[int]:
        """The places, in order, of the literals that are in the bytes."""
        return sorted(place for literal in self._found(data) for place in self.places[literal])

    def _found(self, data: bytes) -> Iterable[bytes]:
        if self._automaton is None:
            return [literal for literal in self.literals if literal in data]
        found: set[int] = set()
        for at in range(0, max(len(data), 1), _CHUNK):
            chunk = data[at : at + _CHUNK + self.longest] if len(data) > _CHUNK else data
            found.update(match[0] for match in self._automaton.find_matches_as_indexes(chunk, overlapping=True))
        return [self.literals[number] for number in found]
