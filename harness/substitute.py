"""substitute - put values in for `{{ name }}`: variables and the values of a matrix cell, and no logic at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.errors import ScenarioError, did_you_mean

_NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_Fail = Callable[[tuple[str | int, ...], str], ScenarioError]


def substitute(data: Any, known: Mapping[str, str], fail: _Fail, at: tuple[str | int, ...] = ()) -> Any:
    """The same tree with every `{{ name }}` replaced.  Raises what `fail` makes for a name nobody declared.

    In a chat, names that are not known here are left for the player: `!capture` makes them while it runs.
    """
    match data:
        case str():
            return _NAME.sub(lambda found: _value(found, known, fail, at), data) if "{{" in data else data
        case Mapping():
            return {key: substitute(value, known, fail, (*at, key)) for key, value in data.items()}
        case list():
            return [substitute(value, known, fail, (*at, index)) for index, value in enumerate(data)]
    return data


def _value(found: re.Match[str], known: Mapping[str, str], fail: _Fail, at: tuple[str | int, ...]) -> str:
    name = found[1]
    if name in known:
        return known[name]
    if "chat" in at or "procs" in at:
        return found[0]
    raise fail(at, f"no variable {name!r}{did_you_mean(name, known)}")
