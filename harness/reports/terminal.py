"""terminal - the verdict table: one row per scenario folder, what came of its sessions, and the total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.corpus.attack import FAMILIES, tried
from harness.report import WHOLE, Row, reports

_COLUMNS = ("sessions", "passed", "failed", "error", "skipped", "accept", "refuse", "other", "unchecked", "(after)")


@reports.register("terminal")
def terminal(rows: Sequence[Row]) -> str:
    """A plain table; the verdicts are counted beside the results, so that a change of either shows.

    `unchecked` counts expectations that the target cannot show, `(after)` runs that do not hold as a whole.
    """
    families: dict[str, list[Row]] = {}
    for row in rows:
        families.setdefault(row["scenario"].rpartition("/")[0] or row["scenario"], []).append(row)
    table: list[tuple[str, ...]] = [("family", *_COLUMNS)]
    table += [(family, *_counts(families[family])) for family in sorted(families)]
    table.append(("total", *_counts(rows)))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = ["  ".join(_aligned(line, widths)) for line in table]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]) + "\n"


def not_checked(rows: Sequence[Row]) -> str:
    """Why sessions were skipped, a line for each reason."""
    skipped = [row for row in rows if row["status"] == "skipped" and row["session"] != WHOLE]
    reasons = Counter(row["findings"][0]["seen"] for row in skipped)
    return "".join(f"not checked: {reason} ({number} sessions)\n" for reason, number in reasons.most_common())


def attack_families(rows: Sequence[Row]) -> str:
    """How many of the attack families were tried, and which were not; nothing where a run is about something else."""
    counts = tried(row["tags"] for row in rows if row["session"] != WHOLE and row["status"] != "skipped")
    attacks, benign = (sum(getattr(one, kind) for one in counts.values()) for kind in ("attacks", "benign"))
    if not attacks:
        return ""
    whole = sum(one.whole for one in counts.values())
    lines = [
        f"attack families: {whole} of {len(FAMILIES)} tried with a benign twin ({attacks} attacks, {benign} benign)\n"
    ]
    for number, one in counts.items():
        if not one.whole:
            missing = " and no ".join(kind for kind, n in (("attack", one.attacks), ("twin", one.benign)) if not n)
            lines.append(f"  {number:>2}  {FAMILIES[number]}: no {missing}\n")
    return "".join(lines)


def _counts(every: Sequence[Row]) -> list[str]:
    rows = [row for row in every if row["session"] != WHOLE]
    unchecked = sum(len(row["unchecked"]) for row in every)
    after = sum(row["session"] == WHOLE and row["status"] in ("failed", "error") for row in every)
    status = Counter(row["status"] for row in rows)
    verdict = Counter(row["verdict"] for row in rows)
    refused = verdict["reject"] + verdict["defer"] + verdict["disconnect"]
    other = len(rows) - verdict["accept"] - refused
    passed = status["passed"] + status["xfailed"]
    failed = status["failed"] + status["xpassed"]
    numbers = (
        len(rows), passed, failed, status["error"], status["skipped"], verdict["accept"], refused, other, unchecked,
        after,
    )  # fmt: skip
    return [str(number) if number else "." for number in numbers]


def _aligned(line: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    yield line[0].ljust(widths[0])
    yield from (word.rjust(width) for word, width in zip(line[1:], widths[1:], strict=True))
