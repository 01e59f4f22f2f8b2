from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importer import Wishes, import_all, sample_of
from harness.corpus.sample import Broken, Sample
from harness.errors import UsageError

RECEIVED = (
    "Received: from inner.gw.test (inner.gw.test [192.168.1.9]) by box.gw.test\n"
    "Received: from helo.good.test (mail.good.test [192.0.2.7])\n\tby inner.gw.test for <b@ok.test>; Sun\n"
)


def made(head: str, **wishes: object) -> Sample | Broken:
    inside = Wishes(inside=("192.168.0.0/16",), **wishes)  # type: ignore[arg-type]
    return sample_of(f"{head}Subject: x\n\nhello\n".encode(), "id", "origin", inside)


@pytest.mark.parametrize(
    ("head", "sender", "recipients"),
    [
        ("Return-Path: <r@x.test>\nDelivered-To: d@x.test\nFrom: f@x.test\nTo: t@x.test\n", "r@x.test", ("d@x.test",)),
        ("Return-Path: <>\nX-Original-To: o@x.test\n", "", ("o@x.test",)),
        ("From: F <f@x.test>\n", "f@x.test", ("b@ok.test",)),
        ("From: f@x.test\nDelivered-To: a@x.test\nDelivered-To: a@x.test\n", "f@x.test", ("a@x.test",)),
    ],
)
def test_the_envelope_follows_the_stated_rules(head: str, sender: str, recipients: tuple[str, ...]) -> None:
    sample = made(head + RECEIVED)
    assert isinstance(sample, Sample) and (sample.sender, sample.recipients) == (sender, recipients)
    assert (sample.client, sample.name, sample.helo) == ("192.0.2.7", "mail.good.test", "helo.good.test")


def test_to_and_cc_count_where_nothing_else_tells() -> None:
    received = RECEIVED.replace(" for <b@ok.test>", "")
    sample = made(f"From: f@x.test\nTo: A <a@x.test>, b@x.test\n{received}")
    assert isinstance(sample, Sample) and sample.recipients == ("a@x.test", "b@x.test")


def test_what_the_last_delivery_added_is_taken_off() -> None:
    sample = made("Return-Path: <r@x.test>\nDelivered-To: d@x.test\n" + RECEIVED)
    assert isinstance(sample, Sample) and sample.data.startswith(b"Received: from inner") and b"\n" in sample.data
    assert sample.data.count(b"\r\n") == sample.data.count(b"\n")


def test_what_tells_no_client_or_recipient_is_broken_unless_the_user_says() -> None:
    assert isinstance(made("Subject: y\n"), Broken)
    assert isinstance(made("To: a@x.test\n"), Broken)
    told = made("Subject: y\n", client="192.0.2.1", recipient="a@x.test", label="spam")
    assert isinstance(told, Sample) and (told.client, told.recipients, told.label) == (
        "192.0.2.1",
        ("a@x.test",),
        "spam",
    )


@pytest.mark.parametrize(
    "data", [b"", b"\xff\x00", b"From: a\n" * 3, b"Received: from x ([999.1.1.1]) by y\nTo: a@b.test\n\n"]
)
def test_rubbish_is_broken_and_raises_nothing(data: bytes) -> None:
    assert isinstance(sample_of(data, "id", "origin", Wishes()), Broken)


def test_a_path_in_no_known_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1")
    for path in (tmp_path / "x.bin", tmp_path / "nowhere"):
        with pytest.raises(UsageError):
            list(import_all([path], Wishes()))
