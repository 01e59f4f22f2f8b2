"""test_message - splitting and changing messages."""

from email import message_from_bytes

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway.message import header_line, parse_message

PIECES = st.lists(
    st.sampled_from([b"A: b", b"\n", b" c", b"\t", b":", b"Subject : x", b"\r\n", b"\xff", b"\0", b"--x"])
)


@settings(max_examples=100)
@given(PIECES.map(b"".join))
def test_a_message_is_put_together_as_it_was_taken_apart(data: bytes) -> None:
    assert parse_message(data).to_bytes() == data


def test_logical_headers_keep_their_lines_and_order() -> None:
    message = parse_message(b"Subject : a\n b\nTo: x\nsubject: c\n\nbody\n")
    assert [header.raw for header in message.headers] == [b"Subject : a\n b\n", b"To: x\n", b"subject: c\n"]
    assert message.text("subject") == "a b"
    assert [header.text for header in message.all("Subject")] == ["a b", "c"]


def test_a_line_that_is_no_header_ends_the_headers() -> None:
    message = parse_message(b"A: 1\nno header\nB: 2\n")
    assert (len(message.headers), message.body) == (1, b"no header\nB: 2\n")


def test_well_formed_mail_has_the_headers_that_the_standard_library_sees() -> None:
    data = b"From: a@b\nSubject: one\n two\nX: y\n\nbody\n"
    witness = message_from_bytes(data)
    assert [(h.name, h.value.decode()) for h in parse_message(data).headers] == witness.items()


def test_headers_can_be_added_removed_and_replaced() -> None:
    message = parse_message(b"A: 1\nB: 2\n\nbody")
    assert message.with_first(b"Z: 0\n").with_last(b"C: 3\n").to_bytes() == b"Z: 0\nA: 1\nB: 2\nC: 3\n\nbody"
    assert message.without("a").to_bytes() == b"B: 2\n\nbody"
    assert message.with_replaced("B", lambda header: b"B: two\n").to_bytes() == b"A: 1\nB: two\n\nbody"


def test_no_text_can_smuggle_in_a_header() -> None:
    assert header_line("Subject", "a\r\nBcc: b").count(b"\n") == 1
