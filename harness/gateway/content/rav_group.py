"""rav_group - the entries of one @group@ -> a Group, which takes over from the global one whatever it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.errors import ConfigError, did_you_mean
from harness.gateway.content.client_list import ListEntry, list_entry
from harness.gateway.content.filter import Filter
from harness.gateway.content.group import Antispam, Chain, Group
from harness.gateway.content.linear import compile_pattern
from harness.gateway.content.rav_keys import BANNED, CHAINS, FILTERS, PARTIES
from harness.gateway.content.rav_reader import GLOBAL, Reader, chain_words, file_text, yes
from harness.gateway.content.rav_syntax import Entry, unquote
from harness.gateway.content.rbl import RblSite, rbl_site
from harness.gateway.rule import Rule, default_rule

REPLY = "Service unavailable; client [CLIENT] blocked using SITE"


def read_group(reader: Reader, section: str, base: Group | None, sections: Mapping[str, Antispam]) -> Group:
    """The group of a section (GLOBAL for the one that needs no members).  Raises ConfigError (file:line)."""
    members = tuple(_member(item, entry) for item, entry in reader.items(section, "members"))
    if section != GLOBAL and not members:
        raise ConfigError(f"group @{section}@ has no members", file="rav/groups", line=reader.sections[section].line)
    white = tuple(_entries(reader, section, "wbl_accept"))
    black = tuple(_entries(reader, section, "wbl_reject"))
    sites = tuple(_site(item, entry) for item, entry in reader.items(section, "rbl_site"))
    banned = reader.one(section, "banned_extensions")
    return Group(
        name=section or "global",
        members=members if section != GLOBAL else ("*",),
        chains={key: _chain(reader, section, key, base) for key in CHAINS},
        filters={
            key: tuple(_filter(reader, entry, key) for entry in reader.each(section, key))
            or (base.filters[key] if base else ())
            for key in FILTERS
        },
        antispam=_antispam(reader, section, base, sections),
        white=white or (base.white if base else ()),
        black=black or (base.black if base else ()),
        rbl_sites=sites or (base.rbl_sites if base else ()),
        rbl_reply=" ".join(_text(reader, section, "rbl_reply", base.rbl_reply if base else REPLY).split()),
        warn={party: _warned(reader, section, party, base) for party in PARTIES},
        administrator=_text(reader, section, "administrator", base.administrator if base else ""),
        language=_text(reader, section, "language", base.language if base else "english"),
        heuristics=yes(reader.one(section, "heuristics"), base.heuristics if base else True),
        banned=(frozenset(item.lower().removeprefix(".") for item in banned.items()), banned.rule)
        if banned
        else base.banned
        if base
        else (BANNED, default_rule("banned_extensions")),
        stamp=yes(reader.one(section, "stamp"), base.stamp if base else True),
    )


def _member(item: str, entry: Entry) -> str:
    if item != "*" and "@" not in item:
        raise entry.error(f"member {item!r} is no address, no @domain and not *")
    return item


def _chain(reader: Reader, section: str, key: str, base: Group | None) -> Chain:
    entry = reader.one(section, key)
    if entry is not None:
        return Chain(chain_words(reader, entry, key, entry.items(), {}), entry.rule)
    default = CHAINS[key]
    return base.chains[key] if base else Chain(default, default_rule(f"{key} = {', '.join(default)}"))


def _filter(reader: Reader, entry: Entry, key: str) -> Filter:
    """`pattern`, or the name of one, and perhaps ` -> actions`."""
    if entry.quoted:  # quotes keep blanks and an arrow of the pattern's own
        written, rest = unquote(entry.value)
        before, arrow, actions = rest.partition("->")
        if before.strip():
            raise entry.error(f"text after the closing quote: {before.strip()!r}")
    else:
        written, arrow, actions = entry.value.partition(" -> ")
        written = written.strip()
    declared = reader.defined["define_regexps"].get(written)
    pattern = declared.text() if declared is not None else written
    words: tuple[str, ...] = ()
    if arrow:
        items = [item.strip() for item in actions.split(",") if item.strip()]
        words = chain_words(reader, entry, f"act_for_{key}", items, {})
    if not pattern:
        raise entry.error(f"{key} takes a pattern")
    try:
        return Filter(compile_pattern(pattern), words, entry.rule, written if declared is not None else "")
    except ValueError as error:
        raise (declared or entry).error(f"bad pattern {pattern!r}: {error}") from None


def _antispam(reader: Reader, section: str, base: Group | None, sections: Mapping[str, Antispam]) -> Antispam | None:
    entry = reader.one(section, "antispam_configuration")
    if entry is None:
        return base.antispam if base else None
    wanted = entry.text()
    if wanted == "none":
        return None
    if wanted not in sections:
        raise entry.error(f"no section @{wanted}@ in rav/antispam{did_you_mean(wanted, sections)}")
    return replace(sections[wanted], rule=entry.rule)


def _warned(reader: Reader, section: str, party: str, base: Group | None) -> Rule | None:
    entry = reader.one(section, f"warn_{party}")
    if entry is not None:
        return entry.rule if yes(entry, False) else None
    if base is not None:
        return base.warn[party]
    return None if party == "sender" else default_rule(f"warn_{party} = yes")


def _text(reader: Reader, section: str, key: str, default: str) -> str:
    entry = reader.one(section, key)
    return entry.text() if entry is not None else default


def _site(item: str, entry: Entry) -> RblSite:
    try:
        return rbl_site(item, entry.rule)
    except ValueError as error:
        raise entry.error(f"rbl_site {item}: {error}") from None


def _entries(reader: Reader, section: str, key: str) -> list[ListEntry]:
    """The entries of a list; an item that begins with / or ./ names a file of them, one a line."""
    found: list[ListEntry] = []
    for item, entry in reader.items(section, key):
        if not item.startswith(("/", "./")):
            found.append(_list_entry(key, item, entry.rule))
            continue
        path = reader.directory / item
        if not path.is_file():
            raise entry.error(f"{key}: no file {item}")
        shown = str(Path("rav") / item) if item.startswith("./") else item
        for line, text in enumerate(file_text(path).splitlines(), 1):
            if (word := text.partition("#")[0].strip()) != "":
                found.append(_list_entry(key, word, Rule(shown, line, word)))
    return found


def _list_entry(key: str, text: str, rule: Rule) -> ListEntry:
    try:
        return list_entry(text, rule)
    except ValueError as error:
        raise ConfigError(f"{key}: {error}", file=rule.file, line=rule.line or None) from None
