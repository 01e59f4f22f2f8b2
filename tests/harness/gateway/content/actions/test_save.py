"""save: the mail as it came, where the section says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.gateway.content.action import Result
from harness.gateway.content.group import Antispam
from harness.gateway.rule import default_rule

Perform = Callable[..., Any]


def section(**values: Any) -> Antispam:
    return Antispam("s", "low", (), default_rule("s"), **values)


@pytest.mark.parametrize(
    ("antispam", "prefix"), [(None, "0-RAVQ"), (section(), "bulk.0-RAVQ"), (section(quarantine="junk"), "junk.0")]
)
def test_the_whole_mail_is_stored(perform: Perform, mail: bytes, antispam: Antispam | None, prefix: str) -> None:
    done = perform("save", antispam=antispam)
    ((name, data),) = done.stored.items()
    assert done.result is Result.SIDE_EFFECT and name.startswith(prefix) and data == mail == done.rendered


def test_a_store_that_fails_is_a_failure(perform: Perform) -> None:
    assert perform("save", works=False, antispam=section()).result is Result.FAILED
