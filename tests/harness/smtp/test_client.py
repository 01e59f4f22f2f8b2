"""client: replies out of bytes, however they come and however odd they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.reply import Reply, reply


def replies(*pieces: bytes) -> list[Reply]:
    connection = ClientConnection()
    made = []
    for piece in pieces:
        connection.receive(piece)
        while (one := connection.next_reply()) is not None:
            made.append(one)
    return made


def test_lines_become_replies() -> None:
    made = replies(b"220 hi\r\n250-gw\r\n250-SIZE 100\r\n250 DSN\r\n554 5.7.1 no\r\n")
    assert made == [reply(220, "", "hi"), reply(250, "", "gw", "SIZE 100", "DSN"), reply(554, "5.7.1", "no")]


def test_odd_replies_are_kept() -> None:
    assert replies(b"what?\r\n") == [Reply(0, "", ("what?",))]
    assert replies(b"250 lf only\n")[0].text == "lf only"
    assert replies(b"250\r\n") == [reply(250, "", "")]


def test_what_is_not_complete_stays() -> None:
    connection = ClientConnection()
    connection.receive(b"250-a\r\n250")
    assert connection.next_reply() is None and connection.pending
    assert connection.rest() == b"250-a\r\n250"


@given(
    st.lists(st.sampled_from([b"250 ok\r\n", b"250-x\r\n", b"554 5.7.1 no\r\n", b"?\r\n"]), max_size=8),
    st.integers(1, 7),
)
def test_any_split_makes_the_same_replies(parts: list[bytes], step: int) -> None:
    wire = b"".join(parts)
    assert replies(wire) == replies(*(wire[at : at + step] for at in range(0, len(wire), step)))


def test_keywords_of_an_ehlo_reply() -> None:
    said = ehlo_keywords(reply(250, "", "gw", "SIZE 100", "pipelining", "AUTH=LOGIN"))
    assert said == {"SIZE": "100", "PIPELINING": "", "AUTH": "LOGIN"}
    assert ehlo_keywords(reply(500, "", "no")) == {}


def test_digits_of_other_scripts_are_text() -> None:
    connection = ClientConnection()
    connection.receive("\u00b2\u00b2\u00b2 hello\r\n".encode())
    got = connection.next_reply()
    assert got is not None and (got.code, got.lines) == (0, ("\u00b2\u00b2\u00b2 hello",))
