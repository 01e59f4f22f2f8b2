"""group: who is a member."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.gateway.content.rav import load_rav


@pytest.mark.parametrize(
    ("members", "address", "member"),
    [
        ("boss@ok.test", "BOSS@OK.test", True),
        ("boss@ok.test", "boss@ok.test.evil", False),
        ("@ok.test", "anybody@OK.TEST", True),
        ("@ok.test", "x@sub.ok.test", False),
        ("*", "x", True),
        ("a@b, @c.test", "d@c.test", True),
    ],
)
def test_members(tmp_path: Path, members: str, address: str, member: bool) -> None:
    (tmp_path / "groups").write_text(f"@g@\nmembers = {members}\n")
    assert load_rav(tmp_path, {}).groups[0].holds(address) is member
