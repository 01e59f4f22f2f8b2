"""conversation: dialogues; what is sent after what was answered, and what is kept of it."""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.conversation import Conversation, Route
from harness.bench.workload import Job, job_of
from harness.replay.script import script_of
from harness.scenario import Send

MAIL, RCPT, DATA, QUIT = b"MAIL FROM:<a@ok.test>\r\n", b"RCPT TO:<u@gw.test>\r\n", b"DATA\r\n", b"QUIT\r\n"
EHLO, END = b"EHLO me.test\r\n", b"x\r\n.\r\n"

LATENCY: dict[str, array[float]] = {}


def job(codes: tuple[int, ...] | None = None, **more: object) -> Job:
    made = job_of("a", script_of(Send(sender="a@ok.test", to=["u@gw.test"], **more), b"x\r\n", "me.test"))  # type: ignore[arg-type]
    return Job("a", made.turns, made.quit, codes)


def route(job: Job) -> Route:
    LATENCY.clear()
    return Route(job, LATENCY)


@pytest.mark.parametrize(
    ("said", "sent", "verdict"),
    [
        ("220 250 250 250 354 250 221", [EHLO, MAIL, RCPT, DATA, END, QUIT, b""], "accept"),
        ("554 221", [QUIT, b""], "reject"),
        ("220 502 221", [EHLO, QUIT, b""], "reject"),
        ("220 250 450 221", [EHLO, MAIL, QUIT, b""], "defer"),
        ("220 250 250 554 221", [EHLO, MAIL, RCPT, QUIT, b""], "reject"),
        ("220 250 250 250 451 221", [EHLO, MAIL, RCPT, DATA, QUIT, b""], "defer"),
        ("220 250 250 250 354 550 221", [EHLO, MAIL, RCPT, DATA, END, QUIT, b""], "reject"),
        ("220 250 250 421", [EHLO, MAIL, RCPT, b""], "defer"),
    ],
)
def test_one_command_after_the_other(said: str, sent: list[bytes], verdict: str) -> None:
    codes = tuple(map(int, said.split()))
    conversation = Conversation(route(job(codes)), 0.0)
    assert [conversation.receive(b"%d x\r\n" % code, 1.0) for code in codes] == sent
    assert conversation.over and conversation.result().right and conversation.result().verdict == verdict


def test_a_pipelined_group_waits_for_all_its_answers() -> None:
    conversation = Conversation(route(job(pipeline=True)), 0.0)
    conversation.receive(b"220 x\r\n250 ok\r\n", 1.0)
    assert conversation.receive(b"250 a\r\n550 b\r\n", 1.0) == b""
    assert conversation.receive(b"554 c\r\n", 1.0) == QUIT


def test_a_wrong_code_is_noticed() -> None:
    conversation = Conversation(route(job((554, 221))), 0.0)
    conversation.receive(b"220 x\r\n", 1.0)
    assert not conversation.result().right


def test_what_introduces_the_client_is_not_counted_and_times_are_from_the_intended_start() -> None:
    from harness.bench.workload import introduced
    from harness.replay.identity import Identity

    made = introduced(job(), Identity("192.0.2.8"), "ADDR", ("127.0.0.1", 25))
    conversation = Conversation(route(made), 10.0)
    conversation.receive(b"220 a\r\n", 12.0)
    conversation.receive(b"250-a\r\n250 XCLIENT ADDR\r\n", 13.0)
    assert conversation.receive(b"220 b\r\n", 14.5) == EHLO
    assert conversation.result().codes == (220,)
    conversation.record()
    assert {phase: list(took) for phase, took in LATENCY.items() if took} == {"connect": [2.0], "introduce": [1.0, 1.5]}


@given(st.binary(max_size=80), st.lists(st.integers(1, 79), max_size=4))
def test_any_bytes_in_any_pieces_end_or_wait_and_never_raise(data: bytes, cuts: list[int]) -> None:
    whole, pieces = Conversation(route(job()), 0.0), Conversation(route(job()), 0.0)
    sent = whole.receive(data, 1.0)
    places = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    assert sent == b"".join(pieces.receive(data[a:b], 1.0) for a, b in pairwise(places))
    assert whole.result() == pieces.result() and whole.over is pieces.over


@given(st.lists(st.integers(1, 12), max_size=8))
def test_replies_are_the_same_in_whatever_pieces_they_come(sizes: list[int]) -> None:
    """A reply of one line that comes whole is read in one step: no other may be taken for one."""
    wire = b"220 a\r\n250-b\r\n250 c\r\n250 d\r\n250-e\r\n250 f\r\n354 g\r\n250 h\r\n221 i\r\n"
    turns = [wire[:7], wire[7:21], wire[21:28], wire[28:42], wire[42:49], wire[49:56], wire[56:]]
    conversation, sent = Conversation(route(job(None)), 0.0), []
    for reply in turns:
        at, answer = 0, b""
        for size in [*sizes, len(reply)]:
            answer += conversation.receive(reply[at : at + size], 1.0) if reply[at : at + size] else b""
            at += size
        sent.append(answer)
    assert conversation.result().codes == (220, 250, 250, 250, 354, 250, 221)
    assert sent == [EHLO, MAIL, RCPT, DATA, END, QUIT, b""] and conversation.over
