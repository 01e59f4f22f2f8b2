"""regress: what a real Postfix said becomes a scenario that asserts it."""

from pathlib import Path

from harness.fuzz.case import Case, Say, Visit
from harness.fuzz.regress import write
from harness.load import load
from harness.observation import Exchange, LogLine, Observation, SessionSeen
from harness.smtp.reply import reply

SAYS = (
    Say((b"EHLO x\r\n",)),
    Say((b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<\xff>\r\n", b"DATA\r\n"), b"A: b\r\n\r\nx \r\n.\r\n"),
    Say((b"QUIT\r\n",)),
)
LOG = (LogLine("smtpd", "NOQUEUE: reject: RCPT from x[192.0.2.8]: 554 5.7.1 <a (b)>: no"),)


def seen(*replies: object) -> SessionSeen:
    return SessionSeen("a", tuple(Exchange("other", b"", one) for one in replies), log=LOG, verdict="reject")  # type: ignore[arg-type]


def written(tmp_path: Path, *replies: object) -> str:
    (tmp_path / "corpus/gateways/bare").mkdir(parents=True)
    case = Case({"soft_bounce": "yes"}, visits=(Visit("a", "192.0.2.8", SAYS),))
    file = write(case, Observation("x", (), "postfix", (seen(*replies),)), "reply to RCPT", tmp_path)
    assert load(file).scenario().sessions[0].id == "a"
    return file.read_text("utf-8")


def test_every_reply_is_there_word_for_word(tmp_path: Path) -> None:
    text = written(
        tmp_path, reply(220, "", "hello"), reply(250, "", "gate", "SIZE 5"), reply(250, "2.1.0", "Ok"),
        reply(554, "5.7.1", "see http://x/ for  why"), reply(354, "", "go"), reply(250, "2.0.0", "Ok: queued as ABC"),
        reply(221, "2.0.0", "Bye"),
    )  # fmt: skip
    for line in ("S: 220 hello", r"S~ \A250\-gate\n250 SIZE 5\Z", "!pipeline {", "C. RCPT TO:<\\xFF>\\r\\n", "S~ ^554 5\\.7\\.1 see http://x/ for  why$",
                 "C. x \\r\\n", "C: .", "S: 250 2.0.0 Ok: queued as\n", "S: 221 2.0.0 Bye"):  # fmt: skip
        assert line in text, text
    assert "verdict: reject" in text and "times: 1" in text


def test_a_server_that_hangs_up_ends_the_chat(tmp_path: Path) -> None:
    text = written(tmp_path, reply(220, "", "hello"), None)
    assert "S! eof" in text and "MAIL" not in text
