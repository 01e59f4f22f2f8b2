"""compound: olefile reads what is written."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.compound import compound, vba_compressed
from harness.gateway.content.vba import decompress


@given(st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e", "VBA/dir"]), st.binary(max_size=9000), min_size=1))
def test_every_stream_comes_back(streams: dict[str, bytes]) -> None:
    olefile = pytest.importorskip("olefile")
    with olefile.OleFileIO(io.BytesIO(compound(streams))) as ole:
        assert {path: ole.openstream(path.split("/")).read() for path in streams} == streams
        assert not ole.parsing_issues


@given(st.binary(max_size=9000))
def test_compressed_sources_round_trip(source: bytes) -> None:
    assert decompress(vba_compressed(source)) == source
