"""Write docs/faults.md: what becomes of a mail under every fault of the next hop, the client's network and the DNS.

python docs/faults.py [--check] [TARGET ...]     --check: exit 1 when the file is not what would be written

Every figure comes from a run of the scenarios below.  Targets are `reference`, `postfix`, and `direct` (the reference
gateway without sockets, whose column is that of `reference`); without any: the first two.  The column of a target
that is not asked for, or cannot run here, stays as it is.
"""

from __future__ import annotations

import re
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path

from harness.cell import run_loop
from harness.direct import observe
from harness.expectations.conservation import ConservationExpectation
from harness.fate import outcome_of
from harness.load import load
from harness.observation import Observation, SessionSeen
from harness.plan import Plan, plan
from harness.result import Status
from harness.run import run
from harness.target import targets

ROOT = Path(__file__).parent.parent
FILE = Path(__file__).with_suffix(".md")
SECTIONS = {
    "The next hop": ["delivery/next_hop", "delivery/greeting", "delivery/tls_refused", "delivery/expiry"],
    "The network to the client": ["smtp/network", "smtp/slowloris"],
    "The DNS": ["policy/dns_faults"],
}
COLUMNS = {"reference": 1, "postfix": 2}
HEAD = """# What becomes of a mail when something fails

Written by `nox -s docs` (docs/faults.py) from runs of the scenarios named; tests say when it is out of date.  A mail is
*refused* when its client was never told 250, with the code it was told last (or none: the connection ended); what the
client does then is its own affair.  Once accepted it is delivered once, or bounced, or still in the queue after the
last try.  It is **delivered twice** only where no protocol can prevent it: the 250 was lost behind the dot (RFC 1047).
It is never lost: each accepted mail is looked for at its end, in every run (`conservation`).
"""

Rows = dict[str, str]  # title of a session -> its cell


def titles(name: str) -> list[str]:
    """What the sessions of a scenario are about."""
    loaded = load(ROOT / f"scenarios/{name}.yaml")
    ids = dict.fromkeys((session.id, session.title) for cell in loaded.cells for _, session in loaded.sessions(cell))
    return [title or session_id for session_id, title in ids]


def cells(name: str, target: str) -> Rows:
    """What came of each session.  Raises AssertionError for a mail that is lost, or arrives twice for no reason."""
    loaded = load(ROOT / f"scenarios/{name}.yaml")
    found: Rows = {}
    only = loaded.scenario(loaded.cells[0]).targets
    if target == "direct" and "postfix" in only:  # it takes time, and in memory there is none
        return found
    if only and target != "direct" and target not in only:
        return dict.fromkeys(titles(name), "not run")
    for cell in loaded.cells:
        planned = plan(loaded, cell)
        seen = _observed(planned, target)
        findings = list(ConservationExpectation().check(None, seen))
        assert findings and all(finding.status is Status.PASSED for finding in findings), (name, findings)
        for session in planned.sessions:
            ends = _cell(seen.session(session.session.id))
            assert "twice" not in ends or "RFC1047" in session.session.refs, (name, session.session.id, ends)
            found[session.session.title or session.session.id] = ends
    return found


def _observed(planned: Plan, target: str) -> Observation:
    if target == "direct":
        return observe(planned)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        return run_loop(run(planned, targets[target](), Path(workdir)))


def _cell(seen: SessionSeen) -> str:
    ends = outcome_of(seen)
    assert ends is not None and "lost" not in ends, seen.id
    if ends == ("refused",):
        codes = [exchange.reply.code for exchange in seen.exchanges if exchange.reply is not None]
        last = next((code for code in reversed(codes) if code >= 400), None)
        return f"refused ({last or 'none'})"
    told = [", the sender is told"] if seen.notifications else []
    return "".join([", ".join(f"**{end}**" if end == "delivered twice" else end for end in ends), *told])


def document(chosen: list[str]) -> str:
    """The whole file, with the columns of these targets anew."""
    before = _read()
    text, accepted, refused = HEAD, 0, 0
    for title, names in SECTIONS.items():
        fresh = {target: {k: v for name in names for k, v in cells(name, target).items()} for target in chosen}
        text += f"\n## {title}\n\nscenarios/{', '.join(names)}\n\n| fault | reference | real Postfix |\n|---|---|---|\n"
        for fault in (title for name in names for title in titles(name)):
            shown = [before.get((title, fault), ["", "?", "?"])[at] for at in COLUMNS.values()]
            for target, column in fresh.items():
                at = COLUMNS.get(target, 1) - 1
                shown[at] = column.get(fault, shown[at])
            text += f"| {fault} | {' | '.join(shown)} |\n"
            refused += shown[0].startswith("refused")
            accepted += not shown[0].startswith("refused")
    return f"{text}\n{accepted + refused} faults: {accepted} mails accepted, {refused} refused, none lost.\n"


def _read() -> dict[tuple[str, str], list[str]]:
    """(section, fault) -> the row as it stands."""
    rows: dict[tuple[str, str], list[str]] = {}
    section = ""
    for line in FILE.read_text("utf-8").splitlines() if FILE.exists() else ():
        if line.startswith("## "):
            section = line[3:]
        elif (found := re.fullmatch(r"\| (.*) \|", line)) and "---" not in line:
            row = found[1].split(" | ")
            rows[section, row[0]] = row
    return rows


def main() -> int:
    words = sys.argv[1:]
    chosen = [word for word in words if word != "--check"] or ["reference", "postfix"]
    able = [target for target in chosen if target == "direct" or not (targets[target]().missing())]
    for target in set(chosen) - set(able):
        print(f"{target}: {targets[target]().missing()}; its column stays as it is", file=sys.stderr)
    text = document(able)
    if "--check" not in words:
        FILE.write_text(text, "utf-8")
        return 0
    before = FILE.read_text("utf-8")
    if before == text:
        return 0
    print(f"{FILE.name} is out of date: run nox -s docs", file=sys.stderr)
    print("\n".join(unified_diff(before.splitlines(), text.splitlines(), n=0, lineterm="")), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
