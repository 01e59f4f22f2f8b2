"""command: words as smtpd_token.c cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.command import split_command


@pytest.mark.parametrize(
    ("line", "verb", "words"),
    [
        (b"MAIL FROM:<a@ok.test> SIZE=5", "MAIL", ("MAIL", "FROM:", "<a@ok.test>", "SIZE=5")),
        (b"mail from: <a@ok.test>", "MAIL", ("mail", "from:", "<a@ok.test>")),
        (b"RCPT TO:b@ok.test", "RCPT", ("RCPT", "TO:", "b@ok.test")),
        (b'RCPT TO:<"a b"@ok.test> X=Y', "RCPT", ("RCPT", "TO:", '<"a b"@ok.test>', "X=Y")),
        (b"  EHLO   a  ", "EHLO", ("EHLO", "a")),
        (b"", "", ()),
        (b"NOOP\0hidden", "NOOP", ("NOOP",)),
    ],
)
def test_words(line: bytes, verb: str, words: tuple[str, ...]) -> None:
    command = split_command(line)
    assert (command.verb, command.words) == (verb, words)
    assert command.arguments == words[1:]


def test_a_word_that_never_ends_is_told() -> None:
    assert split_command(b"MAIL FROM:<a@ok.test").unclosed == (2,)


@given(st.binary(max_size=60))
def test_any_line_is_words_and_never_raises(line: bytes) -> None:
    split_command(line)
