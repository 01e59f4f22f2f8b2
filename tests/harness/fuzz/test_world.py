"""world: what is drawn is a world that a scenario can declare."""

from harness.fuzz.case import Case
from harness.fuzz.world import SHAPES, draw_world


def test_every_world_can_be_planned(draws) -> None:
    for world in draws(draw_world, 10):
        Case(zone=world.zone, rbl=world.rbl, faults=world.faults).document()
        assert all(set(listed) for listed in world.rbl.values())


def test_shapes_cover_the_answers_of_dns() -> None:
    assert {"absent", "broken", "no mail", "alias", "backup"} <= set(SHAPES)
