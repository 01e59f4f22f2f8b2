"""rav_reader - entries of RAV's files by section and key, each checked; and what the define_* sections declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.content.rav_keys import ACTIONS, APPENDING, DEFINITIONS, FILES, LEGAL, SERVER_KEYS
from harness.gateway.content.rav_syntax import Entry, read_entries
from harness.gateway.rule import Rule

GLOBAL = ""  # the section of what stands before the first section line, or under @global@


class Reader:
    """Everything that was read, by section and key; groups in order of their first mention."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.values: dict[str, dict[str, list[Entry]]] = {GLOBAL: {}}
        self.sections: dict[str, Rule] = {}
        self.defined: dict[str, dict[str, Entry]] = {name: {} for name in DEFINITIONS}

    def read(self, name: str) -> None:
        """Read one of `global`, `groups`, `actions`, `rbl_settings`.  Raises ConfigError (file:line)."""
        entries, sections = self.entries(name)
        known = FILES[name]
        for section, rule in sections.items():
            if section != "global":
                self.values.setdefault(section, {})
                self.sections.setdefault(section, rule)
        for entry in entries:
            if entry.name not in known:
                elsewhere = [file for file, keys in FILES.items() if entry.name in keys]
                hint = f"; it belongs in rav/{elsewhere[0]}" if elsewhere else did_you_mean(entry.name, known)
                raise entry.error(f"unknown key {entry.name!r}{hint}")
            self._put(entry)

    def entries(self, name: str) -> tuple[list[Entry], dict[str, Rule]]:
        """The entries and sections of a file, definitions taken out and kept.  Raises ConfigError."""
        entries, sections = read_entries(file_text(self.directory / name), f"rav/{name}")
        rest = []
        for entry in entries:
            if entry.section in DEFINITIONS:
                self._define(entry)
            else:
                rest.append(entry)
        return rest, {section: rule for section, rule in sections.items() if section not in DEFINITIONS}

    def override(self, name: str, value: str) -> None:
        """A value from outside the files, in place of theirs; each line of a list key is an entry of its own."""
        known = tuple(dict.fromkeys(key for keys in FILES.values() for key in keys))
        if name not in known:
            raise ConfigError(f"unknown key {name!r}{did_you_mean(name, known)}", file="set")
        lines = value.splitlines() if name in APPENDING else [value]
        self.values[GLOBAL][name] = [Entry(GLOBAL, name, line, Rule("set", 0, f"{name} = {line}")) for line in lines]

    def one(self, section: str, name: str) -> Entry | None:
        """The only entry of a key."""
        found = self.values[section].get(name)
        return found[0] if found else None

    def each(self, section: str, name: str) -> list[Entry]:
        """Every entry of a key that may stand more than once."""
        return self.values[section].get(name, [])

    def items(self, section: str, name: str) -> list[tuple[str, Entry]]:
        """The items of a list key, each with its entry."""
        return [(item, entry) for entry in self.each(section, name) for item in entry.items()]

    def string(self, entry: Entry, strings: Mapping[str, str]) -> str:
        """A value that names a string of define_strings or of a language file, or is the text itself."""
        text = entry.text()
        if entry.quoted:
            return text
        if text in self.defined["define_strings"]:
            return self.defined["define_strings"][text].text().strip()
        if text in strings:
            return strings[text].strip()
        if "_" in text and text.replace("_", "").isalnum():
            known = [*self.defined["define_strings"], *strings]
            raise entry.error(f"no string {text!r} in define_strings or the language{did_you_mean(text, known)}")
        return text

    def _put(self, entry: Entry) -> None:
        section = GLOBAL if entry.section == "global" else entry.section
        if section != GLOBAL and entry.name in SERVER_KEYS:
            raise entry.error(f"{entry.name} holds for the whole server: it belongs to @global@, not @{section}@")
        there = self.values.setdefault(section, {}).setdefault(entry.name, [])
        if there and entry.name not in APPENDING:
            raise entry.error(f"{entry.name} is given twice; first at {there[0].rule.file}:{there[0].rule.line}")
        there.append(entry)

    def _define(self, entry: Entry) -> None:
        there = self.defined[entry.section]
        if (first := there.get(entry.name)) is not None:
            raise entry.error(f"{entry.name} is defined twice; first at {first.rule.file}:{first.rule.line}")
        if entry.section == "define_actions":
            for word in entry.items():
                if word.lower() not in ACTIONS:
                    raise entry.error(f"no action {word!r}{did_you_mean(word.lower(), ACTIONS)}")
        there[entry.name] = entry


def chain_words(reader: Reader, entry: Entry, key: str, items: Iterable[str], builtin: Mapping[str, tuple[str, ...]]
                ) -> tuple[str, ...]:  # fmt: skip
    """The actions a list says, variables of define_actions put in, each legal for its class.  Raises ConfigError."""
    words: list[str] = []
    for item in items:
        if (variable := reader.defined["define_actions"].get(item)) is not None:
            words += [word.lower() for word in variable.items()]
        elif item in builtin:
            words += builtin[item]
        else:
            words.append(item.lower())
    if not words:
        raise entry.error(f"{key} takes at least one action")
    for word in words:
        if word not in LEGAL[key]:
            if word in ACTIONS:
                raise entry.error(f"{word} cannot be done for {key}; there are {', '.join(LEGAL[key])}")
            raise entry.error(f"no action {word!r}{did_you_mean(word, [*ACTIONS, *reader.defined['define_actions']])}")
    return tuple(words)


def yes(entry: Entry | None, default: bool) -> bool:
    """The value of a yes or no."""
    if entry is None:
        return default
    word = entry.text().lower()
    if word not in ("yes", "no"):
        raise entry.error(f"{entry.name} is yes or no, not {word!r}")
    return word == "yes"


def number(entry: Entry) -> int:
    """The value of a whole number."""
    if not (entry.text().isascii() and entry.text().isdigit()):
        raise entry.error(f"{entry.name} is a whole number, not {entry.text()!r}")
    return int(entry.text())


def file_text(path: Path) -> str:
    """The text of a file, "" where there is none.  Raises ConfigError."""
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(error.strerror or str(error), file=str(path)) from None
