"""signature_store: which names are in an object."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from harness.corpus.program import program
from harness.gateway.content.signature_store import (
    EICAR_NAME,
    STALE_AFTER_S,
    SignatureStore,
    eicar,
    load_signatures,
    targets_of,
)


def store(tmp_path: Path, **files: str) -> SignatureStore:
    for name, text in files.items():
        (tmp_path / name.replace("__", ".")).write_text(text)
    return load_signatures(tmp_path, "rav/signatures")


def names(store: SignatureStore, data: bytes, type: str = "") -> list[str]:
    return [name for name, _ in store.names_in(data, type)]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (eicar(), True),
        (eicar() + b"\r\n \x1a", True),
        (eicar() + b"x", False),
        (b" " + eicar(), False),
        (eicar() + b" " * 61, False),
    ],
)
def test_the_test_file_is_what_its_definition_says(data: bytes, found: bool) -> None:
    assert names(SignatureStore(), data) == ([EICAR_NAME] if found else [])


@pytest.mark.parametrize(
    ("target", "data", "type", "found"),
    [("0", b"VIRUS", "", True), ("1", program() + b"VIRUS", "", True), ("1", b"VIRUS", "", False), ("3", b"<html>VIRUS", "", True),
     ("3", b"<HTML>\nvi\n\nrus", "", False), ("4", b"VIRUS", "message/rfc822", True), ("4", b"VIRUS", "text/plain", False),
     ("5", b"GIF89a VIRUS", "", True), ("6", b"\x7fELF VIRUS", "", True), ("7", b"a VIRUS", "", True), ("7", b"\0 VIRUS", "", False),
     ("10", b"%PDF-VIRUS", "", True)],
)  # fmt: skip
def test_targets(tmp_path: Path, target: str, data: bytes, type: str, found: bool) -> None:
    made = store(tmp_path, a__ndb=f"Test.A:{target}:*:{b'VIRUS'.hex()}\n")
    assert names(made, data, type) == (["Test.A"] if found else [])


def test_pages_are_compared_in_lower_case_with_single_blanks(tmp_path: Path) -> None:
    made = store(tmp_path, a__ndb=f"Test.A:3:*:{b'evil page'.hex()}\n")
    assert names(made, b"<HTML>Evil \n\t PAGE</HTML>") == ["Test.A"]


def test_digests_known_good_and_ignored(tmp_path: Path) -> None:
    sha, md5 = hashlib.sha256(b"virus").hexdigest(), hashlib.md5(b"other").hexdigest()
    made = store(tmp_path, a__hsb=f"{sha}:5:Test.A\n", b__hdb=f"{md5}:*:Test.B\n")
    assert names(made, b"virus") == ["Test.A"] and names(made, b"other") == ["Test.B"] and not names(made, b"Virus")
    good = store(tmp_path, c__sfp=f"{sha}:5:x\n", d__ign2="Test.B\n")
    assert not names(good, b"virus") and not names(good, b"other")


def test_many_patterns_are_one_search(tmp_path: Path) -> None:
    lines = "".join(
        f"Test.{number}:0:*:{b'sample-%05d!'.hex() if number < 0 else (b'sample-%05d!' % number).hex()}\n"
        for number in range(3000)
    )
    made = store(tmp_path, a__ndb=lines)
    assert names(made, bytes(500_000) + b"sample-02999!" + bytes(10) + b"sample-00007!") == ["Test.7", "Test.2999"]
    assert made.count == 3000


def test_staleness(tmp_path: Path) -> None:
    made = store(tmp_path, a__ndb="Test.A:0:*:6162\n")
    newest = made.files.newest
    assert not made.stale(newest + STALE_AFTER_S) and made.stale(newest + STALE_AFTER_S + 1)
    assert not SignatureStore().stale(1e12), "the built-in ones do not age"


def test_a_recipe_replaces_every_place(tmp_path: Path) -> None:
    made = store(tmp_path, a__txt="Test.A:any:*:61??63*64\nTest.A:clean:*:2d\n".replace("61??63*64", "6162*6364"))
    assert made.disinfected("Test.A", b"1ab..cd2ab.cd3") == b"1-2-3"
    assert made.disinfected("Test.B", b"x") is None


def test_targets_of_an_object() -> None:
    assert targets_of(b"<html>", "message/rfc822") == {"any", "html", "text", "mail"}
