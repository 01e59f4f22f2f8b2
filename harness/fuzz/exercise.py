"""exercise - count what a run has exercised: which words of restriction lists were asked and spoke, which actions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.fuzz.vocabulary import ACCESS_ACTIONS, CHECK_ACTIONS, LISTS, MUTE, RESTRICTIONS
from harness.gateway.policy.access import parse_action
from harness.observation import AskedRule, Observation

_CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
_PATTERN = re.compile(r"!?(\W)(?:\\.|(?!\1).)*\1\w*\s+")


@dataclass
class Exercise:
    """Counts by word: how often it was asked, and how often it said more than DUNNO."""

    asked: Counter[str] = field(default_factory=Counter)
    spoke: Counter[str] = field(default_factory=Counter)
    places: set[tuple[str, str]] = field(default_factory=set)  # (word, list) that were asked
    access: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)

    def add(self, observation: Observation, warned: Iterable[str] = ()) -> None:
        """What the sessions of the reference gateway's observation show; it has the trace."""
        self.asked.update(warned)
        self.spoke.update(warned)
        for session in observation.sessions:
            for line in session.trace or ():
                self._line(line)

    def _line(self, line: AskedRule) -> None:
        if line.place in _CHECKS:
            self.checks[line.said.partition(" ")[0].upper()] += 1
            return
        if ":" in line.place:
            if (action := access_action(line)) is not None:
                self.access[action] += 1
            return
        word = line.element.partition(" ")[0].lower()
        if word not in RESTRICTIONS:
            return
        self.asked[word] += 1
        if line.place in LISTS:
            self.places.add((word, line.place))
        if line.said != "DUNNO":
            self.spoke[word] += 1

    def lines(self) -> Iterable[str]:
        """What to print of it."""
        yield _line("restriction words asked", self.asked, RESTRICTIONS)
        yield _line("restriction words that spoke", self.spoke, RESTRICTIONS)
        for word, reason in MUTE.items():
            if not self.spoke[word]:
                yield f"  {word} cannot: {reason}"
        yield f"pairs of word and list asked: {len(self.places)}"
        yield _line("access(5) actions taken", self.access, ACCESS_ACTIONS)
        yield _line("header_checks(5) actions taken", self.checks, CHECK_ACTIONS)


def access_action(line: AskedRule) -> str | None:
    """The action of access(5) on a table line of the trace."""
    text = line.rule.text
    if line.place.startswith("inline:"):
        value = text.partition(" = ")[2]
    elif line.place.startswith(("static:", "randmap:")):
        value = text
    elif (pattern := _PATTERN.match(text)) is not None and line.place.startswith(("regexp:", "pcre:")):
        value = text[pattern.end() :]
    else:
        value = text.partition(" ")[2]
    action = parse_action(value.strip())
    match action.kind:
        case "ok":
            return action.word.upper() if action.word.upper() in ACCESS_ACTIONS else "digits"
        case "list":
            return "restrictions"
        case "code":
            return "code"
        case "table":
            return None
        case _:
            return action.word.upper()


def _line(what: str, counted: Counter[str], known: Iterable[str]) -> str:
    words = list(known)
    missing = [word for word in words if not counted[word]]
    return f"{what}: {len(words) - len(missing)} of {len(words)}" + (f"; not {', '.join(missing)}" if missing else "")
