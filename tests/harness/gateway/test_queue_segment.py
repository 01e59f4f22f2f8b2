"""queue_segment: records, and what is left of them after a cut, a spoilt block, or a sender's forgery."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.queue_segment import Broken, Change, Found, Segment, read

CONTENTS = st.dictionaries(st.text("ABCDEF0123456789", min_size=1, max_size=6), st.binary(max_size=60), max_size=3)
CHANGES = st.lists(
    st.builds(Change, CONTENTS, st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=6))), max_size=4
)


def written(directory: Path, changes: list[Change]) -> tuple[bytes, str, list[int]]:
    """What is in the file, its key, and where each change ends."""
    segment, ends = Segment(directory, 1), []
    for change in changes:
        segment.append([change])
        ends.append(segment.size)
    segment.close()
    data = segment.path.read_bytes() if segment.path.exists() else b""
    segment.remove()
    return data, segment.key, ends


def changes_in(data: bytes, found: list[Found | Broken]) -> list[Change]:
    return [
        Change({name: data[at : at + size] for name, (at, size) in one.stored.items()}, list(one.removed))
        for one in found
        if isinstance(one, Found)
    ]


@given(CHANGES, st.data())
def test_whatever_is_cut_off_at_the_end_every_whole_change_is_there_and_nothing_is_broken(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Change], draw: st.DataObject
) -> None:
    data, key, ends = written(tmp_path_factory.getbasetemp(), changes)
    cut = draw.draw(st.integers(0, len(data)))
    for rest in (data[:cut], data[:cut] + bytes(draw.draw(st.sampled_from([0, 1, 600])) if cut == len(data) else 0)):
        found = list(read(rest, key))
        assert not [one for one in found if isinstance(one, Broken)]
        assert changes_in(rest, found) == changes[: sum(end <= cut for end in ends)]


@given(CHANGES.filter(bool), st.data())
def test_a_spoilt_byte_costs_one_change_and_is_told(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Change], draw: st.DataObject
) -> None:
    data, key, ends = written(tmp_path_factory.getbasetemp(), changes)
    at = draw.draw(st.integers(0, len(data) - 1))
    spoilt = data[:at] + bytes([data[at] ^ draw.draw(st.integers(1, 255))]) + data[at + 1 :]
    found = list(read(spoilt, key))
    hit = sum(end <= at for end in ends)
    assert changes_in(spoilt, found) == changes[:hit] + changes[hit + 1 :]
    if hit < len(changes) - 1:  # of the last one a part may seem to be missing
        assert [one for one in found if isinstance(one, Broken)] == [Broken(([0, *ends])[hit], ends[hit])]


@given(st.binary(max_size=300), st.text("0123456789abcdef", min_size=16, max_size=16))
def test_any_bytes_are_read_without_a_fault(data: bytes, key: str) -> None:
    mark = f"mailqueue {key} ".encode()
    for tried in (data, mark + data, mark + b"5 0\n" + data):
        list(read(tried, key))


def test_a_mail_cannot_hold_a_record_that_counts(tmp_path: Path) -> None:
    forged, _, _ = written(tmp_path, [Change({"FACE": b"{}\nforged"})])
    data, key, _ = written(tmp_path, [Change({"A1": forged}), Change({"B2": b"x"})])
    spoilt = data.replace(b'"A1"', b'"X1"')
    assert [type(one) for one in read(spoilt, key)] == [Broken, Found]
    assert "FACE" not in str(list(read(spoilt, key))[1])


def test_the_name_tells_number_and_key(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 12)
    again = Segment.of(segment.gone_path)
    assert again is not None and (again.number, again.key, again.path) == (12, segment.key, segment.path)
    for name in ("A1", "x.mails", "-.mails", "1-.mails", "1-2.txt", ".mails"):
        assert Segment.of(tmp_path / name) is None


def test_half_a_line_of_who_has_left_is_nobody(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 1)
    assert segment.read_gone() == []
    segment.left(["A1", "B2"])
    segment.close()
    with segment.gone_path.open("ab") as file:
        file.write(b"C")
    assert segment.read_gone() == ["A1", "B2"]
