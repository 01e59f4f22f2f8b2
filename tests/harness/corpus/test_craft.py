"""craft: a word, a content, a mail."""

from __future__ import annotations

import email

import pytest

from harness.corpus.craft import crafted, crafts
from harness.errors import ScenarioError


def test_the_plain_one_is_read_by_anybody() -> None:
    text, attachment = email.message_from_bytes(crafted("plain", b"content")).get_payload()
    assert text.get_content_type() == "text/plain"
    assert (attachment.get_filename(), attachment.get_payload(decode=True)) == ("letter.doc", b"content")


def test_an_unknown_word_is_told() -> None:
    with pytest.raises(ScenarioError, match="no crafted mail 'plian'; did you mean 'plain'"):
        crafted("plian", b"")


@pytest.mark.parametrize("word", list(crafts))
def test_every_one_is_a_mail_and_the_same_at_every_run(word: str) -> None:
    mail = crafts[word](b"content")
    assert mail == crafts[word](b"content") and mail.startswith(b"From: <sender@ok.test>\r\n")
