"""clean: only what somebody wrote down how to clean, and only when nothing is found afterwards."""

from __future__ import annotations

import email
from collections.abc import Callable
from typing import Any

import pytest

from harness.gateway.content.action import Result

Perform = Callable[..., Any]


def test_a_recipe_cleans_and_the_part_stays_what_it_was(perform: Perform) -> None:
    done = perform("clean")
    assert done.result is Result.RESOLVED and done.said == "Test.Macro taken out: 19 -> 19 bytes"
    part = email.message_from_bytes(done.rendered).get_payload()[1]  # type: ignore[index]
    assert part.get_payload(decode=True) == b"before clean! after" and part.get_filename() == "a.doc"  # type: ignore[union-attr]


def test_without_a_recipe_it_fails(perform: Perform) -> None:
    done = perform("clean", virus="Test.Other")
    assert done.result is Result.FAILED and "nothing is known" in done.said and done.rendered == done.state.draft.data


def test_what_else_is_in_there_is_found_again(perform: Perform, mail: bytes) -> None:
    done = perform("clean", mail.replace(b"before", b"OTHER!"))
    assert done.result is Result.FAILED and done.said == "it is still there after cleaning"


def test_a_signed_part_is_not_cleaned(perform: Perform, signed: bytes) -> None:
    assert perform("clean", signed).said == "the part is signed"


def test_a_member_of_a_container_is_not_cleaned_even_where_its_bytes_lie_open(perform: Perform, mail: bytes) -> None:
    inner = mail.replace(b"application/msword", b"message/rfc822").replace(b"before", b"Subject: x\n\nbefore")
    member = next(
        part for part in perform("ignore", inner).state.draft.unpacked.parts if part.depth and b"VIRUS!" in part.data
    )
    done = perform("clean", inner, path=member.path)
    assert done.result is Result.FAILED and done.said == "the object is inside a container" and done.rendered == inner


@pytest.mark.parametrize("path", ["mail", "mail:preamble"])
def test_only_a_file_can_be_cleaned(perform: Perform, mail: bytes, path: str) -> None:
    data = mail.replace(b"boundary=b\n\n", b"boundary=b\n\nVIRUS!\n", 1)
    assert perform("clean", data, path=path).result is Result.FAILED
