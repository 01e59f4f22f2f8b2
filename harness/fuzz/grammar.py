"""grammar - draw a whole case: a configuration, the DNS around it, and sessions that meet both."""

from __future__ import annotations

from hypothesis import strategies as st

from harness.fuzz.case import Case
from harness.fuzz.draw import Draw
from harness.fuzz.element import draw_lists
from harness.fuzz.parameter import draw_parameters
from harness.fuzz.session import draw_visit
from harness.fuzz.table import Files
from harness.fuzz.world import draw_world


@st.composite
def cases(draw: Draw, sessions: int) -> Case:
    """A configuration with so many sessions."""
    files = Files()
    world = draw_world(draw)
    lists = draw_lists(draw, files)
    parameters = draw_parameters(draw, files)
    visits = tuple(draw_visit(draw, number) for number in range(1, sessions + 1))
    return Case({**parameters, **lists}, files.lines, world.zone, world.rbl, world.faults, visits)
