"""`gauntlet impact` asks a real Postfix and hears what direct mode says: the slow truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.target import targets

pytestmark = pytest.mark.witness

ROOT = Path(__file__).parents[2]
OLD, NEW = (str(ROOT / "corpus" / "gateways" / name) for name in ("paper-2003-as-meant", "paper-2003"))


def fates(tmp_path: Path, *options: str) -> list[dict[str, Any]]:
    rows = tmp_path / "rows.jsonl"
    assert main(["impact", OLD, NEW, "--corpus", str(tmp_path / "some.mix"), "--jsonl", str(rows), *options]) == 0
    return [json.loads(line) for line in rows.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("target", ["reference", "postfix"])
def test_the_wire_says_what_direct_mode_says(target: str, tmp_path: Path) -> None:
    if missing := targets[target]().missing():
        pytest.skip(missing)
    # Without infected mail: a real Postfix has no content engine.
    mix = (ROOT / "corpus" / "mixes" / "paper.mix").read_text()
    mix = mix.replace("sessions: 10000", "sessions: 40").replace("infected: 1", "infected: 0")
    (tmp_path / "some.mix").write_text(mix)
    quick, slow = fates(tmp_path), fates(tmp_path, "--target", target)
    told = (
        "id",
        "old_verdict",
        "new_verdict",
        "old_code",
        "new_code",
        "old_phase",
        "new_phase",
        "old_refused",
        "new_refused",
    )
    assert [[row[name] for name in told] for row in slow] == [[row[name] for name in told] for row in quick]
    assert sum(row["changed"] for row in slow) > 10 and len(slow) == 40
