"""The 44 attack families of the content engine: each has a scenario, and a benign twin that must pass.

`gauntlet run scenarios/content/families` says how many it has tried; docs/formats.md has the list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.corpus.attack import FAMILIES, Tried, tried

FOLDER = Path(__file__).parent.parent / "scenarios" / "content" / "families"


def sessions() -> list[dict[str, Any]]:
    return [
        session
        for path in sorted(FOLDER.glob("*.yaml"))
        for session in yaml.safe_load(path.read_text("utf-8"))["sessions"]
    ]


def counted() -> dict[int, Tried]:
    return tried(session["tags"] for session in sessions())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda number: f"{number:02}-{FAMILIES[number]}")
def test_each_family_has_an_attack_and_a_benign_twin(family: int) -> None:
    assert counted()[family].whole


def test_every_attack_names_its_twin_and_what_must_be_found() -> None:
    for session in sessions():
        expect = session["expect"]
        if "clean" in session["tags"]:
            assert expect["verdict"] == "accept", session["id"]
        elif session["tags"] != ["family-44"]:
            assert session["twin"] and expect["trace"] and expect["deliveries"] == 0, session["id"]
