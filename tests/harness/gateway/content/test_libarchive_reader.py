"""libarchive_reader: members streamed under the budget, and what is said when the library is not there."""

from __future__ import annotations

import sys

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.libarchive_reader import members_of

FILE = ("a.txt", b"some text " * 30)


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits), lambda: 0.0)


def test_without_the_library_nothing_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libarchive.exception", None)
    (trouble,) = members_of(containers["7z"](FILE)[1], "7z", budget())
    assert isinstance(trouble, Trouble) and (trouble.cls, trouble.name) == ("unscannable", "NoReader.7z")


def test_a_climbing_name_is_told() -> None:
    things = list(members_of(containers["7z"](("../up.txt", b"x"))[1], "7z", budget()))
    assert [t.name for t in things if isinstance(t, Trouble)] == ["Path.7z"]


def test_a_large_member_is_cut_and_told_and_the_next_is_read() -> None:
    one = containers["cpio"](("big", bytes(3_000_000)))[1]
    data = one[: one.index(b"070701", 10)] + containers["cpio"](FILE)[1]
    things = list(members_of(data, "Cpio", budget(max_member_bytes=1_000_000), formats="cpio"))
    assert "Limits.MemberBytes" in [t.name for t in things if isinstance(t, Trouble)]
    assert [t.data for t in things if isinstance(t, Member)][-1] == FILE[1]


def test_a_file_of_no_known_type_is_read_all_the_same() -> None:
    """libarchive calls a member of mode 0 neither file nor anything else, and gives its content."""
    head = b"!<arch>\n" + b"a.txt/".ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"0".ljust(8)
    data = head + str(len(FILE[1])).encode().ljust(10) + b"`\n" + FILE[1]
    (member,) = members_of(data, "Ar", budget(), formats="ar")
    assert isinstance(member, Member) and member.data == FILE[1]
