"""rename: .vir behind the name, in one spelling, the content as it was."""

from __future__ import annotations

import email
from collections.abc import Callable
from typing import Any

import pytest

from harness.gateway.content.action import Result

Perform = Callable[..., Any]


@pytest.mark.parametrize(
    ("written", "name"),
    [(b'filename="a.doc"', "a.doc.vir"), (b"filename*=utf-8''gr%C3%B6%C3%9Fe.exe", "größe.exe.vir"),
     (b"filename*=utf-8''annex%E2%80%AEfdp.exe", "annex_fdp.exe.vir"), (b'filename="=?utf-8?q?x=2Eexe?="', "x.exe.vir"),
     (b'filename="..\\\\x.exe"', ".._x.exe.vir")],
)  # fmt: skip
def test_every_spelling_of_a_name_becomes_one_that_nothing_runs(
    perform: Perform, mail: bytes, written: bytes, name: str
) -> None:
    data = mail.replace(b'filename="a.doc"', written).replace(b'; name="a.doc"', b"; name=other.exe")
    unpacked = perform("ignore", data).state.draft.unpacked
    done = perform("rename", data, path=unpacked.parts[1].path)
    assert done.result is Result.RESOLVED and done.said == f"now {name}"
    part = email.message_from_bytes(done.rendered).get_payload()[1]  # type: ignore[index]
    assert part.get_filename() == name and part.get_content_type() == "application/octet-stream"  # type: ignore[union-attr]
    assert part.get_payload(decode=True) == b"before VIRUS! after" and b"other.exe" not in done.rendered  # type: ignore[union-attr]


def test_without_a_name_or_under_a_signature_it_fails(perform: Perform, signed: bytes) -> None:
    done = perform("rename", path="part0001")
    assert done.result is Result.FAILED and done.said == "it has no name in the mail"
    assert perform("rename", signed).said == "the part is signed"
    assert perform("rename", path="mail").result is Result.FAILED


def test_a_very_long_name_is_cut(perform: Perform, mail: bytes) -> None:
    data = mail.replace(b"a.doc", b"x" * 240 + b".exe")
    path = perform("ignore", data).state.draft.unpacked.parts[1].path
    assert perform("rename", data, path=path).said == "now " + "x" * 200 + ".vir"
