"""address: paths as smtpd takes them; the standard library is the witness for quoting."""

from __future__ import annotations

from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.address import parse_path, quote_address, split_address, unquote_address


@pytest.mark.parametrize(
    ("text", "strict", "mailbox"),
    [
        ("<a@ok.test>", True, "a@ok.test"),
        ("<>", True, ""),
        ("a@ok.test", True, None),
        ("a@ok.test", False, "a@ok.test"),
        ("<Joe <a@ok.test>>", True, None),
        ("<@r.test:a@ok.test>", True, "a@ok.test"),
        ("<@a,@b:a@ok.test>", True, "a@ok.test"),
        ('<"a b"@ok.test>', True, "a b@ok.test"),
        ("<joe>", True, "joe"),
        ("<a@[192.0.2.1]>", True, "a@[192.0.2.1]"),
        ("<a@ok.test, b@ok.test>", False, None),
    ],
)
def test_paths(text: str, strict: bool, mailbox: str | None) -> None:
    assert parse_path(text, strict).mailbox == mailbox


def test_a_route_is_kept_apart() -> None:
    assert parse_path("<@r.test:a@ok.test>").route == "@r.test:"


@pytest.mark.parametrize(
    ("internal", "external"),
    [("a@ok.test", "a@ok.test"), ("a b@ok.test", '"a b"@ok.test'), ('a"b@t', '"a\\"b"@t'), ("", ""), ("joe", "joe"),
     ("a..b@t", '"a..b"@t')],
)  # fmt: skip
def test_quoting(internal: str, external: str) -> None:
    assert quote_address(internal) == external
    assert unquote_address(external) == internal


@given(st.text(alphabet='ab.@ "\\<>()', min_size=1, max_size=12))
def test_any_local_part_makes_the_round_trip(local: str) -> None:
    external = quote_address(f"{local}@ok.test")
    assert unquote_address(external) == f"{local}@ok.test"
    assert parse_path(f"<{external}>").mailbox == f"{local}@ok.test"
    if all(c not in local for c in '\\"'):
        assert parseaddr(f"<{external}>")[1].endswith("@ok.test")


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_not_and_never_raises(text: str) -> None:
    parse_path(text)
    parse_path(text, strict=True)
    split_address(text)
