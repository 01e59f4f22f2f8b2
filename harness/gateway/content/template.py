"""template - the texts of notices, warn.txt and stamps, as languages/* writes them, and the variables in them.

The paper prints ATTACH_NAME, SUBJECT, FROM_USER, TO_USER(S) and VIRUS_NAME.  A value is put in once: what it holds is
not expanded, has no line ends, and is no longer than LONGEST characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.errors import did_you_mean
from harness.gateway.content.rav_syntax import Entry
from harness.gateway.rule import Rule, default_rule

LONGEST = 200
PRODUCT = "RAV AntiVirus reference engine"

DEFAULTS = {
    "infected": 'The file ATTACH_NAME in the mail "SUBJECT" from FROM_USER to TO_USER(S) holds the virus VIRUS_NAME.',
    "suspicious": 'The file ATTACH_NAME in the mail "SUBJECT" from FROM_USER looks dangerous: VIRUS_NAME.',
    "unscannable": "The file ATTACH_NAME in the mail \"SUBJECT\" from FROM_USER to TO_USER(S) could not be examined: "
    "VIRUS_NAME.",
    "filtered": 'The mail "SUBJECT" from FROM_USER to TO_USER(S) met the rule RULE_NAME at ATTACH_NAME.',
    "cleaned": "The file ATTACH_NAME held VIRUS_NAME, which was taken out; the rest of it was delivered.",
    "renamed": "The file ATTACH_NAME was given another name because of VIRUS_NAME; nothing in it was changed.",
    "saved": "It was set aside under the name QUARANTINE_NAME.",
    "not_delivered": "The mail was not delivered.",
    "warn_txt": "A file stood here: ATTACH_NAME. HOST took it out because of VIRUS_NAME. ",
    "stamp": "This e-mail has been scanned for viruses on host: HOST",
    "bulk_header": "X-RAV-Bulk: RULE_NAME",
    "bulk_subject": "[BULK]",
    "bulk_embedded": "The mail attached to this one looks like bulk mail.",
}  # fmt: skip
"""Event -> its text where the language file has none."""

VARIABLES = (
    "TO_USER(S)", "ATTACH_NAME", "SUBJECT", "FROM_USER", "TO_USER", "VIRUS_NAME", "QUARANTINE_NAME", "ACTION_DONE",
    "HOST", "QUEUE_ID", "DATE", "CLIENT", "RULE_NAME", "MAIL_HEADER", "PRODUCT", "SIGNATURES_DATE",
)  # fmt: skip
# The paper itself prints `TO_USER (S)` once, with a blank.  A longer token stands before one it begins with.
_TOKENS = re.compile(r"TO_USER\s?\(S\)|(?<![A-Z_])(?:" + "|".join(map(re.escape, VARIABLES[1:])) + r")(?![A-Z_])")
_NAMED = re.compile(r"(\w+)_m_(\w+)")


@dataclass(frozen=True)
class Language:
    """What a language file says: templates by event, each with its line, and every string by name."""

    name: str
    templates: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)
    strings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, entries: Iterable[Entry]) -> Language:
        """From the entries of its file.  Raises ConfigError for EVENT_m_LANGUAGE with no such event."""
        templates: dict[str, tuple[str, Rule]] = {}
        strings: dict[str, str] = {}
        for entry in entries:
            if entry.name in strings:
                raise entry.error(f"{entry.name} is given twice")
            strings[entry.name] = entry.text()
            if (named := _NAMED.fullmatch(entry.name)) is None:
                continue
            if named[1] not in DEFAULTS:
                raise entry.error(f"no event {named[1]!r}{did_you_mean(named[1], DEFAULTS)}")
            if named[2] == name:
                templates[named[1]] = (entry.text().strip("\n"), entry.rule)
        return cls(name, templates, strings)

    def text(self, event: str, values: Mapping[str, str]) -> str:
        """The template of an event with its variables put in; a variable without a value is empty."""
        template = self.templates[event][0] if event in self.templates else DEFAULTS[event]

        def put(found: re.Match[str]) -> str:
            token = "TO_USER" if found[0].startswith("TO_USER") else found[0]
            value = values.get(token, "")
            return value if token == "MAIL_HEADER" else plain(value)

        return _TOKENS.sub(put, template)

    def rule(self, event: str) -> Rule:
        """The line a template stands on."""
        return self.templates[event][1] if event in self.templates else default_rule(f"{event}_m_{self.name}")


def builtin_strings() -> dict[str, str]:
    """The strings that RAV's own antispam file refers to: bulk_{header,subject,embedded}_LEVEL_english."""
    return {
        f"{event}_{level}_english": DEFAULTS[event].replace("RULE_NAME", level)
        for event in ("bulk_header", "bulk_subject", "bulk_embedded")
        for level in ("low", "med", "medium", "high", "very_high")
    }


def plain(value: str) -> str:
    """A value fit for a text: one line, LONGEST characters at most, nothing that does not print."""
    return "".join(c if c.isprintable() else " " for c in value[:LONGEST])
