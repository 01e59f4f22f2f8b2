"""admit: black list against white list, then the blocklists, per group."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import fakedns
from harness.gateway.content.admit import Admission, Doorman
from harness.gateway.content.outcome import Mail
from harness.gateway.content.rav import load_rav
from harness.gateway.resolver import RecordingResolver, ZoneResolver

ZONE = "rbl.test. SOA ns.t. h.t. 1 2 3 4 5\n7.2.0.192.rbl.test. A 127.0.0.2\n7.2.0.192.b.rbl.test. A 127.0.0.9"


def admit(tmp_path: Path, rav: dict[str, str], client: str = "192.0.2.7") -> tuple[Admission, list[str]]:
    (group,) = load_rav(tmp_path, rav).groups
    resolver = RecordingResolver(ZoneResolver(fakedns.parse_zone(ZONE)))
    mail = Mail("Q", "a@good.test", ("u@ok.test",), client, "mail.good.test", b"")
    admission = asyncio.run(Doorman(mail, resolver, lambda: True).admit(group))
    return admission, [name for name, *_ in resolver.asked]


@pytest.mark.parametrize(
    ("white", "black", "refused", "spared"),
    [
        ("", "good.test", True, False),
        ("good.test", "", False, True),
        ("192.0.2.7", "good.test", False, True),
        ("192.0.2.0/24", "192.0.2.7", True, False),  # a narrow black entry in a wide white one
        ("192.0.2.7", "192.0.2.0/24", False, True),
        ("192.0.2.7", "192.0.2.7", True, False),  # equals: black wins
        ("a@good.test", "192.0.2.0/24", False, True),
        ("other.test", "other.test", False, False),
    ],
)
def test_the_closer_entry_decides_and_black_among_equals(
    tmp_path: Path, white: str, black: str, refused: bool, spared: bool
) -> None:
    admission, _ = admit(tmp_path, {"wbl_accept": white, "wbl_reject": black})
    assert (bool(admission.refused), admission.white) == (refused, spared)
    if refused:
        assert admission.why == f"wbl_reject:{black}" and admission.trace[-1].decided


def test_a_white_listed_client_is_looked_up_nowhere(tmp_path: Path) -> None:
    admission, asked = admit(tmp_path, {"wbl_accept": "192.0.2.7", "rbl_site": "rbl.test"})
    assert admission.white and not asked
    assert [(one.place, one.decided) for one in admission.trace] == [("wbl_accept", True)]


def test_the_first_site_that_lists_the_client_decides(tmp_path: Path) -> None:
    admission, asked = admit(
        tmp_path, {"rbl_site": "c.rbl.test, rbl.test, b.rbl.test", "rbl_reply": "go away CLIENT, says SITE"}
    )
    assert admission.refused == "go away 192.0.2.7, says rbl.test" and admission.why == "rbl_site:rbl.test"
    assert asked == ["7.2.0.192.c.rbl.test", "7.2.0.192.rbl.test"]
    assert [(one.element, one.decided) for one in admission.trace] == [("c.rbl.test", False), ("rbl.test", True)]


def test_a_clean_client_passes_and_the_trace_says_what_was_asked(tmp_path: Path) -> None:
    admission, asked = admit(tmp_path, {"rbl_site": "rbl.test"}, client="192.0.2.8")
    assert not admission.refused and not admission.white and len(asked) == 1
    assert admission.trace[0].said == "not listed"


def test_two_groups_ask_a_site_once(tmp_path: Path) -> None:
    (tmp_path / "groups").write_text(
        "rbl_site = rbl.test\n@a@\nmembers = a@ok.test\nrbl_site = rbl.test, b.rbl.test=127.0.0.1\n"
    )
    resolver = RecordingResolver(ZoneResolver(fakedns.parse_zone(ZONE)))
    doorman = Doorman(Mail("Q", "s@x", (), "192.0.2.7", "unknown", b""), resolver, lambda: True)
    for group in load_rav(tmp_path, {}).groups:
        assert asyncio.run(doorman.admit(group)).refused
    assert len(resolver.asked) == 1
