"""move: stored, then replaced; nothing is replaced that is not stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.gateway.content.action import Result

Perform = Callable[..., Any]


def test_the_object_is_stored_and_warn_txt_stands_in_its_place(perform: Perform) -> None:
    done = perform("move")
    assert done.result is Result.RESOLVED and list(done.stored.values()) == [b"before VIRUS! after"]
    assert b"warn.txt" in done.rendered and b"VIRUS!" not in done.rendered
    assert done.said == "stored as 0-RAVQ-1; warn.txt of 19 bytes"


def test_a_store_that_fails_leaves_the_mail_as_it_was(perform: Perform, mail: bytes) -> None:
    done = perform("move", works=False)
    assert done.result is Result.FAILED and done.said == "the store failed" and done.rendered == mail


def test_what_cannot_be_replaced_is_not_stored(perform: Perform, signed: bytes) -> None:
    for path in ("part0002:a.doc", "mail"):
        done = perform("move", signed, path=path)
        assert done.result is Result.FAILED and not done.stored and done.rendered == signed


def test_a_preamble_is_stored_whole_and_nothing_else_goes(perform: Perform, mail: bytes) -> None:
    data = mail.replace(b"boundary=b\n\n", b"boundary=b\n\nVIRUS! one\ntwo\n", 1)
    done = perform("move", data, path="mail:preamble")
    assert done.result is Result.RESOLVED and list(done.stored.values()) == [b"VIRUS! one\ntwo\n"]
    assert done.rendered.count(b"VIRUS!") == 1 and b"hello" in done.rendered and b"a.doc" in done.rendered
