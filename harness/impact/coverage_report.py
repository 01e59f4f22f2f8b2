"""coverage_report - coverage as text, JSON, lcov(1) tracefile and Cobertura XML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from harness.impact.coverage import Coverage
from harness.impact.inventory import Line


def text_report(coverage: Coverage) -> Iterator[str]:
    """The lines of every file with their counts; those that never matched are marked."""
    yield f"{'asked':>8} {'matched':>8} {'decided':>8}  line"
    last = ""
    for line in _ordered(coverage):
        if line.rule.file != last:
            last = line.rule.file
            yield f"{'':>26}  {last}"
        mark = " " if line.covered else "!"
        text = line.text if len(line.text) <= 90 else f"{line.text[:70]} ... {line.text[-15:]}"
        yield f"{line.asked:>8,} {line.matched:>8,} {line.decided:>8,}{mark} {line.rule.line:>5}  {text}"
        if line.never:
            yield f"{'':>35}never: {line.never}"
        elif line.shadowed:
            yield f"{'':>35}{'could not say' if line.asked else 'not in this corpus'}: {line.shadowed}"
    yield (
        f"{coverage.covered} of {len(coverage.lines)} lines matched ({coverage.percent:.1f} %), "
        f"{coverage.sessions:,} sessions, {coverage.failed:,} failed"
    )


def json_report(coverage: Coverage) -> str:
    """The same as JSON."""
    lines = [
        {
            "file": line.rule.file, "line": line.rule.line, "text": line.text, "place": line.place,
            "asked": line.asked, "matched": line.matched, "decided": line.decided, "never": line.never or None,
            "shadowed": line.shadowed or None,
        }
        for line in _ordered(coverage)
    ]  # fmt: skip
    head = {"sessions": coverage.sessions, "failed": coverage.failed, "percent": round(coverage.percent, 2)}
    return json.dumps({**head, "lines": lines}, indent=1) + "\n"


def lcov_report(coverage: Coverage, directory: Path) -> str:
    """A tracefile of lcov(1): a line is hit as often as it matched; ordinary viewers show it."""
    out: list[str] = []
    for file, hits in _hits(coverage).items():
        out += [f"SF:{directory / file}", *(f"DA:{number},{times}" for number, times in sorted(hits.items()))]
        out += [f"LF:{len(hits)}", f"LH:{sum(times > 0 for times in hits.values())}", "end_of_record"]
    return "".join(f"{line}\n" for line in out)


def cobertura_report(coverage: Coverage, directory: Path) -> str:
    """The same as Cobertura's XML (coverage-04.dtd), which CI systems show in a merge request: a class is a file."""
    files = _hits(coverage)
    valid = sum(len(hits) for hits in files.values())
    covered = sum(times > 0 for hits in files.values() for times in hits.values())

    def rates(good: int, all: int) -> str:
        return f'line-rate="{good / all if all else 1:.4f}" branch-rate="0" complexity="0"'

    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">',
        f'<coverage {rates(covered, valid)} lines-covered="{covered}" lines-valid="{valid}" branches-covered="0" '
        'branches-valid="0" version="1" timestamp="0">',
        f"<sources><source>{_text(str(directory))}</source></sources>",
        f'<packages><package name="rules" {rates(covered, valid)}><classes>',
    ]
    for file, hits in files.items():
        own = rates(sum(times > 0 for times in hits.values()), len(hits))
        out.append(f"<class name={quoteattr(file)} filename={quoteattr(file)} {own}><methods/><lines>")
        out += (f'<line number="{number}" hits="{times}" branch="false"/>' for number, times in sorted(hits.items()))
        out.append("</lines></class>")
    out.append("</classes></package></packages></coverage>")
    return "\n".join(out) + "\n"


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _hits(coverage: Coverage) -> dict[str, dict[int, int]]:
    """How often each line of each file matched; several elements may stand in one line."""
    files: dict[str, dict[int, int]] = {}
    for line in _ordered(coverage):
        hits = files.setdefault(line.rule.file, {})
        hits[line.rule.line] = max(hits.get(line.rule.line, 0), line.matched)
    return files


def _ordered(coverage: Coverage) -> list[Line]:
    return sorted(coverage.lines.values(), key=lambda line: (line.rule.file, line.rule.line))
