"""change: what must not change, and by how much; wrong names are corrected."""

from __future__ import annotations

import pytest

from harness.bench.change import parse_change


@pytest.mark.parametrize(
    ("text", "metric", "least"),
    [
        ("latency.eom.p99:+10%", "latency.eom.p99", 0.1),
        ("sessions.rate:-5%", "sessions.rate", -0.05),
        (" gateway.cpu.session : + 2.5 % ".replace(" + ", " +"), "gateway.cpu.session", 0.025),
        ("gateway.rss.max:+200%", "gateway.rss.max", 2.0),
    ],
)
def test_a_figure_a_direction_and_an_amount(text: str, metric: str, least: float) -> None:
    change = parse_change(text)
    assert (change.metric, round(change.least, 6)) == (metric, least)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latency.eom.p98:+10%", "did you mean 'latency.eom.p9"),
        ("session.rate:-5%", "did you mean 'sessions.rate'"),
        ("verdict.mismatch:+1%", "no figure 'verdict.mismatch' that two runs can be compared by"),
        ("sessions.rate:5%", "expects FIGURE:+PERCENT%"),
        ("sessions.rate", "expects FIGURE:+PERCENT%"),
        ("sessions.rate:-0%", "more than 0 %"),
        ("sessions.rate:-100%", "downward less than 100 %"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_change(text)
    assert said in str(raised.value)
