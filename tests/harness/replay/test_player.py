"""player: what it sends, what it waits for, and how it pairs replies with commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.replay.player import Connect, Done, Drop, Player, Read, Write, _any_end
from harness.replay.script import parse_chat, script_of
from harness.scenario import Send


class Server:
    """Answers each write with the next of its lines; "" says nothing, None hangs up."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)

    def play(self, player: Player) -> list[bytes]:
        sent: list[bytes] = []
        waiting = self.answers.pop(0) or "" if self.answers else ""
        for _ in range(200):
            match player.next_action():
                case Done():
                    return sent
                case Write(data):
                    sent.append(data)
                    answer = self.answers.pop(0) if self.answers else ""
                    waiting += "<close>" if answer is None else answer
                case Read():
                    if waiting == "<close>":
                        player.closed()
                    elif waiting.endswith("<close>"):
                        player.receive(waiting.removesuffix("<close>").encode())
                        waiting = "<close>"
                        continue
                    elif waiting:
                        player.receive(waiting.encode())
                    else:
                        player.timed_out()
                    waiting = ""
                case Drop():
                    sent.append(b"<rst>")
                case Connect():
                    sent.append(b"<connect>")
                    waiting = self.answers.pop(0) or "" if self.answers else ""
        raise AssertionError("it never ends")


def chat(text: str) -> Player:
    return Player(parse_chat(text, {}, "s.yaml", 1))


def phases(player: Player) -> list[tuple[str, int]]:
    return [(e.phase, e.reply.code if e.reply else 0) for e in player.exchanges]


MAIL = Send(sender="a@ok.test", to=["b@gw.test", "c@gw.test"])
OK = "250-gw\r\n250 PIPELINING\r\n"


def test_a_mail_goes_through_every_phase() -> None:
    player = Player(script_of(MAIL, b"Subject: x\r\n\r\n.dot\r\n", "mail.ok.test"))
    sent = Server("220 hi\r\n", OK, *["250 ok\r\n"] * 3, "354 go\r\n", "250 queued\r\n", "221 bye\r\n").play(player)
    assert sent[1:4] == [b"MAIL FROM:<a@ok.test>\r\n", b"RCPT TO:<b@gw.test>\r\n", b"RCPT TO:<c@gw.test>\r\n"]
    assert sent[5] == b"Subject: x\r\n\r\n..dot\r\n.\r\n"
    assert phases(player) == [
        ("connect", 220), ("helo", 250), ("mail", 250), ("rcpt", 250), ("rcpt", 250), ("data", 354),
        ("end_of_data", 250), ("quit", 221),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "last"),
    [
        (["554 no\r\n", "221 bye\r\n"], ("quit", 221)),
        (["220 hi\r\n", "501 bad\r\n", "501 bad\r\n", "221 bye\r\n"], ("quit", 221)),
        (["220 hi\r\n", OK, "250 ok\r\n", "554 no\r\n", "554 no\r\n", "221 bye\r\n"], ("quit", 221)),
        (
            ["220 hi\r\n", OK, "250 ok\r\n", "554 no\r\n", "250 ok\r\n", "354 go\r\n", "550 no\r\n", "221 b\r\n"],
            ("quit", 221),
        ),
    ],
)
def test_a_refused_mail_stops_and_says_quit(answers: list[str], last: tuple[str, int]) -> None:
    player = Player(script_of(MAIL, b"x\r\n", "mail.ok.test"))
    sent = Server(*answers).play(player)
    assert sent[-1] == b"QUIT\r\n"
    assert phases(player)[-1] == last
    assert not player.failures


def test_a_pipelined_mail_pairs_each_reply_with_its_command() -> None:
    player = Player(script_of(Send(to=["b@gw.test"], pipeline=True), b"x\r\n", "h"))
    Server("220 hi\r\n", OK, "250 a\r\n250 b\r\n354 c\r\n", "250 d\r\n", "221 e\r\n").play(player)
    assert phases(player)[2:] == [("mail", 250), ("rcpt", 250), ("data", 354), ("end_of_data", 250), ("quit", 221)]


