"""agreement - changes that somebody agreed to beforehand, each with its ticket: they are named, and forbid nothing.

expect:
  - ticket: MAIL-1234
    transition: accept -> reject      # all of these are patterns, and may be left out
    label: spam
    new: "main.cf: reject_rbl_client *"
    sender: "*@isp.test"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from harness.document import read_document
from harness.errors import ScenarioError, did_you_mean
from harness.impact.diff import Change
from harness.impact.fate import Cause


@dataclass(frozen=True, slots=True)
class Agreement:
    """One entry; every pattern that is given must match.  `old` and `new` look like `file: text` of the line."""

    ticket: str
    transition: str = "*"
    harm: str = "*"
    label: str = "*"
    old: str = "*"
    new: str = "*"
    client: str = "*"
    sender: str = "*"
    recipient: str = "*"
    line: int = 0  # of the file it is written in

    def covers(self, change: Change) -> bool:
        """Was this change agreed to?"""
        sample = change.sample
        return (
            fnmatchcase(change.transition, self.transition)
            and fnmatchcase(change.harms[0], self.harm)
            and fnmatchcase(sample.label, self.label)
            and _matches(change.old.cause, self.old)
            and _matches(change.new.cause, self.new)
            and (fnmatchcase(sample.client, self.client) or fnmatchcase(sample.name or "", self.client))
            and fnmatchcase(sample.sender, self.sender)
            and (self.recipient == "*" or any(fnmatchcase(one, self.recipient) for one in sample.recipients))
        )


def read_agreements(path: Path) -> tuple[Agreement, ...]:
    """The entries of one file.  Raises ScenarioError with file:line."""
    data, lines = read_document(path)
    known = [field.name for field in fields(Agreement) if field.name != "line"]

    def fault(at: tuple[str | int, ...], what: str) -> ScenarioError:
        while at and at not in lines:
            at = at[:-1]
        return ScenarioError(what, file=str(path), line=lines.get(at, 1))

    for key in data:
        if key != "expect":
            raise fault((key,), f"no such key {key!r}{did_you_mean(str(key), ['expect'])}")
    entries: Any = data.get("expect") or []
    if not isinstance(entries, list):
        raise fault(("expect",), "expects a list of agreed changes")
    made = []
    for number, entry in enumerate(entries):
        at = ("expect", number)
        if not isinstance(entry, Mapping) or not entry.get("ticket"):
            raise fault(at, "an agreed change names its ticket")
        for key in entry:
            if key not in known:
                raise fault((*at, key), f"no such key {key!r}{did_you_mean(str(key), known)}")
        if len(entry) == 1:
            raise fault(at, f"{entry['ticket']}: says nothing of the change it agrees to")
        made.append(Agreement(**{str(k): str(v) for k, v in entry.items()}, line=lines.get(at, 1)))
    return tuple(made)


def _matches(cause: Cause, pattern: str) -> bool:
    return pattern == "*" or any(fnmatchcase(text, pattern) for text in (str(cause), f"{cause.file}: {cause.text}"))
