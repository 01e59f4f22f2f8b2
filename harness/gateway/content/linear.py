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

    __slots__ = ("_set",)

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises ValueError for what the engine cannot do."""
        import re2

        self._set = re2.Set.SearchSet(_options(re2))  # type: ignore[no-untyped-call]
        for pattern in patterns:
            try:
                self._set.Add(pattern)
            except re2.error as error:
                raise ValueError(f"{pattern!r}: {error}") from None
        self._set.Compile()

    def found_in(self, text: str) -> list[int]:
        """The indices of the patterns that are somewhere in a text; undecodable characters read as `?`."""
        found: list[int] | None = self._set.Match(text.encode("utf-8", "replace"))  # None: nothing
        return found or []


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 64 << 20  # a set that runs out of memory finds nothing
    return options
