"""unpack: the objects of a mail in order, each under its path."""

from __future__ import annotations

import base64
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.container import containers
from harness.corpus.payload import payloads
from harness.gateway.content.archive import Trouble
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.unpack import begin, objects, unpack


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits), lambda: 0.0)


def mail(name: str, data: bytes) -> bytes:
    head = f"Content-Type: application/x; name={name}\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(data)


def test_paths_name_every_container_on_the_way() -> None:
    name, data = containers["zip"](containers["tar"](("a.txt", b"content")))
    found = unpack(mail(name, data), budget())
    assert [(part.path, part.depth) for part in found.parts] == [
        ("part0001:a.zip", 0), ("part0001:a.zip/a.tar", 1), ("part0001:a.zip/a.tar/a.txt", 2),
    ]  # fmt: skip
    assert found.depth == 2 and not found.findings


def test_the_raw_mail_comes_first_and_is_no_part() -> None:
    data = b"Subject: x\n\nhello\n"
    given_budget = budget()
    found = begin(data, given_budget)
    parts = list(objects(data, found, given_budget))
    assert [(part.path, part.raw) for part in parts] == [("mail", True), ("part0001", False)] and len(found.parts) == 1


def test_members_are_whole_while_they_are_scanned() -> None:
    name, data = containers["zip"](("a.bin", b"y" * 500_000))
    whole = mail(name, data)
    given_budget = budget()
    found = begin(whole, given_budget)
    assert [len(part.data) for part in objects(whole, found, given_budget) if part.depth] == [500_000]
    assert given_budget.held == 0


def test_a_walk_that_is_given_up_holds_nothing() -> None:
    name, data = containers["zip"](("a.bin", b"y" * 500_000))
    given_budget = budget()
    whole = mail(name, data)
    walk = objects(whole, begin(whole, given_budget), given_budget)
    for _ in range(3):
        next(walk)
    walk.close()  # type: ignore[attr-defined]
    assert given_budget.held == 0


def test_a_compressed_archive_of_a_compressed_kind_is_told() -> None:
    name, data = containers["gzip"](containers["zip"](("a.txt", b"x")))
    assert [finding.name for finding in unpack(mail(name, data), budget()).findings] == ["Archive.InArchive"]
    name, data = containers["gzip"](containers["tar"](("a.txt", b"x")))
    assert not unpack(mail(name, data), budget()).findings


def test_a_long_name_is_told_and_cut() -> None:
    _, data = containers["zip"](("n" * 300 + ".txt", b"x"))
    found = unpack(mail("a.zip", data), budget())
    assert (
        "Name.TooLong" in [finding.name for finding in found.findings]
        and max(len(part.path) for part in found.parts) < 290
    )


def test_notes_name_the_member() -> None:
    found = begin(b"\n", budget())
    found.note(Trouble("unscannable", "Encrypted.Zip", "a\n.exe"), "part0001:x.zip", 3)
    (finding,) = found.findings
    assert (finding.path, finding.entity, finding.cls) == ("part0001:x.zip/a?.exe", 3, "unscannable")


@given(st.binary(max_size=400))
def test_any_bytes_are_unpacked(data: bytes) -> None:
    given_budget = budget(max_members=50)
    unpack(data, given_budget)
    assert given_budget.held == 0


def test_programs_behind_programs_are_taken_apart_once_each() -> None:
    """Each rest of a file holds the rests behind it: twelve programs in a row were thousands of objects."""
    data = b"".join(payloads["pe"]() for _ in range(12))
    found = unpack(mail("a.bin", data), budget(max_depth=64))
    assert len({part.path.rpartition("/")[2] for part in found.parts}) >= 12
    assert len(found.parts) < 12 * 12


def test_what_lies_too_deep_at_first_is_opened_where_it_lies_less_deep() -> None:
    inner = zipped("inner", ("a.txt", b"content"))
    found = unpack(mail(*zipped("top", zipped("b", zipped("c", inner)), inner)), budget(max_depth=3))
    assert [finding.name for finding in found.findings] == ["Limits.Depth"]
    assert [part.path for part in found.parts if part.path.endswith(".txt")] == ["part0001:top/inner/a.txt"]


def zipped(name: str, *files: tuple[str, bytes]) -> tuple[str, bytes]:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for file in files:
            archive.writestr(*file)
    return name, whole.getvalue()
