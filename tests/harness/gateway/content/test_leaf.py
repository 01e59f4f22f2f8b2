"""leaf: every reading of every leaf, each once."""

from __future__ import annotations

from harness.gateway.content.archive import Member, Trouble
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.leaf import leaves
from harness.gateway.content.mime_views import parse


def things(mail: bytes) -> list[tuple[int, Member | Trouble]]:
    return list(leaves(mail, parse(mail, Limits()), Budget(Limits(), lambda: 0.0)))


def test_both_encodings_are_read() -> None:
    mail = b"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: quoted-printable\n\nYWJj\n"
    found = [thing.data for _, thing in things(mail) if isinstance(thing, Member)]
    assert found == [b"abc", b"YWJj\n"]
    assert [thing.name for _, thing in things(mail) if isinstance(thing, Trouble)] == ["Mime.TwoEncodings"]


def test_what_two_views_share_is_given_once() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=x; boundary=xy\n\n--x\n\nsame\n--x--\n--xy\n\nsame\n--xy--\n"
    found = [thing for _, thing in things(mail) if isinstance(thing, Member)]
    assert sum(thing.data == b"same" for thing in found) == 1


def test_loose_text_keeps_its_place_and_its_owner() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=x\n\nbefore\n--x\n\nbody\n--x--\nafter\n"
    assert [(owner, thing.label) for owner, thing in things(mail) if isinstance(thing, Member)] == [
        (0, "preamble"), (0, "epilogue"), (1, "part0001"),
    ]  # fmt: skip


def test_fragments_are_told() -> None:
    mail = b"Content-Type: message/partial; number=1\n\nSubject: y\n"
    assert [thing.name for _, thing in things(mail) if isinstance(thing, Trouble)] == ["Message.Partial"]
