"""rav - the content engine's configuration: rav/{global,groups,actions,rbl_settings,antispam,languages/*}.

A key may stand in any of the files that may hold it (rav_keys); actions, strings and patterns may be declared in
define_* sections of any file and be referred to by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.content.budget import Limits
from harness.gateway.content.group import Antispam, Group
from harness.gateway.content.outside import ClamdSetting
from harness.gateway.content.rav_group import read_group
from harness.gateway.content.rav_keys import ANTISPAM_KEYS, FILES, LEVELS, LIMITS
from harness.gateway.content.rav_reader import GLOBAL, Reader, chain_words, file_text, number
from harness.gateway.content.rav_syntax import Entry, read_entries
from harness.gateway.content.template import Language, builtin_strings
from harness.gateway.rule import default_rule

_BULK_CHAINS = {
    "bulk_actions_low": ("add_header", "deliver"),
    "bulk_actions_medium": ("add_header", "add_subject", "deliver"),
    "bulk_actions_high": ("add_header", "add_subject", "deliver"),
    "bulk_actions_very_high": ("add_header", "add_subject", "deliver"),
}
"""The action variables that RAV's own antispam file refers to."""


@dataclass(frozen=True)
class Rav:
    """The whole configuration."""

    groups: tuple[Group, ...]  # the first that holds an address counts; `global` is last
    languages: Mapping[str, Language]
    limits: Limits
    mode: str  # after_queue, before_queue
    rbl_timeout_s: int
    max_quarantine_bytes: int  # of one mail; 0: no limit
    quarantine_dir: str = "quarantine"  # beside the queue, unless it begins with /
    notices_per_hour: int = 0  # to one address about one name; 0: no limit
    clamd: ClamdSetting | None = None  # a ClamAV daemon that is asked beside our own scanners

    def group_of(self, address: str) -> Group:
        """The group of a recipient."""
        return next((group for group in self.groups if group.holds(address)), self.groups[-1])

    def by_group(self, recipients: tuple[str, ...]) -> list[tuple[Group, tuple[str, ...]]]:
        """Each group that has recipients among these, in the order of the groups, with those."""
        found: dict[str, list[str]] = {}
        for recipient in recipients:
            found.setdefault(self.group_of(recipient).name, []).append(recipient)
        return [(group, tuple(found[group.name])) for group in self.groups if group.name in found]


def load_rav(directory: Path, overrides: Mapping[str, str]) -> Rav:
    """Read and check the whole directory.  Raises ConfigError (file:line, and the nearest right name)."""
    reader = Reader(directory)
    spam, spam_sections = reader.entries("antispam")  # what it defines is there for the others
    for name in FILES:
        reader.read(name)
    for name, value in overrides.items():
        reader.override(name, value)
    chosen = _languages(reader)
    languages = {name: _language(directory, name, entry) for name, entry in chosen.items()}
    first = languages[next(iter(languages))]
    sections = _antispam(reader, spam, {name: rule.line for name, rule in spam_sections.items()}, first.strings)
    base = read_group(reader, GLOBAL, None, sections)
    limits = Limits(**{name: number(entry) for name in LIMITS if (entry := reader.one(GLOBAL, name)) is not None})
    return Rav(
        groups=(*(read_group(reader, name, base, sections) for name in _in_force(reader)), base),
        languages=languages,
        limits=limits,
        mode=_mode(reader.one(GLOBAL, "mode")),
        rbl_timeout_s=_number(reader, "rbl_timeout_s", 5),
        max_quarantine_bytes=_number(reader, "max_quarantine_bytes", 0),
        quarantine_dir=_quarantine_dir(reader.one(GLOBAL, "quarantine_dir")),
        notices_per_hour=_number(reader, "notices_per_hour", 0),
        clamd=_clamd(reader),
    )


def _clamd(reader: Reader) -> ClamdSetting | None:
    """`clamd = unix:PATH | inet:HOST:PORT | none`; its silence is `unscannable` unless `clamd_failure = ignore`."""
    failure = reader.one(GLOBAL, "clamd_failure")
    if failure is not None and failure.text() not in ("unscannable", "ignore"):
        raise failure.error(f"clamd_failure is unscannable or ignore, not {failure.text()!r}")
    entry = reader.one(GLOBAL, "clamd")
    if entry is None or entry.text() == "none":
        return None
    kind, _, where = entry.text().partition(":")
    host, _, port = where.rpartition(":")
    address: str | tuple[str, int]
    if kind == "unix" and where.startswith("/"):
        address = where
    elif kind == "inet" and host and port.isdigit() and 0 < int(port) < 65536:
        address = host.strip("[]"), int(port)
    else:
        raise entry.error(f"clamd is unix:/PATH, inet:HOST:PORT or none, not {entry.text()!r}")
    timeout_s = _number(reader, "clamd_timeout_s", 10)
    return ClamdSetting(address, timeout_s, failure is not None and failure.text() == "ignore", entry.rule)


