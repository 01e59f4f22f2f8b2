"""deliver: delivers as it is by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.gateway.content.action import Result


def test_it_always_ends_the_chain_and_changes_nothing(perform: Callable[..., Any], mail: bytes) -> None:
    done = perform("deliver", works=False)
    assert (done.result, done.said) == (Result.RESOLVED, "delivered")
    assert done.rendered == mail and not done.stored and not done.state.forwards