def test_a_mail_is_not_pipelined_to_a_server_that_does_not_offer_it() -> None:
    player = Player(script_of(Send(to=["b@gw.test"], pipeline=True), b"x\r\n", "h"))
    sent = Server("220 hi\r\n", "250 gw\r\n", *["250 ok\r\n"] * 2, "354 c\r\n", "250 d\r\n", "221 e\r\n").play(player)
    assert sent[1:4] == [b"MAIL FROM:<sender@ok.test>\r\n", b"RCPT TO:<b@gw.test>\r\n", b"DATA\r\n"]


@pytest.mark.parametrize(
    ("replies", "sent", "last"),
    [
        ("250 a\r\n550 b\r\n554 c\r\n", [b"QUIT\r\n"], ("data", 554)),
        ("250 a\r\n550 b\r\n503 c\r\n", [b"QUIT\r\n"], ("data", 503)),
        ("550 a\r\n503 b\r\n503 c\r\n", [b"QUIT\r\n"], ("data", 503)),
        ("250 a\r\n550 b\r\n354 c\r\n", [b".\r\n", b"QUIT\r\n"], ("end_of_data", 554)),
        ("550 a\r\n503 b\r\n354 c\r\n", [b".\r\n", b"QUIT\r\n"], ("end_of_data", 554)),
    ],
)
def test_a_pipelined_mail_that_nobody_wants_is_ended_as_rfc_2920_says(
    replies: str, sent: list[bytes], last: tuple[str, int]
) -> None:
    player = Player(script_of(Send(to=["b@gw.test"], pipeline=True), b"x\r\n", "h"))
    answers = ["554 none\r\n", "221 bye\r\n"] if len(sent) == 2 else ["221 bye\r\n"]
    assert Server("220 hi\r\n", OK, replies, *answers).play(player)[2:] == sent
    assert phases(player)[-2:] == [last, ("quit", 221)]
    assert not player.failures


@pytest.mark.parametrize(
    ("ehlo", "sent"),
    [
        ("502 no\r\n", [b"EHLO h\r\n", b"HELO h\r\n", b"MAIL FROM:<a@ok.test>\r\n"]),
        ("450 later\r\n", [b"EHLO h\r\n", b"HELO h\r\n", b"MAIL FROM:<a@ok.test>\r\n"]),
        ("421 gone\r\n", [b"EHLO h\r\n", b"QUIT\r\n"]),
    ],
)
def test_helo_is_said_where_ehlo_is_refused(ehlo: str, sent: list[bytes]) -> None:
    player = Player(script_of(MAIL, b"x\r\n", "h"))
    assert Server("220 hi\r\n", ehlo, "250 gw\r\n", "550 no\r\n", "221 bye\r\n").play(player)[: len(sent)] == sent


def test_a_chunked_mail_uses_bdat() -> None:
    player = Player(script_of(Send(to=["b@gw.test"], bdat=True), b"x\r\n", "h"))
    sent = Server("220 hi\r\n", OK, "250 a\r\n", "250 b\r\n", "250 c\r\n", "221 d\r\n").play(player)
    assert sent[3] == b"BDAT 3 LAST\r\nx\r\n"
    assert phases(player)[4] == ("end_of_data", 250)


def test_a_smuggled_mail_is_paired_if_the_server_saw_two() -> None:
    text = "S: 220\nC: DATA\nS: 354\nC. a\\n.\\r\\nMAIL FROM:<x@y>\\r\\n\nS: 250\nS: 250\nC: QUIT\nS: 221"
    player = chat(text)
    Server("220 hi\r\n", "354 go\r\n", "250 queued\r\n250 ok\r\n", "221 bye\r\n").play(player)
    assert not player.failures
    assert phases(player) == [("connect", 220), ("data", 354), ("end_of_data", 250), ("mail", 250), ("quit", 221)]


