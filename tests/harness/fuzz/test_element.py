"""element: every word, in every list."""

import pytest

from harness.fuzz.element import draw_lists, words_of
from harness.fuzz.table import Files
from harness.fuzz.vocabulary import LISTS, RESTRICTIONS

pytestmark = pytest.mark.slow  # it draws a lot


def test_every_word_is_drawn_and_every_list_filled(draws) -> None:
    made = draws(lambda draw: draw_lists(draw, Files()), 300)
    assert words_of([value for lists in made for value in lists.values()]) == set(RESTRICTIONS)
    assert {name for lists in made for name, value in lists.items() if value} >= set(LISTS)


def test_nearly_every_configuration_refuses_strangers(draws) -> None:
    made = draws(lambda draw: draw_lists(draw, Files()), 40)
    assert (
        sum("reject" in lists["smtpd_relay_restrictions"] + lists["smtpd_recipient_restrictions"] for lists in made)
        > 25
    )
