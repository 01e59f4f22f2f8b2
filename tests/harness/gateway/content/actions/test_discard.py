"""discard: ends the mail, and nobody learns of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.gateway.content.action import Result


def test_it_always_ends_the_chain_and_changes_nothing(perform: Callable[..., Any], mail: bytes) -> None:
    done = perform("discard", works=False)
    assert (done.result, done.said) == (Result.DISCARD, "the mail is thrown away")
    assert done.rendered == mail and not done.stored and not done.state.forwards
