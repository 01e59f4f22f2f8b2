"""add_subject: the section's mark before the subject."""

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


@pytest.mark.parametrize(("extra_subject", "mark"), [("[SPAM]", b"[SPAM]"), ("", b"<bulk_subject>")])
def test_the_subject_is_marked_once(perform: Perform, mail: bytes, extra_subject: str, mark: bytes) -> None:
    done = perform("add_subject", antispam=section(extra_subject=extra_subject))
    assert done.result is Result.SIDE_EFFECT and done.rendered == mail.replace(
        b"Subject: hi", b"Subject: " + mark + b" hi"
    )
    again = perform("add_subject", done.rendered, antispam=section(extra_subject=extra_subject))
    assert again.rendered == done.rendered
