"""server: any bytes, in any split, make the same events; the malformed ends of data end what Postfix ends."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.smtp.data import mend_start, read_content
from harness.smtp.events import (
    BareNewline,
    ChunkReceived,
    Closed,
    CommandReceived,
    DataReceived,
    Event,
    LineTooLong,
    ProxyMalformed,
    ProxyReceived,
)
from harness.smtp.server import BareNewlinePolicy, ServerConnection


def events(connection: ServerConnection, *pieces: bytes) -> list[Event]:
    made: list[Event] = []
    for piece in pieces:
        connection.receive(piece)
        while (event := connection.next_event()) is not None:
            made.append(event)
            if isinstance(event, Closed | BareNewline):
                return made
            if isinstance(event, CommandReceived) and event.line == b"DATA":
                connection.expect_data()
    return made


def lines(made: list[Event]) -> list[bytes]:
    return [event.line for event in made if isinstance(event, CommandReceived)]


def test_commands_end_at_a_line_feed_and_lose_their_crs() -> None:
    made = events(ServerConnection(), b"EHLO a\r\nNOOP\nRSET\r\r\n")
    assert lines(made) == [b"EHLO a", b"NOOP", b"RSET"]
    assert [event.bare_newline for event in made if isinstance(event, CommandReceived)] == [False, True, False]


def test_what_waits_behind_a_command_is_told() -> None:
    first, second = events(ServerConnection(), b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\n")
    assert isinstance(first, CommandReceived) and first.more and first.waiting == b"RCPT TO:<b>\r\n"
    assert isinstance(second, CommandReceived) and not second.more


# Each malformed end of data, and whether Postfix 3.7.11 takes it for one with smtpd_forbid_bare_newline = no.
ENDS = [
    (b"\n.\n", True), (b"\r.\r", False), (b"\r.\n", False), (b"\n.\r", False), (b"\n.\r\n", True), (b"\r\n.\n", True),
    (b"\r.\r\n", False), (b"\r\n.\r", False), (b"\r\n\0.\r\n", False), (b"\r\n.\0\r\n", False),
    (b"\r\n.\r\r\n", True), (b"\r\r\n.\r\r\n", True),
]  # fmt: skip


@pytest.mark.parametrize("policy", ["no", "normalize", "reject"])
@pytest.mark.parametrize(("end", "lax"), ENDS)
def test_the_twelve_malformed_ends_of_data(end: bytes, lax: bool, policy: BareNewlinePolicy) -> None:
    connection = ServerConnection(bare_newline=policy)
    made = events(connection, b"DATA\r\n", b"hello" + end)
    ended = any(isinstance(event, DataReceived) for event in made)
    assert ended is (lax and policy == "no")


def test_content_is_unstuffed_and_counted_as_postfix_counts() -> None:
    made = events(ServerConnection(), b"DATA\r\n", b"..one\r\n.two\r\n\r\n.\r\nQUIT\r\n")
    assert isinstance(made[1], DataReceived)
    assert made[1].data == b".one\ntwo\n\n"
    assert made[1].size_bytes == (4 + 2) + (3 + 2) + 2
    assert made[1].more and lines(made) == [b"DATA", b"QUIT"]


def test_of_a_message_past_the_limit_is_kept_what_came_before_it() -> None:
    connection = ServerConnection()
    connection.expect_data(100)
    connection.receive(b"x" * 98 + b"\r\n" + b"y\r\n.\r\n")
    event = connection.next_event()
    assert isinstance(event, DataReceived) and event.too_big and event.data == b"x" * 98 + b"\n"


def test_a_bare_newline_ends_the_session_when_it_is_forbidden() -> None:
    assert events(ServerConnection(bare_newline="reject"), b"EHLO a\n") == [BareNewline()]


def test_content_with_a_bare_newline_says_so_and_the_session_goes_on() -> None:
    made = events(ServerConnection(bare_newline="reject"), b"DATA\r\n", b"a\nb\r\n.\r\nNOOP\r\n")
    assert isinstance(made[1], DataReceived) and made[1].bare_newline
    assert lines(made) == [b"DATA", b"NOOP"]


@pytest.mark.parametrize(
    ("chunks", "bare"),
    [
        ((b"a\r\n",), [False]),
        ((b"a\n",), [True]),
        ((b"a\r", b"\nb"), [False, False]),
        ((b"a\r\n", b"\n"), [False, True]),
    ],
)
def test_each_chunk_is_searched_for_a_bare_newline(chunks: tuple[bytes, ...], bare: list[bool]) -> None:
    connection, seen = ServerConnection(bare_newline="reject"), []
    for chunk in chunks:
        connection.expect_chunk(len(chunk))
        connection.receive(chunk)
        event = connection.next_event()
        assert isinstance(event, ChunkReceived)
        seen.append(event.bare_newline)
    assert seen == bare


def test_a_lone_dot_that_ends_nothing_is_passed_by() -> None:
    """As 3.7.11 does: normalised, LF.CRLF is no end of data and no line of content either."""
    made = events(ServerConnection(bare_newline="normalize"), b"DATA\r\n", b"a\n.\r\nb\r\n..\r\n.\r\n")
    assert isinstance(made[1], DataReceived) and made[1].data == b"a\nb\n.\n"


def test_a_line_that_is_too_long_is_one_event_and_memory_stays_flat() -> None:
    connection = ServerConnection()
    made = events(connection, b"x" * 5000, b"x" * 5000 + b"\r\nNOOP\r\n")
    assert isinstance(made[0], LineTooLong) and len(made[0].line) == 2048
    assert lines(made) == [b"NOOP"]


def test_chunks_are_counted_not_searched() -> None:
    connection = ServerConnection()
    connection.expect_chunk(5)
    connection.receive(b".\r\nab")
    assert connection.next_event() == ChunkReceived(5)
    connection.expect_chunk(4, last=True)
    connection.receive(b"c\r\n.")
    event = connection.next_event()
    assert isinstance(event, DataReceived) and event.data == b".\nabc\n."


def test_a_proxy_header_comes_before_the_session() -> None:
    connection = ServerConnection()
    connection.expect_proxy()
    connection.receive(b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\nEHLO a\r\n")
    assert connection.next_event() == ProxyReceived(("192.0.2.7", 4711), ("127.0.0.1", 25))
    assert isinstance(connection.next_event(), CommandReceived)
    other = ServerConnection()
    other.expect_proxy()
    other.receive(b"EHLO a\r\n")
    assert isinstance(other.next_event(), ProxyMalformed)


def test_the_end_of_the_connection_is_told_once_everything_else_is() -> None:
    connection = ServerConnection()
    connection.receive(b"NOOP\r\nhalf a")
    connection.receive(b"")
    assert isinstance(connection.next_event(), CommandReceived)
    assert connection.next_event() == Closed()


WIRE = st.lists(
    st.sampled_from(
        [b"a", b".", b"\r", b"\n", b"\r\n", b"\0", b"\r\n.\r\n", b"\n.\n", b"NOOP\r\n", b"DATA\r\n", b"x" * 2100]
    ),
    max_size=14,
).map(b"".join)


@given(WIRE, st.sampled_from(["no", "normalize", "reject"]), st.integers(1, 9))
def test_any_bytes_in_any_split_make_the_same_events(wire: bytes, policy: BareNewlinePolicy, step: int) -> None:
    def told(*pieces: bytes) -> list[object]:
        made = events(ServerConnection(bare_newline=policy), *pieces, b"")
        # What waits behind an event depends on the split, as it does on a network.
        return [
            (event.line, event.bare_newline)
            if isinstance(event, CommandReceived)
            else (event.data, event.size_bytes, event.bare_newline)
            if isinstance(event, DataReceived)
            else event
            for event in made
        ]

    whole = b"DATA\r\n" + wire
    assert told(whole) == told(*(whole[at : at + step] for at in range(0, len(whole), step)))


@given(
    st.lists(st.sampled_from([b"a", b".", b"..", b".x", b"\r", b"", b".\r"]), max_size=8),
    st.sampled_from(["no", "normalize"]),
    st.integers(1, 9),
)
def test_content_is_what_its_wire_form_carries(lines: list[bytes], policy: BareNewlinePolicy, step: int) -> None:
    """Whether any line begins with a dot is noticed on the way; the content is as if each had been looked at."""
    wire = b"".join(line + b"\r\n" for line in lines)
    made = events(
        ServerConnection(bare_newline=policy), b"DATA\r\n", *(wire[at : at + step] for at in range(0, len(wire), step))
    )
    assume(len(made) == 1)  # its lines held no end of data
    connection = ServerConnection(bare_newline=policy)
    whole = [event for event in events(connection, b"DATA\r\n", wire + b".\r\n") if isinstance(event, DataReceived)]
    assert [event.data for event in whole] == [mend_start(read_content(wire, police=policy != "no").data)]
