"""filenames: every spelling of a name made to deceive, and names that are only odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.part import Part
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.scanners.filenames import extension_of, filenames
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule

CONTEXT = ScanContext(SignatureStore(), BANNED, default_rule("banned"))


def found(*names: str) -> list[str]:
    return [finding.name for finding in filenames(Part("p", b"", names), CONTEXT)]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("invoice.pdf.exe", ["Name.DoubleExtension"]), ("invoice.pdf . exe", ["Name.DoubleExtension"]), ("a.PDF.SCR", ["Name.DoubleExtension"]),
        ("invoice.pdf.exe ..", ["Name.DoubleExtension"]), ("invoice.pdf%2Eexe", ["Name.DoubleExtension", "Name.Conflict"]), ("a.exe", ["Name.Banned"]),
        ("a.tar.gz", []), ("report.v2.pdf", []), ("com", []), (".exe", []), ("a.exe.pdf", []), ("", []),
        ("annex\u202efdp.exe", ["Name.Banned", "Name.Bidi"]), ("a.txt.{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}", ["Name.Clsid"]),
        ("a.exe\0.txt", ["Name.Control", "Name.Banned"]), ("a.txt" + " " * 12 + ".pdf", ["Name.Hidden"]), ("a.txt::$DATA", ["Name.Stream"]), ("a.txt:b.doc", ["Name.Stream"]), ("Re: letter.eml", []), ("Sub::Exporter.3pm", []),
        ("..\\x.txt", ["Name.Path"]), ("/etc/x.txt", ["Name.Path"]), ("C:\\x.txt", ["Name.Path"]), ("a..b.txt", []), ("x" * 160, ["Name.Long"]),
        ("a\uff0eexe", ["Name.Banned", "Name.Conflict"]), ("a.\uff45\uff58\uff45", ["Name.Banned", "Name.Conflict"]),
        ("a.e\u200bxe", ["Name.Banned", "Name.Conflict"]), ("a.exe/", ["Name.Banned"]), ("'a.exe'", ["Name.Banned"]), ("a.xll", ["Name.Banned"]),
        ("invoice.pdf\u3000.exe", ["Name.DoubleExtension"]), ("a.txt\u200b" * 12 + ".exe", ["Name.DoubleExtension"]),
    ],
)  # fmt: skip
def test_kinds(name: str, kinds: list[str]) -> None:
    assert found(name) == kinds if name else found() == kinds


def test_two_names_of_which_one_runs() -> None:
    assert found("a.txt", "a.exe") == ["Name.Banned", "Name.Conflict"] and found("a.txt", "a.doc") == []


@given(st.text(max_size=60))
def test_any_name_has_an_extension_or_none(name: str) -> None:
    last, before = extension_of(name)
    assert last == last.lower() and not (before and not last)
    found(name)
