"""examine - the engine: client lists, unpack, scan, filter, score, act, notify, in the order the paper gives.

A white-listed client skips the blocklists and the bulk score, never the scan.  What could not be examined is a finding.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.clock import Clock
from harness.gateway.content.act import Acted, act
from harness.gateway.content.action import Result, State
from harness.gateway.content.budget import Budget
from harness.gateway.content.finding import Finding, worst
from harness.gateway.content.notify import Told, notices
from harness.gateway.content.outcome import Mail, Notice, Outcome, Quarantine
from harness.gateway.content.rav import Group, Rav, load_rav
from harness.gateway.content.rewrite import rewritten
from harness.gateway.content.scanner import ScanContext, scan
from harness.gateway.content.score import THRESHOLDS, score
from harness.gateway.content.signature_store import SignatureStore, load_signatures
from harness.gateway.content.unpack import Unpacked, unpack
from harness.gateway.dns import Found, Resolver
from harness.gateway.mime_names import decode_words
from harness.gateway.rule import Rule
from harness.gateway.session import Asked

Store = Callable[[str, bytes], bool]


@dataclass(frozen=True)
class Engine:
    """One generation of the configuration and its signatures; a mail uses one from start to end."""

    rav: Rav
    signatures: SignatureStore
    active: bool = True

    @classmethod
    def load(cls, directory: Path, overrides: Mapping[str, str] | None = None) -> Engine:
        """The engine of a `rav` directory; without the directory, one that examines nothing.  Raises ConfigError."""
        rav = load_rav(directory, overrides or {})
        return cls(rav, load_signatures(directory / "signatures", "rav/signatures"), directory.is_dir())

    @property
    def mode(self) -> str:
        """after_queue (refusals are bounces) or before_queue (they are replies)."""
        return self.rav.mode

    async def examine(self, mail: Mail, store: Store, clock: Clock, hostname: str, resolver: Resolver) -> Outcome:
        """What becomes of a mail.  Never raises for what a mail holds."""
        trace: list[Asked] = []
        white = self._listed(mail, self.rav.accept)
        black = None if white else self._listed(mail, self.rav.reject)
        if black is not None:
            trace.append(_asked("wbl_reject", black[0], black[1], "rejected", True))
            return self._refuse(mail, "5.7.1", f"{black[0]} is not welcome here", trace, "wbl_reject")
        if white is not None:
            trace.append(_asked("wbl_accept", white[0], white[1], "accepted: no blocklist and no bulk check", True))
        elif (listed := await self._blocked(mail, resolver)) is not None:
            site, rule = listed
            text = self.rav.rbl_reply.replace("CLIENT", mail.client_address).replace("SITE", site)
            trace.append(_asked("rbl_site", site, rule, "listed", True))
            return self._refuse(mail, "5.7.1", text, trace, f"rbl {site}")
        unpacked = unpack(mail.data, Budget(self.rav.limits, clock.now))
        findings = [*unpacked.findings, *self._scan(unpacked)]
        return self._decide(mail, unpacked, findings, white is not None, trace, store, clock, hostname)

    # -- before the content ------------------------------------------------------------------------------------------

    def _listed(self, mail: Mail, entries: tuple[tuple[str, Rule], ...]) -> tuple[str, Rule] | None:
        return next(((entry, rule) for entry, rule in entries if matches(entry, mail)), None)

    async def _blocked(self, mail: Mail, resolver: Resolver) -> tuple[str, Rule] | None:
        """The first blocklist that has the client; a list that cannot be asked lists nobody."""
        try:
            pointer = ipaddress.ip_address(mail.client_address).reverse_pointer
        except ValueError:
            return None
        labels = pointer.removesuffix(".arpa").removesuffix(".in-addr").removesuffix(".ip6")
        for entry, rule in self.rav.rbl_sites:
            site, _, code = entry.partition("=")
            answer = await resolver.lookup(f"{labels}.{site}", "A")
            if isinstance(answer, Found) and (not code or any(record.data == code for record in answer.records)):
                return site, rule
        return None

    def _refuse(self, mail: Mail, status: str, text: str, trace: list[Asked], why: str) -> Outcome:
        about = f"{mail.queue_id}: client={mail.client_address} from=<{mail.sender}>"
        log = f"{about} verdict=refused name={why} outcome=reject"
        refused = dict.fromkeys(mail.recipients, (status, text))
        return Outcome(refused=refused, trace=tuple(trace), log=(log,))

    # -- the content -------------------------------------------------------------------------------------------------

    def _scan(self, unpacked: Unpacked) -> list[Finding]:
        banned, rule = self.rav.banned
        context = ScanContext(self.signatures, banned, rule, self.rav.heuristics)
        return [finding for part in unpacked.parts for finding in scan(part, context)]

    def _filters(self, group: Group, unpacked: Unpacked) -> list[Finding]:
        """Ordered filter rules over subject, attachment names and text; the first that matches counts."""
        found: list[Finding] = []
        subject = decode_words(unpacked.root.value("subject").strip())
        for line in group.filters["filter_subject"]:
            if line.pattern.search(subject):
                found.append(_filtered("subject", "mail", 0, line.rule, line.actions))
                break
        for part in unpacked.parts:
            for line in group.filters["filter_attachment"]:
                if any(line.pattern.search(name) for name in part.names):
                    found.append(_filtered("attachment", part.path, part.entity, line.rule, line.actions))
                    break
            if part.text:
                text = part.data[: 256 * 1024].decode("utf-8", "replace")
                for line in group.filters["filter_content"]:
                    if line.pattern.search(text):
                        found.append(_filtered("content", part.path, part.entity, line.rule, line.actions))
                        break
        return found

    def _bulk(self, group: Group, unpacked: Unpacked) -> Finding | None:
        section = group.antispam
        if section is None:
            return None
        texts = [(part.type, part.data) for part in unpacked.parts if part.depth == 0 and (part.text or not part.type)]
        scored = score(unpacked.root, texts)
        if scored.points < THRESHOLDS[section.level]:
            return None
        return Finding("bulk", f"Bulk.{section.level}", "mail", section.rule, detail=scored.explained())

    def _decide(
        self,
        mail: Mail,
        unpacked: Unpacked,
        findings: list[Finding],
        white: bool,
        trace: list[Asked],
        store: Store,
        clock: Clock,
        hostname: str,
    ) -> Outcome:
        told = Told(mail, unpacked.root, hostname, clock.now(), self.rav.templates)
        deliveries: list[tuple[tuple[str, ...], bytes]] = []
        refused: dict[str, tuple[str, str]] = {}
        discarded: list[str] = []
        written: list[Notice] = []
        kept: list[Quarantine] = []
        log: list[str] = []
        everything = list(findings)
        for group, recipients in self._by_group(mail.recipients):
            own = [*findings, *self._filters(group, unpacked)]
            # An infected mail is not scored: it has worse to fear than being called bulk.
            if not white and not any(f.cls in ("infected", "suspicious") for f in own):
                bulk = self._bulk(group, unpacked)
                own += [bulk] if bulk is not None else []
            everything += [finding for finding in own if finding not in everything]
            state = self._state(mail, unpacked, told, store, clock, group)
            acted = act(state, group, own)
            trace += acted.trace
            kept += state.quarantined
            match acted.verdict:
                case Result.REJECT:
                    assert acted.why is not None
                    text = f"content rejected: {acted.why.name} in {acted.why.path}"
                    refused |= dict.fromkeys(recipients, ("5.7.1", text))
                case Result.DISCARD:
                    discarded += recipients
                case _:
                    deliveries.append((recipients, rewritten(state, unpacked, hostname if self.rav.stamp else "")))
            # A forward shows somebody else the mail as it came, whatever becomes of it here.
            written += [Notice("forward", "", to, mail.data, "forward") for to in state.forwards]
            written += self._notices(told, group, recipients, own, acted, state)
            log.append(_log_line(mail, unpacked, own, acted, written))
        return Outcome(
            tuple(deliveries), refused, tuple(discarded), tuple(_once(written)), tuple(kept), tuple(everything),
            tuple(trace), tuple(log),
        )  # fmt: skip

    def _by_group(self, recipients: tuple[str, ...]) -> list[tuple[Group, tuple[str, ...]]]:
        groups: dict[str, tuple[Group, list[str]]] = {}
        for recipient in recipients:
            group = self.rav.group_of(recipient)
            groups.setdefault(group.name, (group, []))[1].append(recipient)
        return [(group, tuple(members)) for group, members in groups.values()]

    def _state(self, mail: Mail, unpacked: Unpacked, told: Told, store: Store, clock: Clock, group: Group) -> State:
        def body_of(finding: Finding) -> bytes:
            """The top part that holds the object, decoded: what is set aside, and how large warn.txt must be."""
            for part in unpacked.parts:
                if part.entity == finding.entity and part.depth == 0:
                    return part.data
            return mail.data

        return State(
            mail.queue_id, mail.data, unpacked.entities, store, self.signatures,
            lambda finding: told.text("warn_txt", finding), body_of, group.antispam, clock.now(),
        )  # fmt: skip

    def _notices(
        self, told: Told, group: Group, recipients: tuple[str, ...], findings: list[Finding], acted: Acted, state: State
    ) -> list[Notice]:
        """One set of notices, about the worst finding; nobody is told of bulk mail."""
        finding = worst(tuple(f for f in findings if f.cls != "bulk"))
        if finding is None:
            return []
        kept = next((q.name for q in state.quarantined if q.path == finding.path), "")
        done = acted.done.get(finding.path, "")
        if done.startswith("ignore"):
            return []
        if acted.verdict is Result.DISCARD:
            group = replace(group, warn_sender=None, warn_receiver=None)
        elif acted.verdict is Result.REJECT:
            group = replace(group, warn_receiver=None)
        return notices(told, group, recipients, finding, done, kept, acted.verdict is Result.REJECT)


def matches(entry: str, mail: Mail) -> bool:
    """Whether a white or black list entry means this mail: an address, a network, a host, a domain, or a sender."""
    try:
        return ipaddress.ip_address(mail.client_address) in ipaddress.ip_network(entry)
    except ValueError:
        pass
    entry = entry.lower()
    if "@" in entry:
        return mail.sender.lower() == entry or (entry.startswith("@") and mail.sender.lower().endswith(entry))
    names = (mail.client_name.lower(), mail.sender.rpartition("@")[2].lower())
    bare = entry.removeprefix(".")
    return any(name == bare or name.endswith(f".{bare}") for name in names if name)


def _filtered(kind: str, path: str, entity: int, rule: Rule, chain: tuple[str, ...]) -> Finding:
    return Finding("filter", f"Filter.{kind.capitalize()}", path, rule, entity, filtered=kind, actions=chain)  # type: ignore[arg-type]


def _asked(place: str, element: str, rule: Rule, said: str, decided: bool) -> Asked:
    return Asked("end_of_data", place, element, rule, said, decided)


def _once(written: list[Notice]) -> list[Notice]:
    """At most one notice for each party and address."""
    return list({(notice.party, notice.to): notice for notice in written}.values())


def _log_line(mail: Mail, unpacked: Unpacked, findings: list[Finding], acted: Acted, written: list[Notice]) -> str:
    finding = worst(tuple(findings))
    outcome = {Result.REJECT: "reject", Result.DISCARD: "discard"}.get(acted.verdict, "deliver")
    parties = ",".join(sorted({notice.party for notice in written})) or "-"
    members = sum(part.depth > 0 for part in unpacked.parts)
    return (
        f"{mail.queue_id}: client={mail.client_address} from=<{mail.sender}> nrcpt={len(mail.recipients)} "
        f"size={len(mail.data)} parts={len(unpacked.parts) - members} members={members} depth={unpacked.depth} "
        f"verdict={finding.cls if finding else 'clean'} name={finding.name if finding else '-'} "
        f"object={finding.path if finding else '-'} chain={';'.join(acted.chains) or '-'} outcome={outcome} "
        f"notices={parties}"
    )
