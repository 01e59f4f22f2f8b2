from __future__ import annotations

from pathlib import Path

import pytest

import fakedns
from harness.errors import ScenarioError
from harness.gateway.direct import now
from harness.gateway.dns import Failed, Found, Missing
from harness.impact.world import World, read_world


def test_zone_files_make_one_world(tmp_path: Path) -> None:
    (tmp_path / "a.zone").write_text("a.test. A 192.0.2.1\n1.2.0.192.in-addr.arpa. PTR a.test.\n")
    (tmp_path / "b.zone").write_text("b.test. MX 10 a.test.\n")
    world = read_world([tmp_path / "a.zone", tmp_path / "b.zone"])
    assert isinstance(now(world.resolver().lookup("b.test", "MX")), Found)
    assert isinstance(now(world.resolver().lookup("nobody.example", "A")), Missing)
    assert world.identify("192.0.2.1").name == "a.test" and world.identify("192.0.2.9").name == "unknown"


def test_a_fault_is_for_its_session() -> None:
    fault = fakedns.Fault("a.test", "any", fakedns.Rcode(2), "one")
    world = World(fakedns.parse_zone("a.test. A 192.0.2.1"), (fault,))
    assert isinstance(now(world.resolver("one").lookup("a.test", "A")), Failed)
    assert isinstance(now(world.resolver("two").lookup("a.test", "A")), Found)
    assert world.faults_of("one") and not world.faults_of("two")


@pytest.mark.parametrize("text", ["a.test. A nonsense\n", None])
def test_a_bad_zone_says_where(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "a.zone").write_text(text)
    with pytest.raises(ScenarioError, match=r"a\.zone"):
        read_world([tmp_path / "a.zone"])
