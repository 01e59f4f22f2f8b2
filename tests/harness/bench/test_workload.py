"""workload: sessions as turns; weights spread evenly."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.workload import Job, Turn, introduced, job_of, schedule, without_pipelining
from harness.errors import ScenarioError
from harness.replay.identity import Identity
from harness.replay.script import parse_chat, script_of
from harness.scenario import Send

CONTENT = b"Subject: x\r\n\r\n.dot\r\n"


def job(**more: object) -> Job:
    return job_of("a", script_of(Send(sender="a@ok.test", to=["u@gw.test", "v@gw.test"], **more), CONTENT, "me.test"))  # type: ignore[arg-type]


def test_a_mail_is_its_turns() -> None:
    assert job().turns == (
        Turn(b"", ("connect",)),
        Turn(b"EHLO me.test\r\n", ("ehlo",)),
        Turn(b"MAIL FROM:<a@ok.test>\r\n", ("mail",)),
        Turn(b"RCPT TO:<u@gw.test>\r\n", ("rcpt",)),
        Turn(b"RCPT TO:<v@gw.test>\r\n", ("rcpt",), needs_recipient=True),
        Turn(b"DATA\r\n", ("data",)),
        Turn(b"Subject: x\r\n\r\n..dot\r\n.\r\n", ("eom",)),
    )
    assert job().quit and not job(quit=False).quit


def test_pipelined_and_in_chunks() -> None:
    together = b"MAIL FROM:<a@ok.test>\r\nRCPT TO:<u@gw.test>\r\nRCPT TO:<v@gw.test>\r\nDATA\r\n"
    pipelined = job(pipeline=True)
    assert pipelined.turns[2] == Turn(together, ("mail", "rcpt", "rcpt", "data"), needs_recipient=True)
    assert without_pipelining(pipelined) == job()
    assert job(bdat=True).turns[-1] == Turn(b"BDAT %d LAST\r\n" % len(CONTENT) + CONTENT, ("eom",))


def test_a_chat_makes_no_load() -> None:
    with pytest.raises(ScenarioError, match="session 'x' is a chat"):
        job_of("x", parse_chat("S: 220\nC: QUIT", {}, "f"))


@pytest.mark.parametrize(
    ("via", "first"),
    [
        ("none", (b"", ("connect",), True)),
        ("xclient", (b"", ("connect",), False)),
        ("proxy", (b"PROXY TCP4 192.0.2.8 127.0.0.1 40000 25\r\n", ("connect",), True)),
    ],
)
def test_who_the_client_is_comes_first(via: str, first: tuple[bytes, tuple[str, ...], bool]) -> None:
    identity = Identity("192.0.2.8", name="a.test", reverse_name="a.test", via=via)  # type: ignore[arg-type]
    made = introduced(job(), identity, "NAME ADDR", ("127.0.0.1", 25))
    assert made.turns[0] == Turn(*first)
    assert (made.turns[2].data == b"XCLIENT NAME=a.test ADDR=192.0.2.8\r\n") is (via == "xclient")
    assert made.turns[-6:] == job().turns[-6:]


def test_a_target_without_xclient_is_named() -> None:
    with pytest.raises(ScenarioError, match="does not offer XCLIENT"):
        introduced(job(), Identity("192.0.2.8"), None, ("127.0.0.1", 25))


def test_many_mails_over_one_connection() -> None:
    known = Job("a", job().turns, True, (220, 250, 250, 250, 250, 354, 250, 221))
    twice = known.repeated(2)
    assert twice.turns == known.turns[:2] + known.turns[2:] * 2
    assert twice.codes == (220, 250, *((250, 250, 250, 354, 250) * 2), 221)
    assert known.repeated(1) is known
    refused = Job("a", job().turns, True, (220, 250, 250, 554, 554, 221))
    assert refused.repeated(2) is refused, "the client says goodbye after the first"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_each_job_comes_as_often_as_its_weight_and_never_far_from_its_share(weights: list[int]) -> None:
    order = schedule([Job(str(at), (), weight=weight) for at, weight in enumerate(weights)])
    assert Counter(order) == dict(enumerate(weights))
    for length in range(1, len(order) + 1):
        seen = Counter(order[:length])
        assert all(abs(seen[at] - length * weight / sum(weights)) <= len(weights) for at, weight in enumerate(weights))


def test_three_and_one_are_mixed() -> None:
    assert schedule([Job("a", (), weight=3), Job("b", (), weight=1)]) == (0, 0, 1, 0)
