"""pdf_filters: what the streams of a PDF are packed with; most of it is tested where PDFs are read."""

from __future__ import annotations

import zlib

import pytest

from harness.gateway.content.budget import Budget, LimitPassed, Limits
from harness.gateway.content.pdf_filters import Predictor, decoded, inflated


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits), lambda: 0.0)


def test_a_stream_is_read_to_its_own_end_and_a_torn_one_as_far_as_it_goes() -> None:
    packed = zlib.compress(b"hello " * 50)
    assert inflated(b"xx" + packed + b"rest", 2, budget()) == (b"hello " * 50, "")
    content, wrong = inflated(packed[:-8], 0, budget())
    assert wrong == "torn off" and content.startswith(b"hello")


def test_a_bomb_is_a_limit() -> None:
    with pytest.raises(LimitPassed):
        inflated(zlib.compress(bytes(5_000_000)), 0, budget(max_member_bytes=1_000_000))


def test_what_nobody_undoes_is_told() -> None:
    assert decoded(b"x", ["Crypt"], Predictor(), budget()) == (b"x", "Filter")
    assert decoded(b"xyz", ["ASCIIHexDecode"], Predictor(), budget()) == (b"xyz", "Broken")


def test_rows_of_no_sensible_length_are_broken() -> None:
    packed = zlib.compress(b"hello")
    assert decoded(packed, ["FlateDecode"], Predictor(12, columns=0), budget()) == (b"hello", "Broken")
