"""draw: the few ways to choose."""

from harness.fuzz.draw import chance, pick, several, weighted


def test_choices_stay_among_what_is_offered(draws) -> None:
    assert set(draws(lambda draw: pick(draw, "abc"), 50)) == set("abc")
    assert set(draws(lambda draw: weighted(draw, {"often": 9, "seldom": 1}), 80)) == {"often", "seldom"}


def test_chance_is_about_what_it_says(draws) -> None:
    assert not any(draws(lambda draw: chance(draw, 0), 20))
    assert all(draws(lambda draw: chance(draw, 100), 20))


def test_several_are_all_different(draws) -> None:
    for chosen in draws(lambda draw: several(draw, range(6), 2, 4), 40):
        assert 2 <= len(chosen) == len(set(chosen)) <= 4
