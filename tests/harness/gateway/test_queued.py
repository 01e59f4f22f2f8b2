"""queued: a mail as a file, and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.dsn import Attempt, Wanted
from harness.gateway.queued import Queued, called, from_bytes, needs_utf8, to_bytes

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)  # lone surrogates too: bytes off the wire
ATTEMPTS = st.builds(Attempt, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
WANTED = st.builds(Wanted, st.lists(TEXT, max_size=2).map(tuple), TEXT)
MAILS = st.builds(
    Queued,
    TEXT,
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    st.floats(0, 2e9),
    st.integers(0, 99999),
    held=st.booleans(),
    unexamined=st.none() | st.tuples(TEXT, TEXT),
    filter=TEXT,
    envelope_id=TEXT,
    returned=TEXT,
    utf8=st.booleans(),
    wanted=st.dictionaries(TEXT, st.lists(WANTED, max_size=2), max_size=2),
    attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
    warned=st.booleans(),
    data=st.binary(max_size=40),
)


@given(MAILS)
def test_round_trip(mail: Queued) -> None:
    assert from_bytes(to_bytes(mail)) == mail


def test_a_file_of_an_earlier_version_is_understood() -> None:
    old = b'{"queue_id": "A1", "sender": "a@b", "recipients": ["c@d"], "arrived_at": 5.0, "pid": 3}\nx'
    assert from_bytes(old) == Queued("A1", "a@b", ("c@d",), 5.0, 3, data=b"x")


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"queue_id": 1}\n', b"\xff\n", b'{"recipients": 5}\n'])
def test_what_is_no_queue_file_is_refused(content: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_bytes(content)


@pytest.mark.parametrize(
    ("sender", "recipient", "data", "needed"),
    [
        ("a@ok.test", "b@ok.test", "Subject: x\n\nGrüße\n", False),
        ("a@ok.test", "b@ok.test", "Subject: Grüße\n\nx\n", True),
        ("ä@ok.test", "b@ok.test", "Subject: x\n\nx\n", True),
        ("a@ok.test", "b@ök.test", "Subject: x\n\nx\n", True),
        ("a@ok.test", "b@ok.test", "Content-Type: message/rfc822\n\nSubject: Grüße\n\nx\n", True),
        ("a@ok.test", "b@ok.test", "Content-Type: message/rfc822\n\nSubject: x\n\nGrüße\n", False),
    ],
)
def test_smtputf8_is_needed_for_addresses_and_headers(sender: str, recipient: str, data: str, needed: bool) -> None:
    mail = Queued("A1", sender, (recipient,), 0.0, 1, utf8=True, data=data.encode())
    assert needs_utf8(mail) is needed
    assert not needs_utf8(replace(mail, utf8=False)), "nobody was promised anything"


def test_who_stands_there_twice_was_called_two_things() -> None:
    mail = Queued("A1", "", ("u@x", "v@x", "u@x"), 0.0, 1, originals={"u@x": ("u@x", "info@x")})
    assert list(called(mail, ["u@x", "v@x", "u@x"])) == ["u@x", "v@x", "info@x"]
    assert called(Queued("A1", "", ("u@x",), 0.0, 1), ["u@x"]) == ["u@x"]
    assert from_bytes(to_bytes(mail)).originals == {"u@x": ["u@x", "info@x"]}
