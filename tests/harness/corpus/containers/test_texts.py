"""texts: a file written as text."""

from __future__ import annotations

import email

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["message", "base64_text", "uuencode", "yenc", "binhex", "tnef"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_the_mail_carries_the_file() -> None:
    name, packed = containers["message"](FILE)
    attachment = email.message_from_bytes(packed).get_payload()[1]
    assert name == "a.eml" and attachment.get_filename() == "a.txt"
    assert attachment.get_payload(decode=True) == FILE[1]


def test_they_are_texts() -> None:
    for word in ("base64_text", "uuencode", "binhex"):
        assert containers[word](FILE)[1].isascii()