def _in_force(reader: Reader) -> list[str]:
    """The groups `include` names, in its order; without it all of them, in the order of the files."""
    every = [name for name in reader.values if name != GLOBAL]
    if not reader.each(GLOBAL, "include"):
        return every
    names: list[str] = []
    for name, entry in reader.items(GLOBAL, "include"):
        if name != "global" and name not in every:
            raise entry.error(f"no group @{name}@{did_you_mean(name, every)}")
        names += [name] if name != "global" and name not in names else []
    return names


def _languages(reader: Reader) -> dict[str, Entry | None]:
    """The languages in use, that of the global group first, each with the line that chooses it."""
    chosen: dict[str, Entry | None] = {}
    for section in reader.values:
        entry = reader.one(section, "language")
        if entry is not None or section == GLOBAL:
            chosen.setdefault(entry.text() if entry else "english", entry)
    return chosen


def _language(directory: Path, name: str, entry: Entry | None) -> Language:
    path = directory / "languages" / name
    if not path.is_file() and name != "english":
        assert entry is not None
        there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise entry.error(f"no file rav/languages/{name}{did_you_mean(name, [*there, 'english'])}")
    return Language.of(name, read_entries(file_text(path), f"rav/languages/{name}")[0])


def _antispam(
    reader: Reader, entries: list[Entry], opened: Mapping[str, int], strings: Mapping[str, str]
) -> dict[str, Antispam]:
    """The sections of the file, and the built-in ones under both of the names they go by."""
    made: dict[str, Antispam] = {}
    for level in ("low", "medium", "high", "very_high"):
        for name in (f"bulk_{level}_precision", f"bulk_detection_{level}"):
            made[name] = Antispam(name, level, ("add_header", "deliver"), default_rule(f"@{name}@"))
    values: dict[str, dict[str, Entry]] = {name: {} for name in opened}
    for entry in entries:
        if not entry.section:
            raise entry.error(f"{entry.name} stands before the first section")
        if entry.name not in ANTISPAM_KEYS:
            raise entry.error(f"unknown key {entry.name!r}{did_you_mean(entry.name, ANTISPAM_KEYS)}")
        there = values[entry.section]
        if entry.name in there:
            raise entry.error(f"{entry.name} is given twice; first at {there[entry.name].rule.line}")
        there[entry.name] = entry
    for name, section in values.items():
        made[name] = _section(reader, name, opened[name], section, {**builtin_strings(), **strings})
    return made


def _section(reader: Reader, name: str, line: int, values: Mapping[str, Entry], strings: Mapping[str, str]) -> Antispam:
    levels = [flag for flag in LEVELS if flag in values]
    if len(levels) != 1:
        raise ConfigError(f"section @{name}@ takes one of {', '.join(LEVELS)}", file="rav/antispam", line=line)

    def string(key: str) -> str:
        return reader.string(values[key], strings) if key in values else ""

    chain: tuple[str, ...] = ("add_header", "deliver")
    if (entry := values.get("actions")) is not None:
        chain = chain_words(reader, entry, "actions", entry.items(), _BULK_CHAINS)
    forward_to = values["forward_to"].items() if "forward_to" in values else ()
    if "forward" in chain and not forward_to:
        raise (entry or values[levels[0]]).error("forward needs a forward_to in the same section")
    header = string("extra_header")
    field, colon, _ = header.partition(":")
    if header and colon and not field.strip().replace("-", "").isalnum():
        raise values["extra_header"].error(f"{field!r} is no name of a header field")
    folder = values["quarantine"].text().rstrip("/").rpartition("/")[2] if "quarantine" in values else "bulk"
    return Antispam(
        name, levels[0].removeprefix("accuracy_"), chain, default_rule(f"@{name}@"), header, string("extra_subject"),
        string("embedded_msg"), folder or "bulk", forward_to,
    )  # fmt: skip


def _mode(entry: Entry | None) -> str:
    if entry is None:
        return "after_queue"
    if entry.text() not in ("after_queue", "before_queue"):
        raise entry.error(f"mode is after_queue or before_queue, not {entry.text()!r}")
    return entry.text()


def _quarantine_dir(entry: Entry | None) -> str:
    if entry is None:
        return "quarantine"
    if not entry.text().strip() or ".." in Path(entry.text()).parts:
        raise entry.error(f"quarantine_dir is a directory, /absolute or beside the queue, not {entry.text()!r}")
    return entry.text()


def _number(reader: Reader, key: str, default: int) -> int:
    entry = reader.one(GLOBAL, key)
    return number(entry) if entry is not None else default
