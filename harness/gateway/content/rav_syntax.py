"""rav_syntax - the lines of a RAV configuration file: sections, flags, pairs, quoted text over several lines.

line    = blank | "#" text | section | flag | pair
section = "@" NAME "@" | "[" NAME "]"
flag    = NAME                                  (accuracy_very_high)
pair    = NAME ["="] value                      (the paper prints `wbl_accept yourdomain.com` without "=")
value   = quoted | item *("," item)             (quoted text may span lines; \\" \\\\ \\n inside it)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.gateway.rule import Rule

_SECTION = re.compile(r"@\s*([\w.-]+)\s*@|\[\s*([\w.-]+)\s*\]")
_PAIR = re.compile(r"([\w.()-]+)(?:\s*=\s*|\s+)(.*)", re.DOTALL)
_FLAG = re.compile(r"[\w.-]+")
_ESCAPES = {"n": "\n", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One flag or pair: `value` as written behind the name ("" for a flag), and where it stands."""

    section: str  # "" before the first section line
    name: str
    value: str
    rule: Rule
    flag: bool = False

    @property
    def quoted(self) -> bool:
        """Whether the value begins with a quote: one text, in which a comma is only a comma."""
        return self.value.startswith('"')

    def text(self) -> str:
        """The value as one text, quotes and escapes taken away.  Raises ConfigError on what follows a closing quote."""
        if not self.quoted:
            return self.value
        text, rest = unquote(self.value)
        if rest.strip():
            raise self.error(f"text after the closing quote: {rest.strip()!r}")
        return text

    def items(self) -> tuple[str, ...]:
        """The value as a list: split at commas, or the one quoted text."""
        if self.quoted:
            return (self.text(),)
        return tuple(item for part in self.value.split(",") if (item := part.strip()))

    def error(self, what: str) -> ConfigError:
        """The error to raise about this line."""
        return ConfigError(what, file=self.rule.file, line=self.rule.line or None)


def read_entries(text: str, file: str) -> tuple[list[Entry], dict[str, Rule]]:
    """The entries of a file in order, and each section with the line that opens it.

    Raises ConfigError (file:line) on a line of no known form, an unclosed quote, and a section opened twice.
    """
    entries: list[Entry] = []
    sections: dict[str, Rule] = {}
    section = ""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        first, line = at + 1, lines[at].strip()
        at += 1
        if not line or line.startswith("#"):
            continue
        if match := _SECTION.fullmatch(line):
            section = match[1] or match[2]
            if section in sections:
                raise ConfigError(f"section @{section}@ is opened a second time", file=file, line=first)
            sections[section] = Rule(file, first, line)
            continue
        if match := _PAIR.fullmatch(line):
            name, value = match[1], match[2]
            while value.startswith('"') and not _closed(value):
                if at == len(lines):
                    raise ConfigError(f"the quoted text of {name} is never closed", file=file, line=first)
                value += "\n" + lines[at].rstrip()
                at += 1
            entries.append(Entry(section, name, value, Rule(file, first, line)))
        elif _FLAG.fullmatch(line):
            entries.append(Entry(section, line, "", Rule(file, first, line), flag=True))
        else:
            raise ConfigError(f"neither a section, a flag nor `name = value`: {line!r}", file=file, line=first)
    return entries, sections


def unquote(value: str) -> tuple[str, str]:
    """(the text of a value that begins with a quote, what follows its closing quote)."""
    out: list[str] = []
    at = 1
    while at < len(value) and value[at] != '"':
        if value[at] == "\\" and at + 1 < len(value):
            at += 1
            # A backslash before anything else is itself: patterns would be unreadable otherwise.
            out.append(_ESCAPES.get(value[at], value[at] if value[at] in '"\\' else "\\" + value[at]))
        else:
            out.append(value[at])
        at += 1
    return "".join(out), value[at + 1 :]


def _closed(value: str) -> bool:
    at = 1
    while at < len(value):
        if value[at] == '"':
            return True
        at += 2 if value[at] == "\\" else 1
    return False
