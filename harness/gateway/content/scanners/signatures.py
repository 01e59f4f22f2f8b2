"""signatures - known patterns in an object."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners


@scanners.register("signatures")
def signatures(part: Part, context: ScanContext) -> Iterator[Finding]:
    """One `infected` finding per name."""
    for name, rule in context.signatures.names_in(part.data, part.type):
        forges = name in context.signatures.forging
        yield Finding("infected", name, part.path, rule, part.entity, forges_sender=forges)
