"""forward: to everybody the section names, once."""

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


def test_each_address_once(perform: Perform, mail: bytes) -> None:
    done = perform("forward", antispam=section(forward_to=("a@x.test", "b@x.test", "a@x.test")))
    assert (
        done.result is Result.SIDE_EFFECT and done.state.forwards == ["a@x.test", "b@x.test"] and done.rendered == mail
    )


@pytest.mark.parametrize("antispam", [None, section()])
def test_without_an_address_it_fails(perform: Perform, antispam: Antispam | None) -> None:
    assert perform("forward", antispam=antispam).result is Result.FAILED
