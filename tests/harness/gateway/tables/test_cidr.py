"""cidr: networks in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


TEXT = """\
192.0.2.1      first
!192.0.2.0/24  outside
if 192.0.2.0/25
192.0.2.5      inside
endif
192.0.2.0/24   whole
[2001:db8::]/32 six
"""


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("192.0.2.1", "first"),
        ("198.51.100.1", "outside"),
        ("192.0.2.5", "inside"),
        ("192.0.2.200", "whole"),
        ("2001:db8::1", "six"),
        ("2001:db9::1", None),
        ("mail.ok.test", None),
    ],
)
def test_the_first_match_wins(opened: Open, key: str, expected: str | None) -> None:
    assert value(opened("cidr", TEXT), key) == expected


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("192.0.2.1/24 x", "non-null host address bits"),
        ("192.0.2.0/24", "no lookup result"),
        ("300.1.1.1 x", "bad address"),
        ("endif", "ENDIF without IF"),
    ],
)
def test_a_bad_line_is_skipped_with_a_warning(opened: Open, warned: list[str], line: str, complaint: str) -> None:
    assert value(opened("cidr", f"{line}\n10.0.0.0/8 ok\n"), "10.1.1.1") == "ok"
    assert complaint in warned[0] and "line 1" in warned[0]


def test_rules_can_stand_in_main_cf(opened: Open) -> None:
    assert value(opened("cidr:{{192.0.2.0/24 OK}}"), "192.0.2.9") == "OK"
