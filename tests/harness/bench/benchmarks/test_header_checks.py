"""header_checks: the measured tables answer, and the large one is asked through the prefilter."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.benchmark import benchmarks
from harness.bench.benchmarks.header_checks import _HEADERS, _RULES, _table
from harness.gateway.patterntable import PatternTable


@pytest.mark.parametrize("kind", ["regexp", "pcre"])
def test_some_headers_match_and_most_do_not(kind: str, tmp_path: Path) -> None:
    table = _table(tmp_path, kind, _RULES)
    assert isinstance(table, PatternTable) and table._prefilter is not None and not table._always
    hits = [hit.value for header in _HEADERS if (hit := table.lookup(header)) is not None]
    assert hits == ["REJECT words"] * 50, "every tenth word is of an odd rule"
    assert f"{kind}_checks" in benchmarks
