"""case - one configuration, its world, and the sessions replayed in it: drawn, shrunk, and turned into a plan.

A Case is plain values, so that a smaller one is made by leaving something out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from harness.load import load
from harness.plan import Plan, PlannedSession, plan
from harness.replay.script import Script
from harness.replay.step import Await, GoOn, Last, Send, Step, WhenRefused

THIS_MACHINE = "127.0.0.1"  # who calls from there says who he is by his address alone, and is one of our interfaces
BARE = "corpus:gateways/bare"  # nothing but what every configuration needs


# smtpd 3.7.11 keeps a transaction that its end-of-data restrictions refused, and dies (signal 11) of what may follow.
RESET = b"RSET\r\n"
_START_ANEW = WhenRefused((Send(RESET), Await(), GoOn()))


@dataclass(frozen=True)
class Say:
    """Command lines that go in one write, a reply each; `content` follows if the last reply is 354."""

    lines: tuple[bytes, ...]
    content: bytes | None = None

    @property
    def ends_mail(self) -> bool:
        """Whether the last line brings the last of a mail: BDAT n LAST."""
        return self.lines[-1][:5].upper() == b"BDAT "


@dataclass(frozen=True)
class Visit:
    """A session: who calls, and what is said."""

    id: str
    ip: str
    says: tuple[Say, ...]
    login: str | None = None

    def script(self) -> Script:
        """The visit as the player plays it: whatever is answered, until the server hangs up."""
        steps: list[Step] = [Await(), GoOn()]
        for say in self.says:
            steps.append(Send(b"".join(say.lines)))
            steps += [Await()] * len(say.lines)
            then = () if say.content is None else (Send(say.content), Await(), _START_ANEW)
            steps.append(_START_ANEW if say.ends_mail else GoOn(then))
        return Script((*steps, Last()))


@dataclass(frozen=True)
class Case:
    """Parameters on top of the bare gateway, its tables, DNS, and the sessions."""

    set: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> lines
    zone: tuple[str, ...] = ()
    rbl: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()
    visits: tuple[Visit, ...] = ()
    policy: tuple[Mapping[str, Any], ...] = ()  # rules of the policy server
    replies: Mapping[str, str] = field(default_factory=dict)  # of the next hop: "RCPT user@gw.test" -> "550 5.1.1 no"

    def only(self, *ids: str) -> Case:
        """The same, with these sessions alone."""
        return replace(self, visits=tuple(visit for visit in self.visits if visit.id in ids))

    def document(self) -> dict[str, Any]:
        """The scenario this is, its sessions not yet spelled out."""
        dns: dict[str, Any] = {"strict": False}
        if self.zone:
            dns["zone"] = "".join(f"{line}\n" for line in self.zone)
        if self.rbl:
            dns["rbl"] = {zone: {what: dict(one) for what, one in listed.items()} for zone, listed in self.rbl.items()}
        if self.faults:
            dns["faults"] = [dict(fault) for fault in self.faults]
        gateway: dict[str, Any] = {"config": BARE}
        if self.set:
            gateway["set"] = dict(self.set)
        if self.files:
            gateway["files"] = {name: "".join(f"{line}\n" for line in lines) for name, lines in self.files.items()}
        policy = {"policy": [dict(rule) for rule in self.policy]} if self.policy else {}
        hop = {"next_hop": {"replies": dict(self.replies)}} if self.replies else {}
        sessions: list[dict[str, Any]] = []
        for visit in self.visits:
            client = {"ip": visit.ip, **({"login": visit.login} if visit.login is not None else {})}
            if visit.ip == THIS_MACHINE:
                client = {"via": "none"}
            sessions.append({"id": visit.id, "client": client, "chat": "S: any"})
        return {"title": "drawn at random", "dns": dns, "gateway": gateway, **policy, **hop, "sessions": sessions}

    def plan(self) -> Plan:
        """Every byte of it.  Raises ScenarioError where the grammar drew something that no scenario can say."""
        with tempfile.TemporaryDirectory(prefix="gauntlet-fuzz-") as directory:
            file = Path(directory) / "case.yaml"
            file.write_text(dumped(self.document()), "utf-8")
            made = plan(load(file))
        sessions: list[PlannedSession] = []
        for visit, planned in zip(self.visits, made.sessions, strict=True):
            sessions.append(replace(planned, script=visit.script()))
        return replace(made, sessions=tuple(sessions))


def dumped(document: Mapping[str, Any]) -> str:
    """A mapping as YAML that people read: keys in their order, texts of many lines as blocks."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1 << 20, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
