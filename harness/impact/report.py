"""report - a tally as people read it: on a terminal, or as Markdown for a pull request; the worst harm first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.impact.agreement import Agreement
from harness.impact.causes import OTHERS, Example, Group, Tally
from harness.impact.diff import GOOD, HARMS
from harness.impact.fate import Cause

_NAMED = 4  # senders, recipients, domains of a group
_MEANS = {
    "allowed-malware": "malware that was stopped is delivered",
    "blocked-legit": "wanted mail does not arrive any more",
    "lost-notification": "somebody is not told any more",
    "blocked-unknown": "mail of unknown worth does not arrive any more",
    "allowed-unknown": "mail of unknown worth is delivered now",
    "allowed-spam": "spam that was stopped is delivered",
    "altered": "the mail arrives, but not as it did",
    "gained-notification": "somebody is told who was not",
    "reworded": "the same fate, by another rule or in other words",
    "unblocked-legit": "wanted mail arrives that did not",
    "blocked-malware": "malware is stopped that was delivered",
    "blocked-spam": "spam is stopped that was delivered",
}


def text_report(old: str, new: str, tally: Tally, agreements: Sequence[Agreement], most: int = 20) -> Iterator[str]:
    """The lines of the report; `most` groups in full."""
    yield f"impact of {old} -> {new}"
    yield f"  {_totals(tally)}"
    for which, why in tally.failures:
        yield f"  failed: {which}: {why}"
    if tally.failed > len(tally.failures):
        yield f"  ... and {tally.failed - len(tally.failures)} more that failed"
    yield ""
    if tally.transitions:
        yield "  sessions  transition                          harm"
        for transition, harm, count in _transitions(tally):
            yield f"  {count:>8,}  {transition:<34}  {harm}"
        yield ""
    groups = [group for group in tally.ranked() if group.harm != "reworded"]
    for number, group in enumerate(groups[:most], 1):
        yield from _group(number, group)
        yield ""
    if len(groups) > most:
        yield f"  ... and {len(groups) - most} more causes ({sum(g.count for g in groups[most:]):,} sessions)"
    yield from (f"  {line}" for line in _reworded(tally, most))
    yield from (f"  {line}" for line in _remarks(tally, agreements))


def markdown_report(old: str, new: str, tally: Tally, agreements: Sequence[Agreement], most: int = 20) -> Iterator[str]:
    """The same for a pull request."""
    yield f"## Mail that changes fate: `{old}` → `{new}`"
    yield ""
    yield _totals(tally)
    yield ""
    if tally.transitions:
        yield "| sessions | transition | harm | what that means |"
        yield "|---:|---|---|---|"
        for transition, harm, count in _transitions(tally):
            yield f"| {count:,} | {transition} | **{harm}** | {_MEANS[harm]} |"
        yield ""
    groups = [group for group in tally.ranked() if group.harm != "reworded"]
    for number, group in enumerate(groups[:most], 1):
        yield f"### {number}. {group.harm}: {group.count:,} ({_counted(group.transitions)})"
        yield ""
        for side, cause in (("old", group.old), ("new", group.new)):
            yield f"- {side} rule: `{_place(cause)}` {_code(cause.text)}{_within(cause, _code)}"
        yield f"- senders: {_counted(group.senders)}"
        yield f"- recipients: {_counted(group.recipients)}"
        for example in group.examples:
            yield f"- e.g. `{_example(example)}`: {_code(example.old)} → {_code(example.new)}"
        yield ""
    if len(groups) > most:
        yield f"{len(groups) - most} more causes are left out."
        yield ""
    yield from (f"- {line}" for line in _reworded(tally, most))
    for which, why in tally.failures:
        yield f"- failed: `{which}`: {why}"
    yield from (f"- {line}" for line in _remarks(tally, agreements))


def _reworded(tally: Tally, most: int) -> Iterator[str]:
    """Same fate, other rule: one line for each pair of rules."""
    groups = [group for group in tally.ranked() if group.harm == "reworded"]
    if groups:
        yield f"{sum(group.count for group in groups):,} sessions have the same fate by another rule or in other words:"
    for group in groups[:most]:
        old, new = (f"{_place(cause)} {_short(cause.text)}" for cause in (group.old, group.new))
        yield f"  {group.count:>6,}  {_counted(group.transitions)}: {old} -> {new}"
    if len(groups) > most:
        yield f"  ... and {len(groups) - most} more pairs of rules"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-16:]}"


def _totals(tally: Tally) -> str:
    labels = ", ".join(f"{name} {count:,}" for name, count in tally.labels.most_common())
    agreed = sum(tally.agreed.values())
    same = tally.decided - tally.changed - agreed
    text = f"{tally.sessions:,} sessions = {tally.decided:,} decided + {tally.failed:,} failed"
    text += f" ({labels})" if labels else ""
    return f"{text}; {tally.changed:,} change, {agreed:,} change as agreed, {same:,} do not"


def _transitions(tally: Tally) -> list[tuple[str, str, int]]:
    found = [(transition, harm, count) for (transition, harm), count in tally.transitions.items()]
    return sorted(found, key=lambda one: (HARMS.index(one[1]), -one[2], one[0]))


def _group(number: int, group: Group) -> Iterator[str]:
    mark = "+" if group.harm in GOOD else "!"
    yield f"{mark} {number}. {group.harm}: {_MEANS[group.harm]}: {group.count:,} ({_counted(group.transitions)})"
    for side, cause in (("old", group.old), ("new", group.new)):
        yield f"    {side}  {_place(cause):<28} {cause.text}{_within(cause, str)}"
    yield f"    senders     {_counted(group.senders)}"
    if len(group.senders) > _NAMED:
        yield f"    domains     {_counted(group.domains)}"
    yield f"    recipients  {_counted(group.recipients)}"
    for example in group.examples:
        yield f"    e.g. {_example(example)}"
        yield f"         old: {' / '.join(example.old.splitlines())}"
        yield f"         new: {' / '.join(example.new.splitlines())}"


def _place(cause: Cause) -> str:
    if not cause.file:
        return "(no rule)"
    return f"{cause.file}:{cause.line}" if cause.line else cause.file


def _within(cause: Cause, shown: type[str] | object) -> str:
    """What asked the table that a line stands in."""
    if not cause.element or cause.element == cause.text:
        return ""
    element = f"{cause.element} in {cause.place}"
    return f"  [{element}]" if shown is str else f", by `{element}`"


def _counted(counter: Counter[str]) -> str:
    """`a 12, b 3 and 8 more`."""
    named = sorted(
        ((n, c) for n, c in counter.items() if n != OTHERS), key=lambda one: (-one[1], one[0])
    )  # most_common keeps the order of arrival, which differs between runs in parallel
    shown = ", ".join(f"{name} {count:,}" for name, count in named[:_NAMED])
    rest = len(named) - _NAMED
    more = f" and {rest:,} more" if rest > 0 else ""
    return shown + (more if OTHERS not in counter else f" and more than {max(rest, 0):,} others")


def _example(example: Example) -> str:
    to = ", ".join(example.recipients[:2]) + (" ..." if len(example.recipients) > 2 else "")
    who = f" from <{example.sender}> to <{to}>" if example.recipients else ""
    return f"{example.origin}/{example.id} ({example.label}): {example.client}{who}"


def _code(text: str) -> str:
    return f"`{' / '.join(text.splitlines())}`" if text else ""


def _remarks(tally: Tally, agreements: Sequence[Agreement]) -> Iterator[str]:
    """What was agreed to, and the noise that was left out."""
    for number, agreement in enumerate(agreements):
        count = tally.agreed.get(number, 0)
        yield f"agreed in {agreement.ticket}: {count:,} sessions" + ("" if count else " (nothing like it happened)")
    for (field, cause), count in sorted(tally.noise.items(), key=lambda one: (-one[1], one[0])):
        yield f"noise, left out: {field} differs from run to run of the old rules, {count:,} times ({cause})"
