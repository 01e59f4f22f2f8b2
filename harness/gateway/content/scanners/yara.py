"""yara - YARA rules of `rav/signatures/*.yar` over an object, and over the mail as it came."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners


@scanners.register("yara")
def yara(part: Part, context: ScanContext) -> Iterator[Finding]:
    """One finding for each rule that matches: infected, unless the rule's own meta says that it is only suspicious."""
    rules = context.signatures.files.yara
    if rules is None:
        return
    for match in rules.matches(part.data):
        if match.name not in context.signatures.files.ignored:
            forges = match.name in context.signatures.forging
            yield Finding(match.cls, match.name, part.path, match.rule, part.entity, forges_sender=forges)
