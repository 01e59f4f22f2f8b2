"""test_tokens - structured headers as Postfix cuts them."""

from harness.gateway.cleanup.tokens import clauses, first_token


def test_clauses_have_their_words_without_comments_and_quotes() -> None:
    found = [
        [token.value for token in clause] for clause in clauses(b' multipart/mixed (c(d)e); boundary="a\\"b\n c"; x')
    ]
    assert found == [[b"multipart", b"/", b"mixed"], [b"boundary", b"=", b'a"b c'], [b"x"]]


def test_the_first_token_of_nothing_is_none() -> None:
    assert first_token(b" (all comment") is None
