"""rav - the content engine's configuration: rav/{global,groups,actions,rbl_settings,antispam,languages/*}.

A key may stand in any of the files that may hold it; which those are, and what its value is, says the table of keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.content.budget import Limits
from harness.gateway.content.rav_syntax import Entry, read_entries
from harness.gateway.rule import Rule, default_rule

# What may be done with each class (the boxes that RAV's own configurator offered).
FILE = ("clean", "move", "copy", "delete", "rename", "ignore", "reject", "discard")
LEGAL: dict[str, tuple[str, ...]] = {
    "act_for_infected_files": FILE,
    "act_for_suspicious_files": FILE[1:],
    "act_for_unscannable_files": FILE[1:],
    "act_for_filter_subject": ("copy", "ignore", "reject", "discard"),
    "act_for_filter_attachment": ("move", "copy", "delete", "rename", "ignore", "reject", "discard"),
    "act_for_filter_content": ("move", "copy", "delete", "ignore", "reject", "discard"),
    "actions": ("save", "embed", "add_header", "add_subject", "forward", "deliver", "reject", "discard"),
}
_CHAINS = {
    "act_for_infected_files": ("clean", "delete", "reject"),
    "act_for_suspicious_files": ("move", "reject"),
    "act_for_unscannable_files": ("copy", "reject"),
    "act_for_filter_subject": ("reject",),
    "act_for_filter_attachment": ("reject",),
    "act_for_filter_content": ("reject",),
}
_FILTERS = ("filter_subject", "filter_attachment", "filter_content")
_GROUP_KEYS = (
    *_CHAINS, *_FILTERS, "members", "antispam_configuration", "wbl_accept", "wbl_reject", "warn_sender",
    "warn_receiver", "warn_administrator", "administrator",
)  # fmt: skip
_LIMITS = tuple(Limits.__dataclass_fields__)
_GLOBAL_KEYS = (*_GROUP_KEYS, *_LIMITS, "heuristics", "stamp", "banned_extensions", "mode", "language", "include")
_RBL_KEYS = ("rbl_site", "rbl_reply", "wbl_accept", "wbl_reject")
_ANTISPAM_KEYS = ("extra_header", "extra_subject", "embedded_msg", "actions", "quarantine", "forward_to")
_LEVELS = ("accuracy_low", "accuracy_medium", "accuracy_high", "accuracy_very_high")
_APPENDING = frozenset({"rbl_site", "wbl_accept", "wbl_reject", "members", "include", *_FILTERS})
FILES: dict[str, tuple[str, ...]] = {
    "global": _GLOBAL_KEYS,
    "groups": _GLOBAL_KEYS,
    "actions": tuple(LEGAL)[:-1],
    "rbl_settings": _RBL_KEYS,
    "antispam": (*_ANTISPAM_KEYS, *_LEVELS),
}
BANNED = [
    "ade",
    "adp",
    "app",
    "bas",
    "bat",
    "chm",
    "cmd",
    "com",
    "cpl",
    "dll",
    "exe",
    "hlp",
    "hta",
    "inf",
    "ini",
    "ins",
    "isp",
    "jar",
    "js",
    "jse",
    "lnk",
    "mdb",
    "mde",
    "msc",
    "msi",
    "msp",
    "mst",
    "pcd",
    "pif",
    "ps1",
    "reg",
    "scf",
    "scr",
    "sct",
    "shb",
    "shm",
    "shs",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vxd",
    "wsc",
    "wsf",
    "wsh",
]


@dataclass(frozen=True, slots=True)
class Chain:
    """Actions in order, and the line that says so."""

    actions: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Filter:
    """A line of a content filter: a pattern, perhaps with actions of its own."""

    pattern: re.Pattern[str]
    actions: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Antispam:
    """A section of the file antispam: how sure the engine must be, and what it does then."""

    name: str
    level: str  # low medium high very_high
    actions: tuple[str, ...]
    rule: Rule
    extra_header: str = ""
    extra_subject: str = ""
    embedded_msg: str = ""
    forward_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """What holds for some recipients."""

    name: str
    members: tuple[str, ...]
    chains: Mapping[str, Chain]
    filters: Mapping[str, tuple[Filter, ...]]
    antispam: Antispam | None
    warn_sender: Chain | None  # the line that says yes
    warn_receiver: Chain | None
    warn_administrator: Chain | None
    administrator: str

    def holds(self, address: str) -> bool:
        """Whether an address is a member: itself, @domain, or *."""
        domain = address.rpartition("@")[2].lower()
        return any(m == "*" or m.lower() == address.lower() or m.lower() == f"@{domain}" for m in self.members)


@dataclass(frozen=True)
class Rav:
    """The whole configuration."""

    groups: tuple[Group, ...]  # the first that holds an address counts; `global` is last
    accept: tuple[tuple[str, Rule], ...]
    reject: tuple[tuple[str, Rule], ...]
    rbl_sites: tuple[tuple[str, Rule], ...]
    rbl_reply: str
    limits: Limits
    heuristics: bool
    stamp: bool
    banned: tuple[frozenset[str], Rule]
    mode: str
    templates: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)

    def group_of(self, address: str) -> Group:
        """The group of a recipient."""
        return next((group for group in self.groups if group.holds(address)), self.groups[-1])


class _Reader:
    """Entries by section and key, each checked against the keys its file may hold."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, list[Entry]]] = {}
        self.sections: dict[str, Rule] = {}

    def read(self, text: str, file: str, known: tuple[str, ...] | None) -> None:
        entries, sections = read_entries(text, file)
        self.sections |= sections
        for entry in entries:
            if known is not None and entry.name not in known:
                raise entry.error(f"unknown key {entry.name!r}{did_you_mean(entry.name, known)}")
            self.put(entry)

    def put(self, entry: Entry) -> None:
        section = "" if entry.section == "global" else entry.section
        there = self.values.setdefault(section, {}).setdefault(entry.name, [])
        if there and entry.name not in _APPENDING:
            raise entry.error(f"{entry.name} is given twice; first at {there[0].rule.file}:{there[0].rule.line}")
        there.append(entry)

    def one(self, section: str, name: str) -> Entry | None:
        found = self.values.get(section, {}).get(name)
        return found[0] if found else None

    def all(self, section: str, name: str) -> list[tuple[str, Rule]]:
        return [(item, e.rule) for e in self.values.get(section, {}).get(name, []) for item in e.items()]


