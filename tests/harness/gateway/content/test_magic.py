"""magic: what the first bytes say."""

from __future__ import annotations

import pytest

from harness.corpus.container import containers
from harness.corpus.program import program
from harness.gateway.content.magic import container_of, kind_of, looks_like_mail, windows_program


@pytest.mark.parametrize("word", ["zip", "7z", "rar", "cab", "tar", "iso", "cpio", "ar", "arj", "tnef", "onenote"])
def test_containers_are_known(word: str) -> None:
    assert container_of(containers[word](("a", b"x" * 100))[1]) == word


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (program(), "pe"),
        (b"MZ is two letters", ""),
        (b"%PDF-1.4", "pdf"),
        (b"GIF89a", "gif"),
        (b"hello", ""),
        (b"", ""),
    ],
)
def test_kinds(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


def test_a_header_must_point_to_the_other() -> None:
    assert windows_program(program()) == "PE" and not windows_program(program()[:128])
    assert windows_program(b"x" * 10 + program(), 10) == "PE"


def test_a_mail_needs_a_mime_field() -> None:
    assert looks_like_mail(b"Subject: x\nContent-Type: text/plain\n\n") and not looks_like_mail(b"Subject: x\n\n")
