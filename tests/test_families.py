"""The 44 attack families of the content engine: each has a scenario, and a benign twin that must pass.

`pytest tests/test_families.py -s` prints how many sessions each has.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FAMILIES = {
    1: "double extension", 2: "right-to-left override", 3: "trailing dots and blanks", 4: "very long name",
    5: "NUL and control characters", 6: "RFC 2231 names", 7: "RFC 2047 in parameters", 8: "name against filename",
    9: "type against magic", 10: "CLSID extension", 11: "alternate data stream", 12: "path in a name",
    13: "nested mail", 14: "message/partial", 15: "message/external-body", 16: "encrypted archive", 17: "archive bomb",
    18: "padding past a limit", 19: "archive in archive", 20: "polyglot", 21: "packed program", 22: "macros",
    23: "RTF objects", 24: "HTML smuggling", 25: "shortcuts", 26: "images of disks", 27: "OneNote", 28: "PDF actions",
    29: "script files", 30: "malformed base64", 31: "transfer encodings", 32: "two boundaries", 33: "boundary tricks",
    34: "payload outside the parts", 35: "line ends", 36: "header abuse", 37: "uuencode", 38: "yEnc", 39: "BinHex",
    40: "TNEF", 41: "dangerous HTML", 42: "cloaked link", 43: "characters in headers", 44: "backscatter",
}  # fmt: skip
FOLDER = Path(__file__).parent.parent / "scenarios" / "content" / "families"


def sessions() -> list[dict[str, object]]:
    return [
        session
        for path in sorted(FOLDER.glob("*.yaml"))
        for session in yaml.safe_load(path.read_text("utf-8"))["sessions"]
    ]


def counted() -> dict[int, tuple[int, int]]:
    """Family -> (attacks, benign twins)."""
    counts = dict.fromkeys(FAMILIES, (0, 0))
    for session in sessions():
        tags = session["tags"]
        assert isinstance(tags, list)
        for tag in tags:
            if tag.startswith("family-"):
                attacks, clean = counts[int(tag[7:])]
                counts[int(tag[7:])] = (attacks, clean + 1) if "clean" in tags else (attacks + 1, clean)
    return counts


@pytest.mark.parametrize("family", FAMILIES, ids=lambda number: f"{number:02}-{FAMILIES[number]}")
def test_each_family_has_an_attack_and_a_benign_twin(family: int) -> None:
    attacks, clean = counted()[family]
    assert attacks and clean
    print(f"\n{family:>2}  {FAMILIES[family]:<28} {attacks:>3} attacks {clean:>2} benign")


def test_every_attack_names_its_twin_and_what_must_be_found() -> None:
    for session in sessions():
        expect = session["expect"]
        assert isinstance(expect, dict) and isinstance(session["tags"], list)
        if "clean" in session["tags"]:
            assert expect["verdict"] == "accept", session["id"]
        elif session["tags"] != ["family-44"]:
            assert session["twin"] and expect["trace"] and expect["deliveries"] == 0, session["id"]
