"""refuses: a configuration that stops the gateway, and the reason it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import ScenarioError
from harness.expectations.refuses import RefusesExpectation
from harness.observation import Observation


@pytest.mark.parametrize(
    ("refused", "met"),
    [
        ("bad boolean configuration: soft_bounce = maybe", True),
        ("open /etc/postfix/main.cf: No such file", False),
        (None, False),
    ],
)
def test_it_must_be_that_reason(whole: Observation, refused: str | None, met: bool) -> None:
    (finding,) = RefusesExpectation.of("/bad boolean .*maybe/", "refuses").check(None, replace(whole, refused=refused))
    assert finding.met is met
    assert refused is not None or finding.seen == "it started"


@pytest.mark.parametrize("value", [True, "", ["x"], "/(/"])
def test_what_is_no_reason_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        RefusesExpectation.of(value, "refuses")