def load_rav(directory: Path, overrides: Mapping[str, str]) -> Rav:
    """Read and check the whole directory.  Raises ConfigError (file:line, and the nearest right name)."""
    reader, spam, words = _Reader(), _Reader(), _Reader()
    for name in ("global", "groups", "actions", "rbl_settings"):
        reader.read(_text(directory / name), f"rav/{name}", FILES[name])
    spam.read(_text(directory / "antispam"), "rav/antispam", FILES["antispam"])
    for name, value in overrides.items():
        known = tuple(dict.fromkeys((*_GLOBAL_KEYS, *_RBL_KEYS)))
        if name not in known:
            raise ConfigError(f"unknown key {name!r}{did_you_mean(name, known)}", file="set")
        reader.values.setdefault("", {})[name] = [Entry("", name, value, Rule("set", 0, f"{name} = {value}"))]
    language = reader.one("", "language")
    chosen = language.text() if language else "english"
    words.read(_text(directory / "languages" / chosen), f"rav/languages/{chosen}", None)
    strings = {name: (found[0].text(), found[0].rule) for name, found in words.values.get("", {}).items()}
    sections = _antispam(spam, strings)
    base = _group(reader, "", None, sections)
    names = [name for name in reader.values if name] if "include" not in reader.values.get("", {}) else []
    names = names or [name for name, _ in reader.all("", "include") if name != "global"]
    for name in names:
        if name not in reader.values:
            raise ConfigError(f"no group @{name}@{did_you_mean(name, reader.values)}", file="rav/groups")
    limits = Limits(**{name: _number(e) for name in _LIMITS if (e := reader.one("", name)) is not None})
    banned = reader.one("", "banned_extensions")
    mode = reader.one("", "mode")
    if mode is not None and mode.text() not in ("after_queue", "before_queue"):
        raise mode.error(f"mode is after_queue or before_queue, not {mode.text()!r}")
    reply = reader.one("", "rbl_reply")
    return Rav(
        groups=(*(_group(reader, name, base, sections) for name in names), base),
        accept=tuple(reader.all("", "wbl_accept")),
        reject=tuple(reader.all("", "wbl_reject")),
        rbl_sites=tuple(reader.all("", "rbl_site")),
        rbl_reply=reply.text() if reply else "Service unavailable; client [CLIENT] blocked using SITE",
        limits=limits,
        heuristics=_yes(reader.one("", "heuristics"), True),
        stamp=_yes(reader.one("", "stamp"), True),
        banned=(frozenset(banned.items()), banned.rule) if banned else (frozenset(BANNED), default_rule("banned")),
        mode=mode.text() if mode else "after_queue",
        templates=strings,
    )


