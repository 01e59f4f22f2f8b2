"""copy: a side effect that fails when the store does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.gateway.content.action import Result

Perform = Callable[..., Any]


def test_the_object_is_stored_and_the_mail_is_as_it_was(perform: Perform, mail: bytes) -> None:
    done = perform("copy")
    assert done.result is Result.SIDE_EFFECT and done.stored == {"0-RAVQ-1": b"before VIRUS! after"}
    assert done.rendered == mail and done.said == "stored as 0-RAVQ-1"


def test_a_finding_about_the_mail_stores_the_mail(perform: Perform, mail: bytes) -> None:
    assert list(perform("copy", path="mail").stored.values()) == [mail]


def test_a_store_that_fails_is_a_failure(perform: Perform) -> None:
    done = perform("copy", works=False)
    assert done.result is Result.FAILED and done.said == "the store failed" and not done.state.shelf.kept


def test_signed_mail_can_be_copied(perform: Perform, signed: bytes) -> None:
    assert perform("copy", signed).result is Result.SIDE_EFFECT
