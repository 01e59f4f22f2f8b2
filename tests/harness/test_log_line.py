"""log_line: both stamps, every program's form, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.log_line import read_lines


def one(line: str) -> tuple[int, int, int, str, str]:
    (read,) = read_lines([line])
    return read.month, read.day, read.hour, read.program, read.about


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Nov  4 05:20:48 gw postfix/smtpd[412]: 4F2A: client=x[192.0.2.1]\n", (10, 4, 5, "smtpd", "4F2A")),
        ("2026-02-03T09:00:00.123+01:00 gw postfix/qmgr[1]: 4F2A: removed", (1, 3, 9, "qmgr", "4F2A")),
        ("2026-02-03T09:00:00Z gw postfix/master[1]: daemon started", (1, 3, 9, "master", "daemon")),
        ("Nov 24 15:20:48 gw postfix/submission/smtpd[2]: connect from x", (10, 24, 15, "smtpd", "connect")),
        (
            "Nov 24 15:20:48 gw postfix/smtpd[2]: [ID 197553 mail.info] NOQUEUE: reject: RCPT",
            (10, 24, 15, "smtpd", "NOQUEUE"),
        ),
        ("Nov 24 15:20:48 gw postfix-script[2]: fatal: no", (10, 24, 15, "postfix-script", "fatal")),
        ("Nov 24 15:20:48 gw ravmd[2]: 4F2A: client=x", (10, 24, 15, "ravmd", "4F2A")),
    ],
)
def test_lines(line: str, parts: tuple[int, int, int, str, str]) -> None:
    assert one(line) == parts


def test_what_a_program_says() -> None:
    (read,) = read_lines(["Nov 24 15:20:48 gw postfix/smtpd[2]: warning: a: b"])
    assert read.text == "warning: a: b" and read.whole == "postfix/smtpd[2]: warning: a: b"


@pytest.mark.parametrize("line", ["", "x", "Nov 24 15:20 gw postfix/smtpd[1]: x: y", "Foo 24 15:20:48 gw postfix/smtpd[1]: x: y",
                                  "Nov 24 15:20:48 gw dovecot: x: y", "Nov 24 15:20:48 gw postfix/smtpd[1]: "])  # fmt: skip
def test_other_lines_are_passed_over(line: str) -> None:
    assert list(read_lines([line])) == []


@given(st.lists(st.text()))
def test_any_text_is_read(lines: list[str]) -> None:
    list(read_lines(lines))
