"""archive: the family of formats."""

from __future__ import annotations

import pytest

from harness.gateway.content.archive import formats
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.part import Part


def test_every_format_is_there_once() -> None:
    names = [name for name, _ in formats()]
    assert len(names) == len(set(names)) >= 28 and {"zip", "7z", "ole", "message"} <= set(names)


@pytest.mark.parametrize("name", [name for name, _ in formats()])
def test_nothing_recognises_nothing(name: str) -> None:
    archive = dict(formats())[name]
    assert not archive.recognises(Part("p", b"")) and not archive.recognises(Part("p", b"a letter of a few words\n"))
    list(archive.members(Part("p", b""), Budget(Limits(), lambda: 0.0))) if name in ("carved", "message") else None
