"""posix_regex: the C library's expressions; those that refer back, in another process, and not for ever."""

from __future__ import annotations

import os
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway import posix_regex
from harness.gateway.posix_regex import EXTENDED, ICASE, Apart, Regex, TooLong, compiled

ENDLESS = rb"(.*)*(.*)*(.*)*x\1\2y"


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (rb"(a)\1", Apart), (rb"\\1", Regex), (rb"\\\1(a)", Apart), (rb"(a)b\0", Regex), (rb"a", Regex), (rb"(x)\9", Apart),
    ],
)  # fmt: skip
def test_only_what_refers_back_is_asked_elsewhere(pattern: bytes, kind: type) -> None:
    try:
        assert type(compiled(pattern, EXTENDED)) is kind
    except ValueError as error:
        assert kind is Apart and str(error) == "Invalid back reference"


@given(
    st.sampled_from([rb"(a*)b\1", rb"((a)|(b))*\1", rb"^(.)(.).*\2\1$", rb"(x)?\1"]),
    st.text("abxA", max_size=12).map(str.encode),
    st.sampled_from([EXTENDED, EXTENDED | ICASE]),
)
def test_the_other_process_finds_the_same(pattern: bytes, key: bytes, flags: int) -> None:
    assert Apart(pattern, flags).find(key) == Regex(pattern, flags).find(key)


def test_what_would_not_end_is_given_up_and_the_next_key_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posix_regex, "LIMIT_S", 0.3)
    expression = Apart(ENDLESS, EXTENDED)
    with pytest.raises(TooLong, match="given up"):
        expression.find(b"a" * 5000 + b"x")
    assert expression.find(b"xy") == Regex(ENDLESS, EXTENDED).find(b"xy")


def test_another_takes_the_place_of_a_process_that_is_gone() -> None:
    expression = Apart(rb"(a)\1", EXTENDED)
    assert expression.find(b"aa") == (b"a",)
    helper = posix_regex._helper(os.getpid())
    helper.send_signal(signal.SIGKILL)
    helper.wait()
    assert expression.find(b"aa") == (b"a",)


def test_a_long_key_goes_through_whole() -> None:
    began = time.process_time()
    assert Apart(rb"^(a)b*\1$", EXTENDED).find(b"a" + b"b" * 200_000 + b"a") == (b"a",)
    assert time.process_time() - began < 1
