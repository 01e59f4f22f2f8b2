"""The shipped scenarios cover the paper's gateway, and notice nearly every change of it; what they do not is argued."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.impact.coverage import coverage_of
from harness.impact.mutate import run_all, score
from harness.impact.source import shards_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GATEWAYS = ROOT / "corpus" / "gateways"

ARGUED = {
    "swap with line 23: check_sender_access hash:/etc/postfix/from_senders_bw.map,": (
        "the two tables refuse in the same words; whom the first one lets pass (someone@theirdomain.com) the second, "
        "/@b\\./, cannot match, so no session can tell which of them is asked first"
    ),
    "delete permit: permit": "a list that runs off its end permits, too (postconf(5)); the paper writes it out",
}
"""Survivors that no session can notice, and why not."""

UNREACHED = {
    "@spam.com 554 ACL from_senders_bw": "access(5) looks up no key that begins with @: provably never",
    '/^.*name=\\=".*\\.(pif|shs': 'asks for name==" and a blank before the closing quote, which no mail program writes',
    "reject_non_fqdn_sender": "the greedy dul pattern before it refuses whoever has a name, and the scenarios' rest is refused earlier",
    "wbl_reject = spammerdomain.com": "likewise: no such mail gets past the greedy dul pattern to the content engine",
}
"""Lines of the paper as it is printed that nothing reaches: its own mistakes, which paper-2003-as-meant mends."""


def test_every_line_of_the_papers_gateway_is_covered() -> None:
    found = coverage_of(GATEWAYS / "paper-2003-as-meant", shards_of([ROOT / "scenarios"]))
    assert found.failed == 0 and found.percent >= 95, [
        str(line.rule) for line in found.lines.values() if not line.covered
    ]


def test_what_is_not_covered_of_the_paper_as_printed_is_a_mistake_of_its_own() -> None:
    found = coverage_of(GATEWAYS / "paper-2003", shards_of([ROOT / "scenarios"]))
    unreached = [line.text for line in found.lines.values() if not line.covered]
    assert all(any(text.startswith(start) for start in UNREACHED) for text in unreached), unreached


def test_the_survivors_among_the_mutants_are_argued_one_by_one() -> None:
    outcomes = run_all(GATEWAYS / "paper-2003-as-meant", list(shards_of([ROOT / "scenarios"])), 1)
    loaded = [one for one in outcomes if one.killer != "does not load"]
    survivors = {f"{one.mutant.done}: {one.mutant.before.strip()}" for one in loaded if not one.killer}
    assert len(loaded) > 50 and score(outcomes) >= 90
    assert survivors <= ARGUED.keys(), survivors - ARGUED.keys()
