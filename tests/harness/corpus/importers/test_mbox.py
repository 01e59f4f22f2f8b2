from __future__ import annotations

import resource
from pathlib import Path

import pytest

from harness.corpus import importer
from harness.corpus.importer import Wishes, import_all
from harness.corpus.sample import Broken, Sample

MAIL = "From a@x.test Sun Aug 10\nReceived: from h (m.x.test [192.0.2.7]) by us for <b@ok.test>\nSubject: %s\n\n%s\n\n"


def test_every_message_is_found_and_quoted_lines_are_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_text(MAIL % ("one", ">From here on") + MAIL % ("two", "text\nFrom inside a line") + "From x\n\n")
    found = list(import_all([path], Wishes()))
    assert [type(one) for one in found] == [Sample, Sample, Broken]
    first, second = (one for one in found if isinstance(one, Sample))
    assert b"\r\nFrom here on\r\n" in first.data and second.data.endswith(b"From inside a line\r\n")


def test_a_truncated_file_and_a_huge_message_cost_only_themselves(tmp_path: Path, monkeypatch: object) -> None:
    from harness.corpus.importers import mbox

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mbox, "MOST_BYTES", 200)
        path = tmp_path / "box"
        path.write_text(MAIL % ("big", "x" * 400) + (MAIL % ("cut", "text"))[:-8])
        big, cut = import_all([path], Wishes())
    assert isinstance(big, Broken) and "more than the 200 that are read" in big.why
    assert isinstance(cut, Sample) and importer.MOST_BYTES > 200


@pytest.mark.slow
def test_a_message_of_two_gibibytes_in_one_line_is_counted_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "box"
    with path.open("wb") as file:  # a sparse file: nothing is written but its ends
        file.write((MAIL % ("huge", "")).encode())
        file.seek(2 << 30)
        file.write(b"\n\n" + (MAIL % ("next", "text")).encode())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    huge, following = import_all([path], Wishes())
    assert isinstance(huge, Broken) and "more than the" in huge.why and isinstance(following, Sample)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10  # KiB
