from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.corpus.sample import LABELS, Broken, Sample
from harness.corpus.store import cut_lines, cut_parquet, from_row, read_lines, read_parquet, write
from harness.errors import TargetError, UsageError

SAMPLES = st.builds(
    Sample, id=st.text("abc", min_size=1), client=st.just("192.0.2.7"), sender=st.text("ab@.\u00e9", max_size=9),
    recipients=st.lists(st.text("ab@.", min_size=1), min_size=1, max_size=3).map(tuple), data=st.binary(max_size=40),
    label=st.sampled_from(LABELS), helo=st.text("ab"), name=st.none() | st.just("a.test"), origin=st.just("x"),
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(SAMPLES, max_size=12), st.integers(1, 5))
def test_what_is_written_is_read_again_however_it_is_cut(
    tmp_path: Path, suffix: str, samples: list[Sample], size: int
) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"x{suffix}"
    assert write([*samples, Broken("b", "why")], path) == (len(samples), [Broken("b", "why")])
    cut, read = (cut_lines, read_lines) if suffix == ".jsonl" else (cut_parquet, read_parquet)
    parts = [one for start, stop in cut(path, size) for one in read(path, start, stop)]
    assert parts == list(read(path)) == samples


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([], "expects an object, got list"),
        ({"client": "192.0.2.7"}, "recipients: expects a list of at least one address"),
        ({"client": "192.0.2.7", "recipients": [], "data": ""}, "recipients: expects a list of at least one address"),
        ({"recipients": ["a@b"]}, "client: expects the address of the client"),
        ({"client": "192.0.2.7", "recipients": ["a@b"], "label": "hamm"}, "no label 'hamm'; did you mean 'ham'?"),
        ({"client": "192.0.2.7", "recipients": ["a@b"], "sendr": "x"}, "no such key 'sendr'; did you mean 'sender'?"),
        ({"client": 7, "recipients": ["a@b"]}, "client: expects text, got 7"),
        ({"client": "192.0.2.7", "recipients": ["a@b"], "data": 1}, "data: expects text, got int"),
        ({"client": "192.0.2.7", "recipients": ["a@b"], "data_base64": "!"}, "data_base64: "),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it(row: object, why: str) -> None:
    found = from_row(row, "x@0")
    assert isinstance(found, Broken) and found.why.startswith(why)


def test_a_line_cut_short_is_one_broken_sample(tmp_path: Path) -> None:
    good = json.dumps({"client": "192.0.2.7", "recipients": ["a@b.test"]})
    (tmp_path / "x.jsonl").write_text(f"{good}\n\n{good[:9]}\n{good}")
    assert [type(one) for one in read_lines(tmp_path / "x.jsonl")] == [Sample, Broken, Sample]


def test_a_line_without_an_end_is_one_broken_sample_and_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.corpus.store.MOST_LINE", 100)
    good = json.dumps({"client": "192.0.2.7", "recipients": ["a@b.test"]})
    path = tmp_path / "x.jsonl"
    path.write_text(f"{good}\n{'x' * 1000}\n{good}\n")
    parts = [one for start, stop in cut_lines(path, 1) for one in read_lines(path, start, stop)]
    assert [type(one) for one in parts] == [Sample, Broken, Sample] and parts == list(read_lines(path))
    assert isinstance(parts[1], Broken) and parts[1].why == "a line of 1001 bytes: more than the 100 that are read"


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / ".x.jsonl.part").symlink_to("/dev/full")
    sample = Sample(id="a", client="192.0.2.7", sender="a@b", recipients=("c@d",), data=b"x")
    with pytest.raises(TargetError, match=r"x\.jsonl: No space left"):
        write([sample], tmp_path / "x.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_place_where_nothing_can_be_written_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        write([], tmp_path / "no" / "x.jsonl")
    with pytest.raises(UsageError, match=r"a \.jsonl or a \.parquet file"):
        write([], tmp_path / "x.csv")
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    pytest.importorskip("pyarrow")
    with pytest.raises(UsageError, match=r"x\.parquet"):
        list(read_parquet(tmp_path / "x.parquet"))
