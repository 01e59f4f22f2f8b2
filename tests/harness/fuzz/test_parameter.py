"""parameter: names that Postfix knows, values that main.cf can hold."""

import pytest

from harness.fuzz.parameter import draw_parameters
from harness.fuzz.table import Files
from harness.gateway.parameters import parameter

pytestmark = pytest.mark.slow  # it draws a lot


def test_every_parameter_is_one_of_postfix(draws) -> None:
    made = draws(lambda draw: draw_parameters(draw, Files()), 60)
    names = {name for parameters in made for name in parameters}
    assert len(names) > 60
    assert [name for name in names if parameter(name) is None] == []
    assert not any("\n" in value or "\t" in value for parameters in made for value in parameters.values())
