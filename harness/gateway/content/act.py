"""act - run the chain of each bad object for one group of recipients, and say what is left of the mail.

From left to right: an action that fails hands on to the next, one that resolves ends the chain, a side effect goes on.
A list that ends unresolved means reject: a mail nobody could make safe is not delivered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.group import Chain, Group
from harness.gateway.session import Asked


@dataclass(slots=True)
class Acted:
    """What the chains came to, finding by finding."""

    verdict: Result = Result.RESOLVED  # REJECT or DISCARD: the mail ends here
    why: Finding | None = None  # the finding that ended it
    last: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(path, finding's name) -> the last action, and what it said."""
    stored: dict[tuple[str, str], str] = field(default_factory=dict)  # the same -> name in quarantine
    left: set[str] = field(default_factory=set)  # names of what was left in the mail on purpose
    trace: list[Asked] = field(default_factory=list)
    chains: list[str] = field(default_factory=list)  # `clean:failed,delete:done` for the log

    def action(self, finding: Finding) -> str:
        """The action a finding ended with, "" for one nobody acted upon."""
        return self.last.get((finding.path, finding.name), ("", ""))[0]

    def said(self, finding: Finding) -> str:
        """`delete: warn.txt of 68 bytes`."""
        return ": ".join(filter(None, self.last.get((finding.path, finding.name), ("", ""))))

    def end(self, result: Result, finding: Finding) -> None:
        """Let a finding end the mail: reject beats discard beats delivery."""
        if result is Result.REJECT or (result is Result.DISCARD and self.verdict is not Result.REJECT):
            if self.verdict is not result:
                self.why = finding
            self.verdict = result


def act(state: State, group: Group, findings: Iterable[Finding]) -> Acted:
    """Act upon the worst finding of each object, the worst objects first."""
    acted = Acted()
    for finding in by_object(findings):
        chain, place = chain_for(group, finding)
        acted.end(_run(state, finding, chain, place, acted), finding)
    return acted


def by_object(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each thing that is bad: the most severe, the earliest of its class; the worst come first.

    A thing is a top MIME part, loose text around parts, the subject, or, for the bulk score, the mail.
    """
    worst: dict[tuple[int, str], Finding] = {}
    for finding in findings:
        key = (finding.entity, _aspect(finding))
        if key not in worst or finding.severity < worst[key].severity:
            worst[key] = finding
    return sorted(worst.values(), key=lambda finding: (finding.severity, finding.entity))


def chain_for(group: Group, finding: Finding) -> tuple[Chain, str]:
    """The actions for a finding, and the setting they come from."""
    if finding.cls == "bulk":
        section = group.antispam
        assert section is not None  # or nothing would have been scored
        return Chain(section.actions, section.rule), "antispam_configuration"
    chain = group.chains[finding.setting]
    return (Chain(finding.actions, finding.rule) if finding.actions else chain), finding.setting


def _aspect(finding: Finding) -> str:
    if finding.cls == "bulk" or finding.filtered == "subject":
        return finding.filtered or finding.cls
    head = finding.path.partition("/")[0]
    return head if head.startswith("mail:") else ""


def _run(state: State, finding: Finding, chain: Chain, place: str, acted: Acted) -> Result:
    said: list[str] = []
    result = Result.FAILED
    what = f"{finding.name} in {finding.path}"
    key = (finding.path, finding.name)
    state.stored = ""
    for name in chain.actions:
        state.said = ""
        result = actions[name](state, finding, chain.rule)
        said.append(f"{name}:{result.word}")
        final = result in (Result.RESOLVED, Result.REJECT, Result.DISCARD)
        text = f"{what}: {result.word}" + (f": {state.said}" if state.said else "")
        acted.trace.append(Asked("end_of_data", place, name, chain.rule, text, final))
        acted.last[key] = (name, state.said)
        if final:
            if name in ("ignore", "rename", "deliver"):
                acted.left.add(finding.name)
            break
    else:
        result = Result.REJECT
        text = f"{what}: the list ends, and nothing has resolved it"
        acted.trace.append(Asked("end_of_data", place, "(end of list: reject)", chain.rule, text, True))
        acted.last[key] = ("reject", "nothing resolved it")
        said.append("end:reject")
    if state.stored:
        acted.stored[key] = state.stored
    acted.chains.append(",".join(said))
    return result
