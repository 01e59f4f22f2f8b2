"""message: mails inside mails."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_a_saved_mail_is_known_by_its_fields(take_apart: TakeApart) -> None:
    name, data = containers["message"](FILE)
    assert files(take_apart("message", data, name))["a.txt"] == FILE[1]
    assert not archives["message"].recognises(Part("p", b"From: here on it is a text\n\n"))


def test_every_mail_of_an_mbox(take_apart: TakeApart) -> None:
    one = b"From a@b.test Sat Aug 10 09:00:00 2003\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain\n\n%s\n"
    mbox = one % b"first" + one % b"second"
    assert [thing.data for thing in take_apart("message", mbox) if isinstance(thing, Member)] == [
        b"first\n",
        b"second\n",
    ]


@pytest.mark.parametrize(("kind", "told"), [("partial", "Message.Partial"), ("external-body", "Message.ExternalBody")])
def test_fragments_and_references_inside_are_told(take_apart: TakeApart, kind: str, told: str) -> None:
    mail = f"Subject: x\nContent-Type: message/{kind}; id=a; number=1; total=2\n\nSubject: y\n\n".encode()
    assert told in names(take_apart("message", mail, type="message/rfc822"))


def test_a_hostile_line_takes_linear_time(take_apart: TakeApart) -> None:
    started = time.process_time()
    take_apart("message", b"From " + b"1" * 100_000 + b"\n \n\nx\n", type="message/rfc822")
    assert time.process_time() - started < 2
