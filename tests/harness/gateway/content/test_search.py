"""search: unpacking and scanning under one budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.corpus.container import containers
from harness.corpus.payload import eicar
from harness.gateway.content.archive import archives
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.finding import Finding
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.content.unpack import unpack
from harness.gateway.rule import default_rule

Look = Callable[..., list[Finding]]
KEY = (True, BANNED)
CONTEXT = ScanContext(SignatureStore(), BANNED, default_rule("banned"))


def attached(name: str, data: bytes) -> bytes:
    import base64

    head = f'Content-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


OPEN = [word for word in containers if not word.startswith("encrypted") and word not in ("vhd", "zip_bomb")]


@pytest.mark.parametrize("word", OPEN)
def test_eicar_is_found_in_every_container(look: Look, word: str) -> None:
    findings = look(attached(*containers[word](("eicar.com", eicar()))))
    assert "Eicar-Test" in [finding.name for finding in findings]


@pytest.mark.parametrize("word", [word for word in containers if word.startswith("encrypted")] + ["vhd", "zip_bomb"])
def test_what_cannot_be_read_is_never_clean(look: Look, word: str) -> None:
    findings = look(attached(*containers[word](("eicar.com", eicar()))))
    assert "unscannable" in [finding.cls for finding in findings]


@pytest.mark.parametrize("word", ["zip", "tar", "gzip", "bzip2", "xz", "7z", "cab", "lha", "rar", "rar5", "arj", "cpio", "ar", "message",
                                  "tnef", "binhex", "uuencode", "yenc", "stored_zip", "deflate64_zip", "zstd", "pdf_attachment"])  # fmt: skip
def test_a_harmless_file_in_an_ordinary_container_is_clean(look: Look, word: str) -> None:
    assert not look(attached(*containers[word](("notes.txt", b"nothing to see here, really\n" * 5))))


def test_time_runs_out_while_scanning_too() -> None:
    ticks = iter(range(0, 100_000, 20))
    budget = Budget(Limits(), lambda: float(next(ticks)))
    found = asyncio.run(search(attached("a", b"x" * 10), budget, {KEY: CONTEXT}))
    assert [finding.name for finding in found.unpacked.findings] == ["Limits.Time"]


def test_a_scanner_that_breaks_is_a_finding(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("scanner")

    list(scanners)
    monkeypatch.setitem(scanners._members, "types", broken)
    assert [(f.cls, f.name) for f in look(attached("a", b"x"))] == [("unscannable", "Scanner.Types")]


def test_an_archive_reader_that_breaks_is_a_finding(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(archives["zip"], "members", broken)
    found = look(attached(*containers["zip"](("a.txt", b"x"))))
    assert [(f.cls, f.name) for f in found] == [("unscannable", "Broken.Zip")]


def test_only_one_branch_is_held_at_a_time() -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.bin", bytes(1_000_000))
    mail = attached("a.zip", packed.getvalue())
    limits = Limits(max_held_bytes=3_000_000)
    budget = Budget(limits, lambda: 0.0)
    found = unpack(mail, budget)
    assert not found.findings and budget.held == 0 and budget.bytes > 20_000_000
    assert not any(part.data for part in found.parts if part.depth)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(OPEN),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    st.integers(0, 3000),
)
def test_a_mutated_container_never_raises(word: str, changes: list[tuple[int, int]], cut: int) -> None:
    if word in ("padded_zip", "zeros_before_zip", "garbage_behind_zip"):
        return  # large, and nothing but another zip
    name, packed = containers[word](("eicar.com", eicar()))
    data = bytearray(packed)
    for place, byte in changes:
        if place < len(data):
            data[place] = byte
    limits = Limits(max_member_bytes=2_000_000, max_mail_bytes=8_000_000, max_members=200)
    mail = attached(name, bytes(data[: len(data) - cut if cut < len(data) else len(data)]))
    found = asyncio.run(search(mail, Budget(limits, lambda: 0.0), {KEY: CONTEXT}))
    assert found.unpacked.parts
