"""act - run the chain of each bad object for one group of recipients, and say what is left of the mail.

From left to right: an action that fails hands on to the next, one that resolves ends the chain, a side effect goes on.
A list that ends unresolved means reject: a mail nobody could make safe is not delivered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.rav import Antispam, Chain, Group
from harness.gateway.session import Asked


@dataclass(slots=True)
class Acted:
    """What the chains came to, finding by finding."""

    verdict: Result = Result.RESOLVED  # REJECT or DISCARD: the mail ends here
    why: Finding | None = None  # the finding that ended it
    done: dict[str, str] = field(default_factory=dict)  # path -> the last action and what it said
    trace: list[Asked] = field(default_factory=list)
    chains: list[str] = field(default_factory=list)  # `clean:failed,delete:done` for the log


def act(state: State, group: Group, findings: Iterable[Finding]) -> Acted:
    """Act upon the worst finding of each object, the worst objects first; reject beats discard beats delivery."""
    acted = Acted()
    for finding in by_object(findings):
        chain, place = chain_for(group, finding)
        result = _run(state, finding, chain, place, acted)
        if result is Result.REJECT or (result is Result.DISCARD and acted.verdict is not Result.REJECT):
            acted.verdict, acted.why = result, finding
    return acted


def by_object(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each top part that holds something bad: the most severe, the earliest of its class."""
    worst: dict[tuple[int, bool], Finding] = {}
    for finding in findings:
        key = (finding.entity, finding.cls == "bulk")
        if key not in worst or finding.severity < worst[key].severity:
            worst[key] = finding
    return sorted(worst.values(), key=lambda finding: (finding.severity, finding.entity))


def chain_for(group: Group, finding: Finding) -> tuple[Chain, str]:
    """The actions for a finding, and the setting they come from."""
    if finding.cls == "bulk":
        section: Antispam | None = group.antispam
        assert section is not None  # or nothing would have been scored
        return Chain(section.actions, section.rule), "antispam_configuration"
    chain = group.chains[finding.setting]
    return (Chain(finding.actions, finding.rule) if finding.actions else chain), finding.setting


def _run(state: State, finding: Finding, chain: Chain, place: str, acted: Acted) -> Result:
    said: list[str] = []
    result = Result.FAILED
    for name in chain.actions:
        state.said = ""
        result = actions[name](state, finding, chain.rule)
        said.append(f"{name}:{result.value.partition(',')[0]}")
        final = result in (Result.RESOLVED, Result.REJECT, Result.DISCARD)
        text = f"{finding.name} in {finding.path}: {result.value.partition(',')[0]}: {state.said}"
        acted.trace.append(Asked("end_of_data", place, name, chain.rule, text, final))
        acted.done[finding.path] = f"{name}: {state.said}"
        if final:
            break
    else:
        result = Result.REJECT
        text = f"{finding.name} in {finding.path}: the list ends, and nothing has resolved it"
        acted.trace.append(Asked("end_of_data", place, "(end of list: reject)", chain.rule, text, True))
        acted.done[finding.path] = "rejected: nothing resolved it"
        said.append("end:reject")
    acted.chains.append(",".join(said))
    return result
