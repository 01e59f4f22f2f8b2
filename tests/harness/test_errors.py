"""errors: a complaint says where, what, and the nearest right name."""

from __future__ import annotations

import pytest

from harness.errors import ConfigError, HarnessError, TargetError, UsageError, did_you_mean


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HarnessError("what", file="a.yaml", line=3), "a.yaml:3: what"),
        (HarnessError("what", file="a.yaml"), "a.yaml: what"),
        (HarnessError("what"), "what"),
    ],
)
def test_an_error_prints_its_place_before_what_is_wrong(error: HarnessError, text: str) -> None:
    assert str(error) == text


def test_each_kind_of_error_knows_its_exit_status() -> None:
    assert [kind("x").exit_status for kind in (UsageError, ConfigError, TargetError)] == [2, 3, 4]


def test_a_near_miss_is_answered_with_the_right_name() -> None:
    assert did_you_mean("dnsquery", ["dns_query", "delivery"]) == "; did you mean 'dns_query'?"
    assert did_you_mean("zzz", ["dns_query"]) == ""
