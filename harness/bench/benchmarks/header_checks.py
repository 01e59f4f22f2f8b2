"""header_checks - what a table of 500 rules costs beside one of 5, by header, for regexp: and pcre:. (IO)"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from harness.bench.benchmark import Figure, benchmarks
from harness.bench.measure import in_turns
from harness.gateway.table import Table, TableContext, open_table

_RULES = 500
_HEADERS = [
    *(f"Subject: a letter about word{number}y and other things, number {number}" for number in range(500)),
    *(f"Received: from mail{number}.ok.test (unknown [192.0.2.{number % 250}])\n\tby gw.test" for number in range(500)),
    *(f'Content-Type: application/octet-stream;\n name="report-{number}.pdf"' for number in range(500)),
    *(f"Subject: buy word{number}x now" for number in range(0, 500, 5)),  # these match
]  # fmt: skip


def _table(directory: Path, kind: str, number: int) -> Table:
    rules = (
        f"/^Subject:.*(word{place}x|pill{place} +now)/ REJECT words\n"
        if place % 2
        else f'/^Content-(Type|Disposition):.*name="?[^"]*\\.x{place}"?$/ REJECT files\n'
        for place in range(number)
    )
    name = f"{kind}{number}"
    (directory / name).write_text("".join(rules), "ascii")
    return open_table(f"{kind}:{name}", TableContext(directory, print))


def _rate(table: Table) -> float:
    began = time.process_time()
    for header in _HEADERS:
        table.lookup(header)
    return len(_HEADERS) / (time.process_time() - began)


def _figure(kind: str) -> Figure:
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as directory:
        many, few = _table(Path(directory), kind, _RULES), _table(Path(directory), kind, 5)
        mine, its = in_turns(lambda: _rate(many), lambda: _rate(few))
    return Figure(f"{kind}_checks", mine, its, "headers/s", "5 rules", 0.5)


@benchmarks.register("regexp_checks")
def regexp_checks() -> Figure:
    """Headers a second through 500 rules of a regexp: table, beside 5."""
    return _figure("regexp")


@benchmarks.register("pcre_checks")
def pcre_checks() -> Figure:
    """Headers a second through 500 rules of a pcre: table, beside 5."""
    return _figure("pcre")
