"""payload: the harmless test files, assembled."""

from __future__ import annotations

from random import Random

import pytest

from harness.corpus.payload import payload
from harness.errors import ScenarioError


def made(kind: str) -> bytes:
    return payload(kind, Random(1), lambda name: f"<{name}>".encode())


@pytest.mark.parametrize("kind", ["random:1000", "zeros:1000", "text:1000"])
def test_sized_payloads_have_their_size_and_are_the_same_each_time(kind: str) -> None:
    assert len(made(kind)) == 1000
    assert made(kind) == made(kind)


def test_files_come_from_where_files_are() -> None:
    assert made("file:a.bin") == b"<a.bin>"
    assert made("corpus:b.bin") == b"<corpus:b.bin>"


@pytest.mark.parametrize(("kind", "complaint"), [("eicra", "did you mean 'eicar'"), ("zeros:many", "number of bytes")])
def test_an_unknown_payload_is_told(kind: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        made(kind)
