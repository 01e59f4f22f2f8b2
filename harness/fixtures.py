"""fixtures - the parts of a scenario for people who write their tests in Python: DNS, gateway, next hop, replay. (IO)

def test_a_listed_client_is_refused(fakedns, gateway, replay):
    fakedns.zone("ok.test. MX 10 mail.ok.test.")
    fakedns.list("rbl.test", "192.0.2.7")
    gateway.start("config", set={"smtpd_client_restrictions": "reject_rbl_client rbl.test"})
    assert replay(client={"ip": "192.0.2.7"}, send={"from": "a@ok.test"}).verdict == "reject"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import fakedns
from harness.cell import run_loop, target_of
from harness.load import load
from harness.observation import Delivery, Observation, SessionSeen
from harness.plan import plan
from harness.run import run


class World:
    """Collects what a test declares; each `replay` runs it as a scenario of one session."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.gateway = Gateway(self)
        self.next_hop = NextHop()
        self.asked: list[tuple[str, str]] = []
        self._zone: list[str] = []
        self._lists: dict[str, dict[str, dict[str, str]]] = {}
        self._faults: list[dict[str, Any]] = []

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def zone(self, text: str) -> None:
        """Add zone text (RFC 1035).  Raises ZoneError at once."""
        fakedns.parse_zone(text)
        self._zone.append(text)

    def list(self, list_zone: str, what: str, *, code: str = "127.0.0.2", text: str | None = None) -> None:
        """List an address or a domain in a blocklist."""
        entry = {"a": code} if text is None else {"a": code, "txt": text}
        self._lists.setdefault(list_zone, {})[what] = entry

    def fault(self, name: str, rtype: str = "any", **do: Any) -> None:
        """Break a name: `fault("*.slow.test", "MX", delay="1500ms")`, `fault("x.test", rcode="servfail")`."""
        self._faults.append({"match": {"name": name, "type": rtype}, "do": do})

    def replay(
        self,
        *,
        client: Mapping[str, Any] | None = None,
        send: Mapping[str, Any] | None = None,
        chat: str | None = None,
    ) -> SessionSeen:
        """Play one session; the keys are those of a scenario file.  Raises ScenarioError, ConfigError, TargetError."""
        assert self.gateway.config is not None, "gateway.start(config) comes first"
        session: dict[str, Any] = {"id": "session", "client": dict(client or {}), "alone": True}
        session |= {"chat": chat} if chat is not None else {"send": dict(send or {})}
        document = {
            "title": "a test in Python",
            "dns": {"zone": "\n".join(self._zone), "rbl": self._lists, "faults": self._faults},
            "gateway": {"config": str(self.gateway.config), "set": self.gateway.set, "rav": self.gateway.rav},
            "next_hop": {"replies": self.next_hop.replies, "rules": self.next_hop.rules},
            "later": self.next_hop.later,
            "sessions": [session],
        }
        file = self.directory / "session.yaml"
        file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
        loaded = load(file)
        observation: Observation = run_loop(run(plan(loaded), target_of(self.gateway.target), self.directory))
        self.next_hop.deliveries.extend(observation.deliveries or ())
        self.asked.extend((query.name, query.type) for query in observation.dns_queries or ())
        return observation.session("session")


class Gateway:
    """What will be under test."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.config: Path | None = None
        self.set: dict[str, str] = {}
        self.rav: dict[str, str] = {}
        self.target = "reference"

    def start(
        self,
        config: str | Path,
        *,
        set: Mapping[str, str] | None = None,  # the scenario's own word
        rav: Mapping[str, str] | None = None,
        target: str = "reference",
    ) -> None:
        """Use this configuration directory, with these parameters on top."""
        self.config = Path(config).resolve()
        self.set, self.rav, self.target = dict(set or {}), dict(rav or {}), target


class NextHop:
    """Where accepted mail goes, and how it fails: `next_hop.fail(on="rcpt", times=2, reply="450 4.2.0 later")`."""

    def __init__(self) -> None:
        self.replies: dict[str, str] = {}
        self.rules: list[dict[str, Any]] = []
        self.later: list[str] = []  # how much later the queue is tried again
        self.deliveries: list[Delivery] = []

    def fail(self, **rule: Any) -> None:
        """Add a rule, in the words of `next_hop: {rules: ...}`; the sender's pattern is `sender`."""
        self.rules.append({"from" if key == "sender" else key: value for key, value in rule.items()})
