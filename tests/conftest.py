"""conftest - what all tests share: hypothesis profiles, and witnesses that may not be missing in CI."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where every component is said to be there (CI), a witness that was skipped has failed."""
    report = yield
    if report.skipped and item.get_closest_marker("witness") and os.environ.get("GAUNTLET_REQUIRE_WITNESS"):
        report.outcome = "failed"
        report.longrepr = f"a witness may not be skipped here: {report.longrepr}"
    return report
