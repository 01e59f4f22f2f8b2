from __future__ import annotations

from pathlib import Path

from harness.corpus.importer import Wishes, import_all
from harness.corpus.sample import Broken, Sample

MAIL = "Received: from h (m.x.test [192.0.2.7]) by us for <b@ok.test>\nSubject: x\n\ntext\n"


def test_a_maildir_is_read_without_what_nobody_has_finished(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sub/cur", ".Sub/new"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "1.host:2,S").write_text(MAIL)
    assert [one.id for one in import_all([tmp_path], Wishes())] == ["1.host"] * 4


def test_eml_files_are_read_and_a_broken_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(MAIL)
    (tmp_path / "b.eml").write_text("Subject: no envelope\n\n")
    (tmp_path / "notes.txt").write_text("no mail")
    good, bad = import_all([tmp_path], Wishes())
    assert isinstance(good, Sample) and good.origin == "a.eml"
    assert isinstance(bad, Broken) and bad.id == "b.eml"
    assert len(list(import_all([tmp_path / "a.eml"], Wishes()))) == 1
