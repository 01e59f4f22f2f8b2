"""office: outside readers agree on what the documents are."""

from __future__ import annotations

import io
import zipfile

import pytest

from harness.corpus.payload import payloads


@pytest.mark.parametrize("word", ["doc_autoexec", "doc_macro", "doc_plain", "doc_encrypted", "xls_excel4", "xls_plain"])
def test_olefile_opens_the_compound_files(word: str) -> None:
    olefile = pytest.importorskip("olefile")
    with olefile.OleFileIO(io.BytesIO(payloads[word]())) as ole:
        assert ole.listdir() and not ole.parsing_issues


@pytest.mark.parametrize("word", ["docm_autoexec", "docx_plain", "docx_template", "docx_dde"])
def test_zipfile_opens_the_newer_ones(word: str) -> None:
    assert zipfile.ZipFile(io.BytesIO(payloads[word]())).testzip() is None


def test_twins_differ_in_what_matters() -> None:
    assert b"cmd" in payloads["csv_formula"]() and b"cmd" not in payloads["csv_plain"]()
    assert b"objdata" in payloads["rtf_equation"]() and b"objdata" not in payloads["rtf_plain"]()
