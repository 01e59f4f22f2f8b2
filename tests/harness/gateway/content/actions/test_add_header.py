"""add_header: the section's header, once."""

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
    ("extra_header", "line"),
    [("X-Spam: yes", b"X-Spam: yes\n"), ("very likely", b"X-RAV-Bulk: very likely\n"), ("", b"X-RAV-Bulk: <bulk_header>\n"),
     ("X-A: b\nX-B: c", b"X-A: b X-B: c\n")],
)  # fmt: skip
def test_the_header_is_one_line_below_the_others(perform: Perform, mail: bytes, extra_header: str, line: bytes) -> None:
    done = perform("add_header", antispam=section(extra_header=extra_header))
    assert done.result is Result.SIDE_EFFECT and done.rendered == mail.replace(b"\n\n", b"\n" + line + b"\n", 1)
    again = perform("add_header", done.rendered, antispam=section(extra_header=extra_header))
    assert again.rendered == done.rendered
