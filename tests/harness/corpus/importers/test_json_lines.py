from __future__ import annotations

import json
from pathlib import Path

from harness.corpus.importer import Wishes, import_all
from harness.corpus.sample import Broken, Sample


def test_a_label_is_given_only_to_what_has_none(tmp_path: Path) -> None:
    rows = [{"client": "192.0.2.7", "recipients": ["a@b.test"], **more} for more in ({}, {"label": "spam"}, {"x": 1})]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, second, third = import_all([tmp_path / "x.jsonl"], Wishes(label="ham"))
    assert isinstance(first, Sample) and first.label == "ham"
    assert isinstance(second, Sample) and second.label == "spam"
    assert isinstance(third, Broken)
