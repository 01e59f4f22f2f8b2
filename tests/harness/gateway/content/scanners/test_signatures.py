"""signatures: one finding per name, with the line it comes from; headers and parts that only the raw mail shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.gateway.content.finding import Finding
from harness.gateway.content.signature_store import load_signatures

Look = Callable[..., list[Finding]]


def test_headers_are_scanned_too(look: Look, tmp_path: Path) -> None:
    (tmp_path / "a.ndb").write_text(f"Test.Header:0:*:{b'X-Worm: yes'.hex()}\nTest.Mail:4:0:{b'Subject'.hex()}\n")
    found = look(b"Subject: x\nX-Worm: yes\n\nhello\n", load_signatures(tmp_path, "rav/signatures"))
    assert [(f.name, f.path, f.rule.line) for f in found] == [("Test.Header", "mail", 1), ("Test.Mail", "mail", 2)]


def test_what_an_object_shows_is_told_there_and_not_of_the_mail_again(look: Look, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Test.A:any:*:{b'VIRUS'.hex()}\nTest.A:flag:*:forges_sender\n")
    (finding,) = look(b"Subject: x\n\nVIRUS\n", load_signatures(tmp_path, "rav/signatures"))
    assert (finding.path, finding.forges_sender) == ("part0001", True)
