"""threshold: the grammar, the units, and that a figure nobody measured is no pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.threshold import METRICS, Threshold, parse_threshold, shown


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("latency.eom.p99 < 250ms", Threshold("latency.eom.p99 < 250ms", "latency.eom.p99", "<", 0.25)),
        ("sessions.rate >= 195/s", Threshold("sessions.rate >= 195/s", "sessions.rate", ">=", 195)),
        ("verdict.mismatch == 0", Threshold("verdict.mismatch == 0", "verdict.mismatch", "==", 0)),
        ("gateway.rss.max<300MiB", Threshold("gateway.rss.max<300MiB", "gateway.rss.max", "<", 300 * 2**20)),
        ("gateway.cpu <= 80%", Threshold("gateway.cpu <= 80%", "gateway.cpu", "<=", 0.8)),
        ("errors.timeout != 1", Threshold("errors.timeout != 1", "errors.timeout", "!=", 1)),
        (
            "messages.rate >= 0.5 * baseline.messages.rate",
            Threshold("messages.rate >= 0.5 * baseline.messages.rate", "messages.rate", ">=", 0.5, "baseline.messages.rate"),
        ),
        (
            "latency.mail.p50 < latency.rcpt.p50",
            Threshold("latency.mail.p50 < latency.rcpt.p50", "latency.mail.p50", "<", 1.0, "latency.rcpt.p50"),
        ),
    ],
)  # fmt: skip
def test_what_may_be_written(text: str, made: Threshold) -> None:
    assert parse_threshold(text) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latency.eom.p98 < 1s", "did you mean 'latency.eom.p9"),
        ("sesions.rate > 1", "did you mean 'sessions.rate'"),
        ("sessions.rate > 2 * baseline.mesages.rate", "did you mean 'messages.rate'"),
        ("latency.eom.p99 < 250mss", "no unit 'mss'; did you mean 'ms'?"),
        ("latency.eom.p99", "expects FIGURE < NUMBER"),
        ("sessions.rate => 3", "expects FIGURE < NUMBER"),
        ("sessions.rate > -3", "expects FIGURE < NUMBER"),
    ],
)
def test_what_may_not(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:  # the text is looked at below
        parse_threshold(text)
    assert said in str(error.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_threshold(text).metric
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "figures", "met"),
    [
        ("sessions.rate >= 10/s", {"sessions.rate": 10.0}, True),
        ("sessions.rate > 10/s", {"sessions.rate": 10.0}, False),
        ("sessions.rate > 10/s", {}, None),
        ("sessions.rate >= 0.5 * baseline.sessions.rate", {"sessions.rate": 5.0, "baseline.sessions.rate": 10.0}, True),
        ("sessions.rate >= 0.6 * baseline.sessions.rate", {"sessions.rate": 5.0, "baseline.sessions.rate": 10.0}, False),
        ("sessions.rate >= 0.6 * baseline.sessions.rate", {"sessions.rate": 5.0}, None),
    ],
)  # fmt: skip
def test_a_limit_is_held_or_broken_or_nobody_knows(text: str, figures: dict[str, float], met: bool | None) -> None:
    assert parse_threshold(text).met(figures) is met


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("latency.eom.p99", 0.0125, "12.50 ms"),
        ("latency.eom.p99", 12.5, "12.5 s"),
        ("gateway.rss.max", 3 * 2**20, "3.0 MiB"),
        ("bytes.rate", 2**20, "1.0 MiB/s"),
        ("baseline.sessions.rate", 1234.5, "1234/s"),
        ("gateway.cpu", 0.5, "50%"),
        ("verdict.mismatch", 3, "3"),
    ],
)
def test_figures_as_people_read_them(name: str, value: float, text: str) -> None:
    assert shown(name, value) == text


@pytest.mark.parametrize("name", METRICS)
def test_every_listed_figure_may_be_named(name: str) -> None:
    assert parse_threshold(f"{name} >= 0").metric == name
