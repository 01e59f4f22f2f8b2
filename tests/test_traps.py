"""docs/traps.md and the scenarios speak of the same traps: each of the 49 has a session that would notice."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from harness.load import find_scenarios, load

ROOT = Path(__file__).parents[1]
TRAPS = {int(number) for number in re.findall(r"^(\d+)\. ", (ROOT / "docs/traps.md").read_text("utf-8"), re.MULTILINE)}


def test_49_of_49_traps_have_a_session_that_real_postfix_is_asked_too() -> None:
    sessions = defaultdict(list)
    for file in find_scenarios([ROOT / "scenarios" / folder for folder in ("smtp", "policy", "cleanup")]):
        if b"trap-" not in file.read_bytes():
            continue
        loaded = load(file)
        scenario = loaded.scenario(loaded.cells[0])
        assert not scenario.targets, f"{file}: a trap holds on every target"
        of_all = [scenario.tags] if "refuses" in scenario.after else []
        for tags in (*of_all, *(session.tags for session in scenario.sessions if session.expect)):
            for tag in tags:
                if tag.startswith("trap-"):
                    sessions[int(tag.removeprefix("trap-"))].append(file.name)
    assert set(range(1, 50)) == TRAPS
    assert set(sessions) == TRAPS, f"without a session: {sorted(TRAPS - set(sessions))}"
