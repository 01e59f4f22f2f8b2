"""embed: the mail below a text."""

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


@pytest.mark.parametrize(("embedded_msg", "text"), [("see below", b"see below"), ("", b"<bulk_embedded>")])
def test_the_original_goes_along_whole(perform: Perform, mail: bytes, embedded_msg: str, text: bytes) -> None:
    done = perform("embed", antispam=section(embedded_msg=embedded_msg))
    assert done.result is Result.SIDE_EFFECT and mail in done.rendered and b"\n\n" + text + b"\n--" in done.rendered
