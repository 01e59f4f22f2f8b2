"""build: the mails that scenarios describe, read back by the standard library's own parser."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.build import build, crlf, pad
from harness.errors import ScenarioError, UnknownMember
from harness.scenario import Message, Part, Send


def made(message: Message, session: str = "s", seed: int = 1) -> bytes:
    files = {"a.eml": b"Subject: from a file\nTo: x\n\nbody\n"}
    send = Send(sender="a@ok.test", to=["b@gw.test", "c@gw.test"], message=message)
    return build(send, session, seed, 1060506000.0, lambda name: files[name])


def parsed(data: bytes) -> EmailMessage:
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_of_nothing_but_an_envelope_is_a_decent_mail() -> None:
    mail = parsed(made(Message()))
    assert (mail["From"].addresses[0].addr_spec, len(mail["To"].addresses)) == ("a@ok.test", 2)
    assert mail["Date"] == "Sun, 10 Aug 2003 09:00:00 -0000"
    assert "still works" in mail.get_content()


def test_the_same_seed_and_session_give_the_same_bytes() -> None:
    message = Message(generate="letter")
    assert made(message) == made(message)
    assert made(message) != made(message, seed=2)
    assert made(message) != made(message, session="t")


def test_attachments_come_back_with_name_and_content() -> None:
    mail = parsed(made(Message(body="see there", parts=[Part(attach="a b.pdf", data="x" * 200)])))
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "a b.pdf"
    assert attachment.get_content() == b"x" * 200
    assert attachment.get_content_type() == "application/pdf"


def test_text_outside_ascii_is_quoted_printable_unless_told_otherwise() -> None:
    assert b"caf=C3=A9" in made(Message(body="café"))
    assert "café".encode() in made(Message(parts=[Part(text="café", encoding="8bit")]))


def test_headers_of_the_scenario_replace_and_repeat() -> None:
    mail = parsed(made(Message(headers={"Subject": "mine", "X-Twice": ["1", "2"]})))
    assert mail.get_all("Subject") == ["mine"]
    assert mail.get_all("X-Twice") == ["1", "2"]


def test_a_file_keeps_its_lines_and_takes_a_new_subject() -> None:
    assert made(Message(file="a.eml")) == b"Subject: from a file\r\nTo: x\r\n\r\nbody\r\n"
    assert made(Message(file="a.eml", subject="new")) == b"To: x\r\nSubject: new\r\n\r\nbody\r\n"


def test_padding_reaches_the_byte() -> None:
    for size in (1000, 1001, 5_000_000):
        assert len(made(Message(body="large", pad_to=size))) == size
    assert pad(b"long enough\r\n", 5) == b"long enough\r\n"


@pytest.mark.parametrize("generator", ["letter", "newsletter", "report"])
def test_generated_mail_is_well_formed(generator: str) -> None:
    mail = parsed(made(Message(generate=generator)))
    assert not mail.defects
    assert mail["Subject"] and mail["From"]


def test_mistakes_are_told() -> None:
    with pytest.raises(UnknownMember, match="no generator 'leter'; did you mean 'letter'"):
        made(Message(generate="leter"))
    with pytest.raises(ScenarioError, match="a part is a text"):
        made(Message(parts=[Part(attach="x")]))


@given(st.binary())
def test_crlf_leaves_no_bare_line_feed(data: bytes) -> None:
    assert b"\n" not in crlf(data).replace(b"\r\n", b"")


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\r"), max_size=300))
def test_any_text_body_survives(text: str) -> None:
    body = made(Message(body=text)).partition(b"\r\n\r\n")[2]
    assert body.replace(b"\r\n", b"\n").rstrip(b"\n") == text.encode().rstrip(b"\n")
