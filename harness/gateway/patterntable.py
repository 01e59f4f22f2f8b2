"""patterntable - regexp: and pcre: tables: patterns in order, the first that matches gives the result; if and endif."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.gateway.lines import WHITESPACE, LogicalLine, decode, encode
from harness.gateway.patternline import (
    Language,
    Matcher,
    MatchFailed,
    Pattern,
    PatternSyntax,
    is_word,
    read_pattern,
    read_result,
)
from harness.gateway.prefilter import Prefilter, usable
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext
from harness.gateway.tablefile import c_string, rule_lines

_MANY = 16  # steps; fewer are asked one after the other
_NOT_OF_THE_MAP = ("truncated macro", "empty macro")  # mac_parse(3) does not know where it reads


@dataclass(slots=True)
class _Step:
    """One line: a rule (with its result) or an `if` (with the step to go on at when it does not hold)."""

    line: int
    matcher: Matcher
    wanted: bool
    second: Matcher | None  # the pattern behind an exclamation mark
    second_wanted: bool
    result: tuple[str | int, ...]  # texts and group numbers
    rule: Rule | None
    hit: Hit | None  # for a result without groups
    otherwise: int = -1
    for_re2: bytes | None = None  # found wherever the matcher finds its pattern


class PatternTable:
    """The first rule that matches gives the result."""

    fixed = False

    def __init__(self, name: str, steps: list[_Step], complain: Callable[[int, str], None]) -> None:
        self.name, self._steps, self._complain = name, steps, complain
        self.rules = tuple(step.rule for step in steps if step.rule is not None)
        self._prefilter: Prefilter | None = None
        self._filtered: list[int] = []  # the steps that need not be asked where the prefilter does not name them
        self._always: list[int] = []
        if len(steps) >= _MANY:
            self._sort_out()

    def _sort_out(self) -> None:
        """What a rule says whose pattern is not in the key is nothing, unless it is negated."""
        for place, step in enumerate(self._steps):
            good = step.for_re2 is not None and step.wanted and step.rule is not None and usable(step.for_re2)
            (self._filtered if good else self._always).append(place)
        try:
            if len(self._filtered) >= _MANY:
                self._prefilter = Prefilter([self._steps[place].for_re2 or b"" for place in self._filtered])
        except ValueError:  # together they are too many for it
            self._prefilter = None

    def lookup(self, key: str) -> Hit | None:
        """The result of the first rule whose pattern is found in the key; a search that fails is not found.

        Only what the prefilter names, and what it cannot be asked about, is asked: in the order of the lines, so that
        the answer is that of asking every line.
        """
        data = encode(c_string(key))
        found = None if self._prefilter is None else self._prefilter.candidates(data)
        if found is None:
            return self._ask(data, range(len(self._steps)))
        named = [self._filtered[place] for place in found]
        return self._ask(data, sorted((*self._always, *named)) if self._always else named)

    def _ask(self, data: bytes, places: Iterable[int]) -> Hit | None:
        at, steps = 0, self._steps
        for place in places:
            if place < at:
                continue
            step = steps[place]
            at = place + 1
            try:
                groups = step.matcher.find(data)
                holds = (groups is not None) == step.wanted
                if holds and step.second is not None:
                    holds = (step.second.find(data) is not None) == step.second_wanted
            except MatchFailed as error:
                self._complain(step.line, str(error))
                groups, holds = None, False
            if step.rule is None:
                if not holds:
                    if step.otherwise < 0:
                        return None
                    at = step.otherwise
                continue
            if not holds:
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

    def complain(line: int, what: str) -> None:
        context.warn(f"{language.kind} map {rest}, line {line}: {what}")

    file, lines = rule_lines(language.kind, rest, context)
    steps: list[_Step] = []
    conditions: list[_Step] = []
    for line in lines:
        reader = _Line(language, line, context.warn, complain)
        try:
            if is_word(reader.text, "if"):
                conditions.append(reader.condition())
                steps.append(conditions[-1])
            elif is_word(reader.text, "endif"):
                if not conditions:
                    reader.warn("ignoring ENDIF without matching IF")
                    continue
                if reader.text[5:].strip(WHITESPACE):
                    reader.warn("ignoring extra text after ENDIF")
                conditions.pop().otherwise = len(steps)
            elif reader.text[:1].isalnum() and reader.text[:1].isascii():
                reader.warn("ignoring unrecognized request")
            else:
                steps.append(reader.rule(file))
        except PatternSyntax as error:
            for what in str(error).split("\n"):
                reader.warn(what)
    for step in reversed(conditions):
        complain(step.line, "IF has no matching ENDIF")
    return PatternTable(name, steps, complain)


class _Line:
    """Reads one logical line."""

    def __init__(
        self,
        language: Language,
        line: LogicalLine,
        warn: Callable[[str], None],
        complain: Callable[[int, str], None],
    ) -> None:
        self.language, self.number, self._warn, self._complain = language, line.number, warn, complain
        self.shown = line.text.rstrip(WHITESPACE)
        self.text = encode(self.shown).decode("latin-1")

    def warn(self, what: str) -> None:
        text = decode(what.encode("latin-1"))
        if what.startswith(_NOT_OF_THE_MAP):
            self._warn(text)
        else:
            self._complain(self.number, text)

    def condition(self) -> _Step:
        """`if /pattern/flags`.  Raises PatternSyntax."""
        pattern, at = read_pattern(self.language, self.text, 2, self.warn)
        if extra := self.text[at:].strip(WHITESPACE):
            self.warn(f'ignoring extra text after IF statement: "{extra}"')
            self.warn("do not prepend whitespace to statements between IF and ENDIF")
        return _Step(self.number, self._compiled(pattern), pattern.wanted, None, True, (), None, None)

    def rule(self, file: str) -> _Step:
        """`/pattern/flags result`.  Raises PatternSyntax."""
        language, text = self.language, self.text
        pattern, at = read_pattern(language, text, 0, self.warn)
        second: Pattern | None = None
        if language.second and text[at : at + 1] == "!":
            second, at = read_pattern(language, text, at, self.warn)
        value = text[at:].strip(WHITESPACE)
        if not value:
            self.warn("no replacement text: using empty string")
        result = read_result(value, language.below_one)
        highest = max((part for part in result if isinstance(part, int)), default=0)
        if highest and not pattern.wanted:
            raise PatternSyntax("$number found in negative match replacement text: skipping this rule")
        matcher = self._compiled(pattern)
        if highest > matcher.groups:
            raise PatternSyntax(f'out of range replacement index "{highest}": skipping this rule')
        also = None if second is None else self._compiled(second)
        rule = Rule(file, self.number, self.shown)
        hit = None if highest else Hit("".join(str(part) for part in result), rule)
        return _Step(
            self.number, matcher, pattern.wanted, also, second is None or second.wanted, result, rule, hit,
            for_re2=language.translate(pattern.text.encode("latin-1"), pattern.flags),
        )  # fmt: skip

    def _compiled(self, pattern: Pattern) -> Matcher:
        return self.language.compile(pattern.text.encode("latin-1"), pattern.flags)
