"""versus_table - two or more sides beside each other, and what a comparison says of them, as text or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.bench.compare import Comparison
from harness.bench.outcome import Outcome
from harness.bench.table import PHASES, QUANTILES, conclusions, quantile_cells
from harness.bench.versus import Versus
from harness.threshold import shown

_FIGURES = (
    "sessions.total", "sessions.rate", "messages.rate", "bytes.rate", "verdict.mismatch", "errors.total", "gateway.cpu",
    "gateway.cpu.session", "gateway.rss.max", "gateway.files.max", "dns.queries.rate", "harness.cpu", "world.cpu",
)  # fmt: skip
Row = tuple[str, ...]


def figure_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """A row for each figure, a column for each side."""
    for name in _FIGURES:
        if any(name in one.figures for one in outcomes):
            yield (name, *(shown(name, one.figures[name]) if name in one.figures else "-" for one in outcomes))


def latency_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Phase, side, and the quantiles: the sides of a phase one below the other."""
    for phase in PHASES:
        for one in outcomes:
            if f"latency.{phase}.p50" in one.figures:
                yield (phase, one.target, *quantile_cells(phase, one.figures, one.measured))


def beside_text(outcomes: Sequence[Outcome]) -> str:
    """Both tables, and what each side deserves."""
    label = max(10, *(len(one.target) for one in outcomes)) + 2
    lines = [f"{outcomes[0].scenario}: {len(outcomes[0].blocks)} blocks on each side, in turns"]
    lines.append(f"  {'':<22}" + "".join(f"{one.target:>{label}}" for one in outcomes))
    lines += [f"  {name:<22}" + "".join(f"{cell:>{label}}" for cell in cells) for name, *cells in figure_rows(outcomes)]
    lines.append(f"  {'latency':<10}{'':<{label}}" + "".join(f"{word:>12}" for word in QUANTILES.values()))
    before = ""
    for phase, side, *values in latency_rows(outcomes):
        first = phase if phase != before else ""
        lines.append(f"  {first:<10}{side:<{label}}" + "".join(f"{value:>12}" for value in values))
        before = phase
    for one in outcomes:
        lines += [f"  {one.target}:", *conclusions(one)]
    return "\n".join(lines)


def versus_text(versus: Versus) -> str:
    """Each figure on both sides, its change, how sure that is, what is allowed, and the conclusion."""
    blocks = len(versus.outcomes[-1].blocks)
    how = f"{blocks} pairs of blocks, in turns" if len(versus.outcomes) > 1 else f"{blocks} blocks now"
    lines = [f"  {versus.old} against {versus.outcomes[-1].target}: {how}"]
    lines += [f"  note: {note}" for note in versus.notes]
    unfit = sum(bool(block.unfit) for outcome in versus.outcomes for block in outcome.blocks)
    if unfit:
        lines.append(f"  note: {unfit} blocks do not count, because the harness or the machine was too slow in them")
    lines.append(f"  {'figure':<22}{'before':>12}{'after':>12}{'change':>9}  {'surely between':<20}{'allowed':>9}")
    return "\n".join([*lines, *map(_line, versus.comparisons)])


def page(title: str, outcomes: Sequence[Outcome], machine: Mapping[str, str], when: str, command: str) -> str:
    """The tables as Markdown, with the machine, the day, and the command that writes the page anew."""
    lines = [
        f"# {title}", "",
        f"Written by `{command}` on {when}: {machine['processors']} processors ({machine['processor']}), "
        f"{machine['system']}, {machine['python']}.  {len(outcomes[0].blocks)} blocks on each side, in turns. "
        "Figures of one machine at one hour: what they say is how the sides compare.", "",
        "| figure | " + " | ".join(one.target for one in outcomes) + " |", "|---|" + "---:|" * len(outcomes),
        *("| " + " | ".join(row) + " |" for row in figure_rows(outcomes)), "",
        "Latency, from the moment a session was due, and of each reply from the write it answers:", "",
        "| phase | side | " + " | ".join(QUANTILES.values()) + " |", "|---|---|" + "---:|" * len(QUANTILES),
        *("| " + " | ".join(row) + " |" for row in latency_rows(outcomes)), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _line(one: Comparison) -> str:
    metric, least = one.change.metric, f"{one.change.least:+.0%}"
    if one.interval is None or one.old is None or one.new is None:
        return f"  {metric:<22}{'-':>12}{'-':>12}{'-':>9}  {'-':<20}{least:>9}  {one.conclusion.value}: {one.why}"
    between = f"{one.interval.low:+.1%} .. {one.interval.high:+.1%}"
    said = one.conclusion.value + (f": {one.why}" if one.why else "")
    return (
        f"  {metric:<22}{shown(metric, one.old):>12}{shown(metric, one.new):>12}{one.interval.estimate:>+9.1%}  "
        f"{between:<20}{least:>9}  {said}"
    )