def _group(reader: _Reader, name: str, base: Group | None, sections: Mapping[str, Antispam]) -> Group:
    chains: dict[str, Chain] = {}
    for key, default in _CHAINS.items():
        entry = reader.one(name, key)
        if entry is not None:
            chains[key] = _chain(entry, key)
        else:
            chains[key] = base.chains[key] if base else Chain(default, default_rule(f"{key} = {', '.join(default)}"))
    filters = {}
    for key in _FILTERS:
        own = tuple(_filter(e, key) for e in reader.values.get(name, {}).get(key, []))
        filters[key] = own or (base.filters[key] if base else ())
    entry = reader.one(name, "antispam_configuration")
    antispam = base.antispam if base else None
    if entry is not None:
        wanted = entry.text()
        if wanted != "none" and wanted not in sections:
            raise entry.error(f"no section @{wanted}@ in rav/antispam{did_you_mean(wanted, sections)}")
        antispam = replace(sections[wanted], rule=entry.rule) if wanted != "none" else None
    administrator = reader.one(name, "administrator")
    members = tuple(item for item, _ in reader.all(name, "members"))
    if base is not None and not members:
        raise ConfigError(f"group @{name}@ has no members", file="rav/groups", line=reader.sections[name].line)
    return Group(
        name or "global",
        members or ("*",),
        chains,
        filters,
        antispam,
        _warned(reader, name, "warn_sender", base.warn_sender if base else None, False),
        _warned(reader, name, "warn_receiver", base.warn_receiver if base else None, True),
        _warned(reader, name, "warn_administrator", base.warn_administrator if base else None, True),
        administrator.text() if administrator else base.administrator if base else "",
    )


def _antispam(spam: _Reader, strings: Mapping[str, tuple[str, Rule]]) -> dict[str, Antispam]:
    """The sections of the file, and the built-in ones under both of the names they go by."""
    made: dict[str, Antispam] = {}
    for level in ("low", "medium", "high", "very_high"):
        for name in (f"bulk_{level}_precision", f"bulk_detection_{level}"):
            made[name] = Antispam(name, level, ("add_header", "deliver"), default_rule(f"@{name}@"))
    for name, values in spam.values.items():
        if not name:
            entry = next(iter(values.values()))[0]
            raise entry.error(f"{entry.name} stands before the first section")
        levels = [flag for flag in _LEVELS if flag in values]
        if len(levels) != 1:
            raise ConfigError(f"section @{name}@ takes one of {', '.join(_LEVELS)}", file="rav/antispam",
                              line=spam.sections[name].line)  # fmt: skip

        def string(key: str, values: dict[str, list[Entry]] = values) -> str:
            """A value names a string of the language file, or is the text itself."""
            if key not in values:
                return ""
            text = values[key][0].text()
            return strings[text][0].strip() if text in strings else text

        chain = _chain(values["actions"][0], "actions").actions if "actions" in values else ("add_header", "deliver")
        forward = values["forward_to"][0].items() if "forward_to" in values else ()
        made[name] = Antispam(
            name, levels[0].removeprefix("accuracy_"), chain, spam.sections[name], string("extra_header"),
            string("extra_subject"), string("embedded_msg"), forward,
        )  # fmt: skip
    return made


def _chain(entry: Entry, key: str) -> Chain:
    words = tuple(word.lower() for word in entry.items())
    if not words:
        raise entry.error(f"{key} takes at least one action")
    for word in words:
        if word not in LEGAL[key]:
            every = sorted({action for legal in LEGAL.values() for action in legal})
            if word in every:
                raise entry.error(f"{word} cannot be done for {key}; there are {', '.join(LEGAL[key])}")
            raise entry.error(f"no action {word!r}{did_you_mean(word, every)}")
    return Chain(words, entry.rule)


def _filter(entry: Entry, key: str) -> Filter:
    pattern, arrow, chain = (entry.text() if entry.quoted else entry.value).partition(" -> ")
    words: tuple[str, ...] = ()
    if arrow:
        words = _chain(Entry("", key, chain, entry.rule), f"act_for_{key}").actions
    try:
        return Filter(re.compile(pattern, re.IGNORECASE), words, entry.rule)
    except re.error as error:
        raise entry.error(f"bad pattern {pattern!r}: {error}") from None


def _warned(reader: _Reader, section: str, key: str, inherited: Chain | None, default: bool) -> Chain | None:
    entry = reader.one(section, key)
    if entry is None:
        if section:
            return inherited
        return Chain((), default_rule(f"{key} = yes")) if default else None
    return Chain((), entry.rule) if _yes(entry, default) else None


def _yes(entry: Entry | None, default: bool) -> bool:
    if entry is None:
        return default
    word = entry.text().lower()
    if word not in ("yes", "no"):
        raise entry.error(f"{entry.name} is yes or no, not {word!r}")
    return word == "yes"


def _number(entry: Entry) -> int:
    if not (entry.text().isascii() and entry.text().isdigit()):
        raise entry.error(f"{entry.name} is a whole number, not {entry.text()!r}")
    return int(entry.text())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(error.strerror or str(error), file=str(path)) from None
