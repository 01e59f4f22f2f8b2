"""pflogsumm: the form of the report; that its figures are pflogsumm's own is for tests/witness/test_pflogsumm.py."""

from __future__ import annotations

from datetime import date

from harness.reports.pflogsumm import pflogsumm

TODAY = date(2026, 3, 1)


def made(*lines: str) -> str:
    return pflogsumm(lines, TODAY)


def test_a_log_of_nothing_is_all_zeros() -> None:
    report = made()
    assert (
        "      0   received\n" in report and "\nSenders by message count: none\n" in report and "Per-Day" not in report
    )
    assert report.count("    0000-0100  " + "         0 " * 5 + "\n") == 1


def test_sizes_are_scaled_and_ranked() -> None:
    lines = []
    for number, size in enumerate((100, 600_000, 800_000_000)):
        lines += [
            f"Feb  3 09:00:00 gw postfix/smtpd[1]: A{number}: client=m[192.0.2.1]",
            f"Feb  3 09:00:00 gw postfix/qmgr[1]: A{number}: from=<{number}@b.test>, size={size}, nrcpt=1",
        ]
    report = made(*lines)
    size = report[report.index("Senders by message size") :]
    assert [line.split() for line in size.splitlines()[2:5]] == [
        ["762m", "2@b.test"],
        ["585k", "1@b.test"],
        ["100", "0@b.test"],
    ]


def test_a_stamp_of_a_month_to_come_is_last_year_s() -> None:
    report = made(*(f"{day} 09:00:00 gw postfix/smtpd[1]: A1: client=m[192.0.2.1]" for day in ("Dec 31", "Jan  1")))
    assert "    Dec 31 2025         1 \n    Jan  1 2026         1 \n" in report and "Daily Average" in report


def test_details_are_nested_and_counted() -> None:
    line = "Feb  3 09:00:00 gw postfix/smtpd[1]: NOQUEUE: reject: RCPT from {}: 554 5.7.1 Service unavailable; Client host [x] blocked using rbl.test; from=<a> to=<b>"
    report = made(
        *[line.format("a.com[192.0.2.1]")] * 2, line.format("unknown[10.0.0.1]"), line.format("unknown[9.0.0.1]")
    )
    detail = report[report.index("message reject detail") :].splitlines()[2:7]
    assert detail == [
        "  RCPT",
        "    blocked using rbl.test (total: 4)",
        "           2   a.com",
        "           1   9.0.0.1",
        "           1   10.0.0.1",
    ]
    assert "      4   rejected (100%)" in report
