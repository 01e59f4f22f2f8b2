"""utf7: brackets in another spelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]


@pytest.mark.parametrize("text", ["<p>hi</p>", "1 + 1 = 2 <b>", "<ü>"])
def test_read_as_utf_8(take_apart: TakeApart, text: str) -> None:
    written = text.replace("+", "+-").replace("<", "+ADw-").replace("ü", "+APw-").encode("ascii")
    (member,) = take_apart("utf7", written, "a.html", "text/html")
    assert isinstance(member, Member)
    assert (member.data.decode(), member.name, member.type) == (text, "a.html", "text/html")


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", "text/html"), (b"a + b", "text/html"), (b"+ADw-", "image/gif"), (b"+ADw-\xff", "text/html")],
)
def test_nothing_else_is(data: bytes, kind: str) -> None:
    assert not archives["utf7"].recognises(Part("p", data, type=kind))


def test_what_is_no_utf_7_does_not_stop_it(take_apart: TakeApart) -> None:
    (member,) = take_apart("utf7", b"+ADw-script+AD4- +////! +", "a.html", "text/html")
    assert isinstance(member, Member) and member.data.startswith(b"<script>")
