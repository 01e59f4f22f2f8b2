"""report: the same seed writes the same mail, to the people it was told."""

from __future__ import annotations

from random import Random

from harness.corpus.generator import Brief, Draft, generators


def drawn(seed: int) -> Draft:
    return generators["report"](Brief("a@ok.test", ("b@gw.test",), Random(seed)))


def test_a_seed_writes_one_mail_and_another_seed_another() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_the_header_names_sender_and_recipient() -> None:
    headers = dict(drawn(3).headers)
    assert "<a@ok.test>" in headers["From"]
    assert headers["To"] == "<b@gw.test>"


def test_its_attachments_have_dots_in_their_names_and_one_extension() -> None:
    names = [name for name, _ in drawn(4).attachments]
    assert [name.rpartition(".")[2] for name in names] == ["csv", "png"]
