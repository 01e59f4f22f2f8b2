"""scanner: which scanners are asked about what."""

from __future__ import annotations

from harness.corpus.payload import eicar
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import CERTAIN, ScanContext, scan, scanners
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule


def names(part: Part, *, heuristics: bool) -> list[str]:
    context = ScanContext(SignatureStore(), frozenset({"exe"}), default_rule("banned"), heuristics)
    return [finding.name for finding in scan(part, context)]


def test_heuristics_can_be_switched_off_and_signatures_cannot() -> None:
    part = Part("p", eicar(), ("a.exe",))
    assert names(part, heuristics=True) == ["Name.Banned", "Eicar-Test"] and names(part, heuristics=False) == [
        "Eicar-Test"
    ]


def test_the_raw_mail_is_for_signatures_alone() -> None:
    assert names(Part("mail", eicar(), ("a.exe",), raw=True), heuristics=True) == ["Eicar-Test"]


def test_the_certain_ones_are_members() -> None:
    assert set(scanners) >= CERTAIN
