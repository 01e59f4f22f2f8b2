"""linear - regular expressions that take time in proportion to the text, whatever it holds (RE2).

No back references and no look-around, so that no mail can stall a pattern.  Letter case never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def compile_pattern(text: str) -> Any:
    """The pattern.  Raises ValueError with the engine's words."""
    import re2  # heavy, and only needed where somebody looks for something

    try:
        return re2.compile(text, _options(re2))  # type: ignore[no-untyped-call]
    except re2.error as error:
        reason = error.args[0] if error.args else "no pattern"
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None


class PatternSet:
    """Several patterns, looked for in one pass."""

    __slots__ = ("_patterns", "_set", "_single")

    def __init__(self, patterns: Sequence[str], memory: int = 64 << 20) -> None:
        """`memory` in bytes is what one pass may use.  Raises ValueError for what the engine cannot do."""
        import re2

        options = _options(re2)
        options.max_mem = memory
        self._patterns = tuple(patterns)
        self._single: list[Any] = []  # each by itself, once a pass has failed
        self._set = re2.Set.SearchSet(options)  # type: ignore[no-untyped-call]
        for pattern in (*patterns, r"\z"):
            try:
                self._set.Add(pattern)
            except re2.error as error:
                raise ValueError(f"{pattern!r}: {error}") from None
        try:
            self._set.Compile()
        except re2.error as error:
            raise ValueError(f"{len(self._patterns)} patterns: {error}") from None

    def found_in(self, text: str) -> list[int]:
        """The indices of the patterns that are somewhere in a text; undecodable characters read as `?`."""
        data = text.encode("utf-8", "replace")
        found: list[int] = self._set.Match(data) or []
        if len(self._patterns) in found:
            return sorted(index for index in found if index < len(self._patterns))
        # The last pattern is the end of the text, and in every one: a set that does not find it has run out of memory,
        # and says nothing else of it.  Slowly, then, and one by one.
        if not self._single:
            self._single = [compile_pattern(pattern) for pattern in self._patterns]
        return [index for index, pattern in enumerate(self._single) if pattern.search(data.decode()) is not None]


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return options
