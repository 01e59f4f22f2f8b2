"""pages: HTML that does something, and HTML that only shows."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest

from harness.gateway.content.finding import Finding

Look = Callable[..., list[Finding]]


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {type}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (b"<html><iframe src=cid:1>", "Html.Iframe"), (b"<html><OBJECT classid=x>", "Html.Object"), (b"<html><embed src=x>", "Html.Object"),
        (b"<html><form action=x><input type='password'>", "Html.Form"), (b"<html><form action=x><input name=q>", ""),
        (b"<html><script>x=URL.createObjectURL(new Blob([1]))</script>", "Html.Smuggling"), (b"<html><script>alert(1)</script>", ""),
        (b"<html><meta http-equiv=refresh content='0;url=data:text/html,x'>", "Html.Refresh"),
        (b"<html><meta http-equiv=refresh content='0;url=http://ok.test'>", ""),
        (b"<html><a href='http://evil.test/'>http://bank.test/</a>", "Link.Cloaked"), (b"<html><a href=http://evil.test/>www.bank.test</a>", "Link.Cloaked"),
        (b"<html><a href='http://evil.test/'><b>http://</b>bank.test</a>", "Link.Cloaked"), (b"<html><a href='http://evil.test/'>our bank</a>", ""),
        (b"<html><a href='http://a.bank.test/'>http://bank.test/</a>", ""), (b"<html><a href='http://bank.co.uk/'>www.shop.co.uk</a>", "Link.Cloaked"),
        (b"<html><a href='mailto:a@b.test'>www.bank.test</a>", ""), (b"<html><a href='http://3405803785/'>www.bank.test</a>", "Link.Cloaked"),
        (b"<html><a href='http://[::1'>www.bank.test</a>", ""),
    ],
)  # fmt: skip
def test_an_attached_page(look: Look, page: bytes, found: str) -> None:
    assert [finding.name for finding in look(attached("page.html", page))] == ([found] if found else [])


@pytest.mark.parametrize(
    ("page", "found"),
    [(b"<html><script>1</script>", "Html.Script"), (b"<html><img src=x onerror='y'>", "Html.Script"), (b"<html><a href=javascript:x>y</a>", "Html.Script"),
     (b"<html><p>hello</p><img src=http://ok.test/1.gif width=1 height=1>", "")],
)  # fmt: skip
def test_the_text_of_a_mail(look: Look, page: bytes, found: str) -> None:
    mail = b"Content-Type: text/html\n\n" + page
    assert [finding.name for finding in look(mail)] == ([found] if found else [])


@pytest.mark.parametrize(
    "piece",
    [
        b"<a href=",
        b"<iframe ",
        b"<a ",
        b"<form <input type=",
        b'<a href="http://a.test/">',
        b"<meta http-equiv=refresh ",
        b"&#",
    ],
)
def test_hostile_pages_take_linear_time(look: Look, piece: bytes) -> None:
    begin = time.process_time()
    look(attached("page.html", b"<html>" + piece * (600_000 // len(piece))))
    assert time.process_time() - begin < 3


def test_links_of_nothing_but_brackets_cost_no_time(look: Look) -> None:
    begin = time.process_time()
    look(attached("page.html", b"<html>" + (b"<a href='http://a.test/'>" + b"<" * 4000 + b"</a>") * 700))
    assert time.process_time() - begin < 3


def test_a_picture_has_no_business_with_scripts(look: Look) -> None:
    head = b"Content-Type: image/svg+xml; name=a.svg\n\n"
    assert "Html.Script" in [one.name for one in look(head + b'<svg onload="go()"><path/></svg>\n')]
    assert not look(head + b"<svg><path d='M0 0'/></svg>\n")
