"""check - `gauntlet check CONFIG`: what is wrong with a configuration, line by line, before any mail meets it. (IO)

Postfix finds most mistakes when a mail gets there: it then answers 451 to that client, or skips the line with a word in
the log.  Here every file is read, every list compiled and every line of a table looked at, and nothing is started.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.clock import SystemClock
from harness.errors import ConfigError, HarnessError, UsageError, did_you_mean
from harness.gateway.cleanup.checks import split_action
from harness.gateway.cleanup.examine import ACTIONS as CHECK_ACTIONS
from harness.gateway.content.examine import Engine
from harness.gateway.lines import WHITESPACE
from harness.gateway.maillog import MailLog
from harness.gateway.policy.access import ACTIONS, parse_action, value_elements
from harness.gateway.policy.decide import Policy
from harness.gateway.policy.parse import mistake_of
from harness.gateway.policy.restriction import Element, restrictions
from harness.gateway.settings import SHOWN, Settings
from harness.gateway.table import Table, TableError, tables
from harness.gateway.tablefile import split_entry

CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
_PATTERNS, _KEYS = ("regexp", "pcre"), ("hash", "btree", "texthash", "lmdb", "cidr")
_AT_LINE = re.compile(rf"(?:\w+ map )?(?:{SHOWN}/)?(?P<file>[^\s,:]+),? line (?P<line>\d+): (?P<what>.*)", re.DOTALL)
_UNUSED = re.compile(r"unused parameter: (?P<name>[^=]+)=")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One mistake: where it is written (file relative to the configuration, line from 1; 0: no line) and what it is."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


def check(config: str) -> int:
    """Print every complaint about a configuration directory and how many there are; 1 if there is one, else 0.

    A configuration with which the gateway does not even start is 3.  Raises UsageError: no such directory.
    """
    directory = Path(config)
    if not (directory / "main.cf").is_file():
        raise UsageError(f"{config}: no configuration directory: there is no main.cf")
    found: list[Complaint] = []
    fatal: list[ConfigError] = []
    try:
        found += complaints(Settings.load(directory))
    except ConfigError as error:
        fatal.append(error)
    try:
        Engine.load(directory / "rav", {})
    except ConfigError as error:
        fatal.append(error)
    for complaint in sorted(set(found)):
        print(f"{directory / complaint.file}{str(complaint).removeprefix(complaint.file)}")
    for stop in fatal:
        print(f"gauntlet: does not start: {stop}", file=sys.stderr)
    count = len(set(found)) + len(fatal)
    print(f"{count} complaint{'s' if count > 1 else ''}" if count else "nothing to complain about")
    return HarnessError.exit_status if fatal else int(bool(found))


def complaints(settings: Settings) -> Iterator[Complaint]:
    """What Postfix would say about these settings now, and what it would only say when a mail gets there.

    Raises ConfigError for what smtpd does not start with.
    """
    yield from _tables(settings)
    policy = Policy(settings, MailLog(SystemClock(), "check"))
    elements = policy.elements()
    asked: dict[int, Table] = {}
    for listed in elements.values():
        yield from _list(listed, list(policy.known.classes))
        for element in listed:
            member = restrictions.get(element.name)
            if member is not None and member.argument == "table" and hasattr(element.argument, "rules"):
                asked[id(element.argument)] = element.argument
    for table in asked.values():
        yield from _access(table, policy)
    looked_at: set[str] = set()  # mime_header_checks and nested_header_checks are header_checks, unless they are set
    for name in CHECKS:
        yield from _checks(settings, name, looked_at)
    for warning in settings.warnings:  # last: opening the tables has added to them
        yield from _warning(settings, warning)


def _warning(settings: Settings, text: str) -> Iterator[Complaint]:
    if (unused := _UNUSED.search(text)) is not None:
        rule = settings.rule(unused["name"])
        yield Complaint(rule.file, rule.line, text[unused.start() :])
    elif (placed := _AT_LINE.fullmatch(text)) is not None:
        yield Complaint(placed["file"], int(placed["line"]), placed["what"])
    elif "backwards-compatible" in text:
        yield Complaint("main.cf", 0, f"compatibility_level is not set: {text}")
    elif "COMPATIBILITY_README" not in text and "backwards compatibility" not in text:
        yield Complaint("main.cf", 0, text)


def _tables(settings: Settings) -> Iterator[Complaint]:
    """Tables that main.cf names and that cannot be opened."""
    for name in settings.parameters():
        if not settings.defined(name):
            continue
        for word, rule in settings.elements(name):
            spec = word.lstrip("!")
            kind = spec.partition(":")[0]
            if ":" in spec and kind in tables and kind != "unix":  # unix:/path is a socket nearly everywhere
                try:
                    settings.table(spec)
                except TableError as error:
                    yield Complaint(rule.file, rule.line, f"{spec}: {error}")


def _list(elements: list[Element], classes: list[str]) -> Iterator[Complaint]:
    final: Element | None = None
    for element in elements:
        mistake = mistake_of(element)
        if mistake:
            near = did_you_mean(element.name, [*restrictions, *classes]) if mistake.startswith("unknown") else ""
            yield Complaint(element.rule.file, element.rule.line, f"{mistake}{near}")
        if final is not None:
            yield Complaint(
                element.rule.file, element.rule.line, f"never asked: `{final.text}` before it ends the list"
            )
        elif element.final and not element.warn:
            final = element


def _access(table: Table, policy: Policy) -> Iterator[Complaint]:
    """Lines of an access table whose right side is nothing that access(5) knows."""
    for rule in table.rules:
        value = value_of(table.name, rule.text)
        if value is None:
            continue
        action = parse_action(value)
        if action.kind == "table":
            what = f"{value!r} names a lookup table; it answers 451: name a restriction class instead"
            yield Complaint(rule.file, rule.line, what)
        elif action.kind == "list":
            for element in value_elements(table.name, value, rule, policy.known, "check_recipient_access"):
                if mistake_of(element):
                    near = did_you_mean(element.name.upper(), ACTIONS) or did_you_mean(element.name, restrictions)
                    hint = near or f"; is an action missing in front, as in `REJECT {value}`?"
                    what = f"{element.name!r} is neither an action nor a restriction, so it answers 451{hint}"
                    yield Complaint(rule.file, rule.line, what)
                    break


def _checks(settings: Settings, name: str, looked_at: set[str]) -> Iterator[Complaint]:
    """Lines of header_checks and its relatives without an action that they know."""
    for word, _ in settings.elements(name):
        if word in looked_at:
            continue
        looked_at.add(word)
        try:
            table = settings.table(word)
        except TableError:
            continue  # said already
        for rule in table.rules:
            value = value_of(table.name, rule.text)
            if value is not None and (command := split_action(value)[0]) not in CHECK_ACTIONS:
                near = did_you_mean(command, CHECK_ACTIONS)
                yield Complaint(rule.file, rule.line, f"{command!r} is no action of {name}, so nothing happens{near}")


def value_of(table: str, text: str) -> str | None:
    """The right side of a line of this table (`type:name`), or None where a line is not written as one.

    Source: regexp_table(5), pcre_table(5), cidr_table(5), postmap(1).
    """
    kind, _, rest = table.partition(":")
    if kind in _KEYS:
        split = split_entry(text)
        return None if rest.startswith("{") or split is None else split[1]
    if kind not in _PATTERNS:
        return None
    at = 0
    while at < len(text) and text[at] in "!" + WHITESPACE:
        at += 1
    while at < len(text) and not text[at].isalnum() and text[at] not in WHITESPACE:  # /one/ or, of regexp, /one/!/two/
        delimiter, at = text[at], at + 1
        while at < len(text) and text[at] != delimiter:
            at += 2 if text[at] == "\\" else 1
        at += 1
        while at < len(text) and text[at] not in "!" + WHITESPACE:  # flags
            at += 1
        while at < len(text) and text[at] == "!":
            at += 1
    return text[at:].strip(WHITESPACE)
