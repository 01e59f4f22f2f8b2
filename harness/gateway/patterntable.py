"""patterntable - regexp: and pcre: tables: `/pattern/flags result` in order, if/endif, `!` for not, $1 in the result.

The two types share their language; each brings its own engine as a `Compile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.gateway.lines import WHITESPACE, LogicalLine, decode, encode
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext
from harness.gateway.tablefile import c_string, rule_lines


class PatternSyntax(Exception):
    """What is wrong with a pattern, in the engine's words."""


class Matcher(Protocol):
    """A compiled pattern."""

    groups: int

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups (the first is $1) if the pattern is found in the key, else None."""
        ...


Compile = Callable[[bytes, str], Matcher]
"""(pattern, flag letters) -> a matcher.  Raises PatternSyntax."""


@dataclass(frozen=True)
class Language:
    """What a type calls itself, its flags, and its engine."""

    kind: str  # regexp, pcre
    flags: str  # the letters it knows
    compile: Compile
    second: bool  # /pattern1/!/pattern2/


@dataclass(slots=True)
class _Step:
    """One line: a rule (with its result) or an `if` (with the step to go on at when it does not hold)."""

    matcher: Matcher
    wanted: bool
    but_not: Matcher | None
    result: tuple[str | int, ...]  # texts and group numbers
    rule: Rule | None
    hit: Hit | None  # for a result without groups
    otherwise: int = -1


class PatternTable:
    """The first rule that matches gives the result."""

    fixed = False

    def __init__(self, name: str, steps: list[_Step]) -> None:
        self.name, self._steps = name, steps
        self.rules = tuple(step.rule for step in steps if step.rule is not None)

    def lookup(self, key: str) -> Hit | None:
        """The result of the first rule whose pattern is found in the key."""
        data = encode(c_string(key))
        at, steps = 0, self._steps
        while at < len(steps):
            step = steps[at]
            at += 1
            groups = step.matcher.find(data)
            holds = (groups is not None) == step.wanted
            if step.rule is None:
                if not holds:
                    if step.otherwise < 0:
                        return None
                    at = step.otherwise
                continue
            if not holds or (step.but_not is not None and step.but_not.find(data) is not None):
                continue
            if step.hit is not None:
                return step.hit
            assert groups is not None  # a negated rule has no groups in its result
            text = "".join(part if isinstance(part, str) else decode(groups[part - 1] or b"") for part in step.result)
            return Hit(text, step.rule)
        return None


def open_patterns(language: Language, name: str, rest: str, context: TableContext) -> Table:
    """The table in a file or in braces; bad lines are skipped with a warning.

    Raises TableError when there is no such file.  Source: dict_regexp(3), dict_pcre(3), regexp_table(5).
    """
    file, lines = rule_lines(language.kind, rest, context)
    steps: list[_Step] = []
    conditions: list[tuple[_Step, int]] = []
    for line in lines:
        reader = _Line(language, line, rest, context.warn)
        statement = reader.text[:5].lower()
        try:
            if statement[:2] == "if" and not reader.text[2:3].isalnum():
                step = reader.condition()
                conditions.append((step, line.number))
                steps.append(step)
            elif statement == "endif" and not reader.text[5:6].isalnum():
                if not conditions:
                    reader.warn("ignoring ENDIF without matching IF")
                    continue
                if reader.text[5:].strip(WHITESPACE):
                    reader.warn("ignoring extra text after ENDIF")
                conditions.pop()[0].otherwise = len(steps)
            elif reader.text[:1].isalnum() and reader.text[:1].isascii():
                reader.warn("ignoring unrecognized request")
            else:
                steps.append(reader.rule(file))
        except PatternSyntax as error:
            reader.warn(f"{error}: skipping this rule")
    for _, number in reversed(conditions):
        context.warn(f"{language.kind} map {rest}, line {number}: IF has no matching ENDIF")
    return PatternTable(name, steps)


class _Line:
    """Reads one logical line from left to right."""

    def __init__(self, language: Language, line: LogicalLine, table: str, warn: Callable[[str], None]) -> None:
        self.language, self.line, self.table, self._warn = language, line, table, warn
        self.text, self.at = line.text.rstrip(WHITESPACE), 0

    def warn(self, what: str) -> None:
        self._warn(f"{self.language.kind} map {self.table}, line {self.line.number}: {what}")

    def condition(self) -> _Step:
        """`if /pattern/flags`.  Raises PatternSyntax."""
        self.at = 2
        matcher, wanted = self._pattern()
        if extra := self.text[self.at :].strip(WHITESPACE):
            self.warn(f'ignoring extra text after IF statement: "{extra}"')
            self.warn("do not prepend whitespace to statements between IF and ENDIF")
        return _Step(matcher, wanted, None, (), None, None)

    def rule(self, file: str) -> _Step:
        """`/pattern/flags result`.  Raises PatternSyntax."""
        matcher, wanted = self._pattern()
        but_not: Matcher | None = None
        if self.language.second and self.text[self.at : self.at + 1] == "!":
            but_not, positive = self._pattern()
            if positive:
                raise PatternSyntax("no closing regexp delimiter")
        value = self.text[self.at :].strip(WHITESPACE)
        if not value:
            self.warn("no replacement text: using empty string")
        result = _result(value)
        highest = max((part for part in result if isinstance(part, int)), default=0)
        if highest and not wanted:
            raise PatternSyntax("$number found in negative match replacement text")
        if highest > matcher.groups:
            raise PatternSyntax(f'out of range replacement index "{highest}"')
        rule = Rule(file, self.line.number, self.text)
        hit = None if highest else Hit("".join(str(part) for part in result), rule)
        return _Step(matcher, wanted, but_not, result, rule, hit)

    def _pattern(self) -> tuple[Matcher, bool]:
        """The pattern at this place, and whether it is to match (`!` turns it round)."""
        text, at, wanted = self.text, self.at, True
        while at < len(text) and (text[at] == "!" or text[at] in WHITESPACE):
            wanted ^= text[at] == "!"
            at += 1
        if at >= len(text):
            raise PatternSyntax("no regexp")
        delimiter = text[at]
        start = at = at + 1
        while at < len(text) and text[at] != delimiter:
            at += 2 if text[at] == "\\" else 1
        if at >= len(text):
            raise PatternSyntax(f'no closing regexp delimiter "{delimiter}"')
        pattern, at = text[start:at], at + 1
        flags_from = at
        while at < len(text) and text[at] not in WHITESPACE and not (self.language.second and text[at] == "!"):
            if text[at] not in self.language.flags:
                raise PatternSyntax(f'unknown {self.language.kind} option "{text[at]}"')
            at += 1
        self.at = at
        return self.language.compile(encode(pattern), text[flags_from:at]), wanted


_REFERENCE = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|\{([^{}]*)\}|\(([^()]*)\))")


def _result(value: str) -> tuple[str | int, ...]:
    """A result as texts and group numbers.  Raises PatternSyntax.  Source: mac_parse(3), pcre_table(5)."""
    parts: list[str | int] = []
    at = 0
    while (dollar := value.find("$", at)) >= 0:
        parts.append(value[at:dollar])
        found = _REFERENCE.match(value, dollar)
        if found is None:
            raise PatternSyntax("bad replacement syntax")
        at = found.end()
        name = found[1] or found[2] or found[3]
        if name is None:
            if found[0] != "$$":
                raise PatternSyntax("bad replacement syntax")
            parts.append("$")
        elif not (name.isascii() and name.isdigit()):
            raise PatternSyntax(f'non-numeric replacement index "{name}"')
        elif int(name) < 1:
            raise PatternSyntax(f'out of range replacement index "{int(name)}"')
        else:
            parts.append(int(name))
    parts.append(value[at:])
    return tuple(part for part in parts if part != "")