def test_and_not_if_it_saw_one() -> None:
    player = chat("S: 220\nC: DATA\nS: 354\nC. a\\n.\\r\\nMAIL FROM:<x@y>\\r\\n\\r\\n.\\r\\n\nS: 250\nC: QUIT\nS: 221")
    Server("220 hi\r\n", "354 go\r\n", "250 queued\r\n", "221 bye\r\n").play(player)
    assert phases(player)[-1] == ("quit", 221)


@pytest.mark.parametrize(
    ("text", "answers", "failure"),
    [
        ("S: 220\nC: NOOP\nS: 250", ["220 hi\r\n", "500 what\r\n"], "s.yaml:3: expected 250, got '500 what'"),
        ("S: 220\nC: NOOP\nS: 250", ["220 hi\r\n", ""], "s.yaml:3: expected 250, and no reply came"),
        ("S: 220\nC: NOOP\nS: 250", ["220 hi\r\n", None], "s.yaml:3: expected 250, and the server hung up"),
        ("S: 220\nS! silence 10ms", ["220 hi\r\n250 more\r\n"], "expected silence, got '250 more'"),
        ("S: 220\nS! eof", ["220 hi\r\n250 more\r\n"], "s.yaml:2: expected the server to hang up, got '250 more'"),
        ("S: 220\nS! eof", ["220 hi\r\n", ""], "s.yaml:2: expected the server to hang up, and it did not"),
        ("S: 220\n!capture x (z)", ["220 hi\r\n"], "s.yaml:2: nothing to capture"),
    ],
)
def test_what_does_not_come_out_as_written_is_a_failure_with_its_line(
    text: str, answers: list[str | None], failure: str
) -> None:
    player = chat(text)
    Server(*answers).play(player)
    assert len(player.failures) == 1 and failure in player.failures[0]


def test_silence_and_optional_replies_pass_when_nothing_comes() -> None:
    player = chat("S: 220\nS! silence 10ms\nS? 250\nC: QUIT\nS: 221")
    Server("220 hi\r\n", "221 bye\r\n").play(player)
    assert not player.failures


def test_what_was_captured_is_sent() -> None:
    player = chat("S: 220\n!capture word (\\w+) there\nC: VRFY {{ word }}\nS: 252")
    sent = Server("220 hello there\r\n", "252 ok\r\n").play(player)
    assert sent == [b"VRFY hello\r\n"]


def test_a_reset_ends_it() -> None:
    assert Server("220 hi\r\n").play(chat("S: 220\n!rst\nC: NOOP")) == [b"<rst>"]


def test_a_new_connection_begins_with_its_greeting_and_knows_nothing_of_the_old_one() -> None:
    player = chat("S: 220\nC: DATA\nS: 354\nC: half a mail\n!rst\n!reconnect\nS: 220\nC: NOOP\nS: 250")
    sent = Server("220 hi\r\n", "354 go\r\n", "", "220 again\r\n", "250 ok\r\n").play(player)
    assert sent == [b"DATA\r\n", b"half a mail\r\n", b"<rst>", b"<connect>", b"NOOP\r\n"]
    assert phases(player) == [("connect", 220), ("data", 354), ("connect", 220), ("other", 250)]
    assert not player.failures


def test_a_reset_that_nothing_follows_ends_the_script() -> None:
    player = chat("S: 220\n!rst\nC: NOOP")
    assert Server("220 hi\r\n").play(player) == [b"<rst>"] and not player.failures


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"x"]), max_size=12).map(b"".join))
def test_any_end_is_the_first_that_some_server_might_take_for_one(content: bytes) -> None:
    found = re.search(rb"(?:\A|[\r\n])\.\r*\n", content)
    assert _any_end(content) == (found.end() if found else -1)
