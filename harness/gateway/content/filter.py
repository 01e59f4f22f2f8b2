"""filter - the administrator's ordered rules on subject, file name and body; the first that matches an object counts.

Patterns run on a linear-time engine (RE2), so that no mail can stall one: no back references, no look-around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.mime_names import decode_text
from harness.gateway.rule import Rule

FilterKind = Literal["subject", "attachment", "content"]
_TAG = re.compile(r"<[a-zA-Z/!?][^>]*(?:>|\Z)")  # one that never ends goes on to the end, as in a browser


@dataclass(frozen=True, slots=True)
class Filter:
    """One rule: its compiled pattern, its name where it was declared under one, its own actions if it names any."""

    pattern: Any  # a compiled RE2 pattern; the package has no public type for it
    actions: tuple[str, ...]
    rule: Rule
    name: str = ""

    def found_in(self, text: str) -> str | None:
        """What it matches of a text, None where it matches nothing.  Undecodable characters read as U+FFFD."""
        found = self.pattern.search(text.encode("utf-8", "replace").decode("utf-8"))
        return None if found is None else str(found.group(0))


def filtered(
    filters: Mapping[str, Sequence[Filter]], subject: str, parts: Sequence[Part], charsets: Mapping[int, str]
) -> Iterator[Finding]:
    """At most one finding per kind and object, in the order of the objects; `charsets` by the index of the entity."""
    names, contents = filters["filter_attachment"], filters["filter_content"]
    yield from _first("subject", filters["filter_subject"], [subject], "mail", 0)
    for part in parts:
        if names and part.names:
            yield from _first("attachment", names, part.names, part.path, part.entity)
        if contents and part.text:
            text = decode_text(part.data, "" if part.depth else charsets.get(part.entity, ""))
            # A page is also read as it is shown: its tags gone, its entities spelled out.
            texts = [text, unescape(_TAG.sub("", text))] if part.type == "text/html" else [text]
            yield from _first("content", contents, texts, part.path, part.entity)


def _first(
    kind: FilterKind, filters: Sequence[Filter], texts: Sequence[str], path: str, entity: int
) -> Iterator[Finding]:
    for line in filters:
        for text in texts:
            found = line.found_in(text)
            if found is not None:
                name = f"Filter.{line.name or kind.capitalize()}"
                detail = f"matches {found[:80]!r}"
                yield Finding("filter", name, path, line.rule, entity, detail, kind, line.actions)
                return
