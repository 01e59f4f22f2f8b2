"""examine - the engine: client lists, unpack, scan, filter, score, act, notify, in the order the paper gives.

A white-listed client skips the blocklists and the bulk score, never the scan.  What could not be examined is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.clock import Clock
from harness.gateway.content.act import Acted, act
from harness.gateway.content.action import Result, State
from harness.gateway.content.admit import Doorman
from harness.gateway.content.budget import Budget
from harness.gateway.content.filter import filtered
from harness.gateway.content.finding import Finding, worst
from harness.gateway.content.group import Group
from harness.gateway.content.ledger import Ledger
from harness.gateway.content.notify import Done, Told, notices, once
from harness.gateway.content.outcome import Mail, Notice, Outcome
from harness.gateway.content.outside import Connect, Outside
from harness.gateway.content.quarantine import Shelf, Store
from harness.gateway.content.rav import Rav, load_rav
from harness.gateway.content.report_line import finding_line, mail_line, refused_line
from harness.gateway.content.rewrite import Draft
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.score import THRESHOLDS, score
from harness.gateway.content.search import Key, Polite, Searched, search
from harness.gateway.content.signature_store import SignatureStore, load_signatures
from harness.gateway.content.unpack import Unpacked
from harness.gateway.dns import Resolver
from harness.gateway.mime_names import decode_words
from harness.gateway.rule import default_rule
from harness.gateway.session import Asked


@dataclass(frozen=True)
class Engine:
    """One generation of the configuration and its signatures; a mail uses one from start to end."""

    rav: Rav
    signatures: SignatureStore
    active: bool = True
    connect: Connect | None = None  # how the rim reaches a clamd; None in direct mode
    generation: int = 1  # in every log line of a mail: which configuration and which signatures it met
    ledger: Ledger = field(default_factory=Ledger)  # the one thing that outlives a mail, and a reload
    polite: Callable[[], Polite] | None = None  # how a mail gives way to others; None in direct mode, where it is alone

    @classmethod
    def load(
        cls,
        directory: Path,
        overrides: Mapping[str, str] | None = None,
        connect: Connect | None = None,
        generation: int = 1,
        ledger: Ledger | None = None,
        polite: Callable[[], Polite] | None = None,
    ) -> Engine:
        """The engine of a `rav` directory; without the directory, one that examines nothing.  Raises ConfigError."""
        rav = load_rav(directory, overrides or {})
        signatures = load_signatures(directory / "signatures", "rav/signatures")
        return cls(rav, signatures, directory.is_dir(), connect, generation, ledger or Ledger(), polite)

    @property
    def quarantine_dir(self) -> str:
        """Where objects are set aside: beside the queue, or an absolute path."""
        return self.rav.quarantine_dir

    @property
    def mode(self) -> str:
        """after_queue (refusals are bounces) or before_queue (they are replies)."""
        return self.rav.mode

    async def examine(self, mail: Mail, store: Store, clock: Clock, hostname: str, resolver: Resolver) -> Outcome:
        """What becomes of a mail.  Never raises for what a mail holds."""
        work = _Work(self, mail, clock.now, hostname, Shelf(mail.queue_id, clock.now(), store,
                                                            self.rav.max_quarantine_bytes))  # fmt: skip
        deadline = clock.now() + self.rav.rbl_timeout_s
        doorman = Doorman(mail, resolver, lambda: clock.now() <= deadline)
        for group, recipients in self.rav.by_group(mail.recipients):
            admission = await doorman.admit(group)
            work.trace += admission.trace
            if admission.refused:
                work.refused |= dict.fromkeys(recipients, ("5.7.1", admission.refused))
                work.log.append(refused_line(mail, self.generation, group, recipients, admission.why))
            else:
                await work.decide(group, recipients, white=admission.white)
        return work.outcome()


@dataclass(slots=True)
class _Work:
    """One mail on its way through the engine, and what has been decided so far."""

    engine: Engine
    mail: Mail
    now: Callable[[], float]
    hostname: str
    shelf: Shelf
    searched: Searched | None = None
    deliveries: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    discarded: list[str] = field(default_factory=list)
    written: list[Notice] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    trace: list[Asked] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def outcome(self) -> Outcome:
        """Everything, as values."""
        return Outcome(
            tuple(self.deliveries), self.refused, tuple(self.discarded), tuple(once(self.written)),
            tuple(self.shelf.kept), tuple(self.findings), tuple(self.trace), tuple(self.log),
        )  # fmt: skip

    async def decide(self, group: Group, recipients: tuple[str, ...], *, white: bool) -> None:
        """Find, act and tell, for one group of recipients."""
        searched = await self._search()
        unpacked = searched.unpacked
        found = [*unpacked.findings, *searched.scans[_key(group)]]
        subject = decode_words(unpacked.root.value("subject").strip())
        charsets = {index: entity.charset for index, entity in unpacked.entities.items()}
        found += filtered(group.filters, subject, unpacked.parts, charsets)
        if not white and not any(finding.cls == "infected" for finding in found):
            found += self._bulk(group, unpacked)
        for finding in found:
            if finding not in self.findings:
                self.findings.append(finding)
                self.log.append(finding_line(self.mail, finding))
                if finding.cls != "bulk":
                    self.trace.append(_seen(finding))
        rav = self.engine.rav
        told = Told(
            self.mail, unpacked.root, self.hostname, self.now(), rav.languages, self.engine.ledger,
            rav.notices_per_hour,
            frozenset((notice.party, notice.to) for notice in self.written),
        )  # fmt: skip
        state = self._state(group, unpacked, told)
        acted = act(state, group, found)
        data = b""
        if acted.verdict is Result.RESOLVED:
            data = await self._render(state, acted, group, told)
        self.trace += acted.trace
        ended = self._end(acted, recipients, data)
        # A forward shows somebody else the mail as it came, whatever becomes of it here.
        self.written += [Notice("forward", "", to, self.mail.data, "forward") for to in state.forwards]
        self._tell(told, group, recipients, found, acted, ended)
        self.log.append(
            mail_line(self.mail, self.engine.generation, group, recipients, unpacked, found, acted, ended, self.written)
        )

    async def _search(self) -> Searched:
        """The objects of the mail and what is in them, looked for once, whoever the mail is for."""
        if self.searched is None:
            groups = [group for group, _ in self.engine.rav.by_group(self.mail.recipients)]
            contexts = {
                _key(group): ScanContext(self.engine.signatures, *group.banned, group.heuristics) for group in groups
            }
            budget = Budget(self.engine.rav.limits, self.now)
            outside = self._outside()
            self.searched = await search(self.mail.data, budget, contexts, outside, self._polite())
            if outside is not None and outside.failed:
                self.log.append(f"{self.mail.queue_id}: warning: outside scanner failed: {outside.failed}")
            if self.engine.signatures.stale(self.now()):
                hours = int(self.engine.signatures.age_s(self.now()) // 3600)
                self.log.append(f"{self.mail.queue_id}: warning: signatures are {hours} hours old")
        return self.searched

    def _outside(self) -> Outside | None:
        setting, connect = self.engine.rav.clamd, self.engine.connect
        if setting is None:
            return None
        return Outside(setting, connect(setting.address, setting.timeout_s) if connect else None)

    def _polite(self) -> Polite | None:
        return self.engine.polite() if self.engine.polite else None

    def _bulk(self, group: Group, unpacked: Unpacked) -> list[Finding]:
        """A finding where the score reaches the section's level.  This step alone may fail open, as RAV's did."""
        section = group.antispam
        if section is None:
            return []
        texts = [(part.type, part.data) for part in unpacked.parts if part.depth == 0 and (part.text or not part.type)]
        try:
            scored = score(unpacked.root, texts)
        except Exception as error:
            self.log.append(f"{self.mail.queue_id}: warning: bulk check failed, mail passed: {error!r}")
            return []
        least = THRESHOLDS[section.level]
        said = f"score {scored.explained()} of {least:g}"
        self.trace.append(Asked("end_of_data", "bulk", section.name, section.rule, said))
        if scored.points < least:
            return []
        return [Finding("bulk", f"Bulk.{section.level}", "mail", section.rule, detail=scored.explained())]

    def _state(self, group: Group, unpacked: Unpacked, told: Told) -> State:
        language = told.languages[group.language]
        everybody = ", ".join(self.mail.recipients)

        def text(event: str, finding: Finding) -> str:
            return language.text(event, told.values(finding, everybody)).strip("\n")

        draft = Draft(self.mail.data, unpacked, f"rav-{self.mail.queue_id}")
        return State(
            draft, self.shelf, self.engine.signatures, lambda finding: text("warn_txt", finding), group.antispam, text
        )

    async def _render(self, state: State, acted: Acted, group: Group, told: Told) -> bytes:
        """The mail as it goes on; where an infection is left in it that nobody wanted left, it does not go on."""
        stamp = told.languages[group.language].text("stamp", {"HOST": self.hostname}) if group.stamp else ""
        data = state.draft.render(stamp)
        if state.draft.changes and (left := await self._left_over(data, acted.left)) is not None:
            acted.end(Result.REJECT, left)
            said = f"{left.name} in {left.path}: still there after the changes, under another reading"
            acted.trace.append(Asked("end_of_data", left.setting, "(check of what is left)", left.rule, said, True))
        return data

    async def _left_over(self, data: bytes, left: set[str]) -> Finding | None:
        context = ScanContext(self.engine.signatures, frozenset(), default_rule("banned_extensions"), False)
        budget = Budget(self.engine.rav.limits, self.now)
        searched = await search(data, budget, {(False, frozenset()): context}, self._outside(), self._polite())
        infected = (finding for finding in searched.scans[False, frozenset()] if finding.cls == "infected")
        return next((finding for finding in infected if finding.name not in left), None)

    def _end(self, acted: Acted, recipients: tuple[str, ...], data: bytes) -> str:
        """Put the recipients where they belong; gives reject, discard or ""."""
        if acted.verdict is Result.REJECT:
            assert acted.why is not None
            if acted.why.forges_sender and self.engine.mode == "after_queue" and self.mail.sender:
                # A bounce would go to a stranger whose address the virus borrowed.
                said = f"{acted.why.name} forges its sender: no bounce"
                self.trace.append(Asked("end_of_data", acted.why.setting, "(no bounce)", acted.why.rule, said))
                self.discarded += recipients
                return "discard"
            text = f"content rejected: {acted.why.name} in {acted.why.path}"
            self.refused |= dict.fromkeys(recipients, ("5.7.1", text))
            return "reject"
        if acted.verdict is Result.DISCARD:
            self.discarded += recipients
            return "discard"
        self.deliveries.append((recipients, data))
        return ""

    def _tell(
        self, told: Told, group: Group, recipients: tuple[str, ...], found: list[Finding], acted: Acted, ended: str
    ) -> None:
        """One set of notices, about the finding that decided, else the worst; nobody is told of bulk mail."""
        own = tuple(finding for finding in found if finding.cls != "bulk")
        finding = acted.why if ended and acted.why in own else worst(own)
        if finding is None:
            return
        done = Done(
            acted.action(finding), acted.said(finding), acted.stored.get((finding.path, finding.name), ""), ended
        )
        if done.action == "ignore" and not ended:
            return
        learns = ""
        if ended == "reject":
            learns = "a bounce tells it" if self.engine.mode == "after_queue" else "the reply tells it"
        written, trace = notices(told, group, recipients, finding, done, learns)
        self.written += written
        self.trace += trace


def _seen(finding: Finding) -> Asked:
    """A finding, as the trace shows it."""
    place = finding.cls if finding.cls != "filter" else f"filter_{finding.filtered}"
    said = finding.path + (f" ({finding.detail})" if finding.detail else "")
    return Asked("end_of_data", place, finding.name, finding.rule, said)


def _key(group: Group) -> Key:
    """Groups with the same settings share one scan."""
    return group.heuristics, group.banned[0]
