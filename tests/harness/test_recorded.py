"""recorded: connections of mail logs in both stamps, and of JSON Lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import arrivals_of

LOG = """Dec 31 23:59:59 mx postfix/smtpd[1]: connect from a.test[192.0.2.1]
Dec 31 23:59:59 mx postfix/smtpd[1]: connect from b.test[192.0.2.2]
Dec 31 23:59:59 mx postfix/smtpd[1]: disconnect from a.test[192.0.2.1]
Jan  1 00:00:01 mx postfix/submission/smtpd[2]: connect from c.test[192.0.2.3]
Jan  1 00:00:02 mx postfix/smtp[2]: connect from nowhere
"""
ISO = """2026-11-28T10:00:00.250000+00:00 mx postfix/smtpd[1]: connect from a.test[192.0.2.1]
2026-11-28T11:00:00.750000+01:00 mx postfix/postscreen[1]: CONNECT from [192.0.2.2]:1 to [192.0.2.3]:25
"""
ROWS = '{"at": 100.5}\n{"time": "1970-01-01T00:01:41Z"}\n{"timestamp": 103}\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (LOG, (0, 0.5, 2)),
        (ISO, (0, 0.5)),
        (ROWS, (0, 0.5, 2.5)),
        (ROWS[::-1][:0] + '{"at": 2}\n{"at": 1.5}\n', (0, 0.5)),
    ],
)
def test_when_they_came(tmp_path: Path, text: str, wanted: tuple[float, ...]) -> None:
    (tmp_path / "log").write_text(text)
    assert arrivals_of("replay log", tmp_path).numbers == wanted
    assert arrivals_of(" replay log x2", tmp_path).numbers == tuple(time / 2 for time in wanted)


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        ("", "replay log", "nobody connects in it"),
        ("", "replay gone", "gone: No such file"),
        (LOG, "replay log x0", "more than 0"),
        ('{"at": 1}\n{"a": 1}\n', "replay log", "log:2: expects a time as 'at'"),
        ('{"at": "noon"}\n', "replay log", "log:1: Invalid isoformat"),
        ("{\n", "replay log", "log:1: Expecting"),
        ("", "replays log", "expects constant R/s"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, text: str, said: str) -> None:
    (tmp_path / "log").write_text(content)
    with pytest.raises(ValueError) as raised:
        arrivals_of(text, tmp_path)
    assert said in str(raised.value)


def test_other_arrivals_are_what_they_are(tmp_path: Path) -> None:
    assert arrivals_of("poisson 5/s", tmp_path).shape == "poisson"
