"""maillog - the lines a Postfix logs -> whose they are, what became of each mail, and whether it still runs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.observation import LogLine

_LINE = re.compile(r"\S+ +\d+ [\d:]+ \S+ (?:postfix/)?([\w/-]+)\[(\d+)\]: (.*)\Z", re.DOTALL)
_BARE = re.compile(r"(?:postfix/)?([\w-]+): (.*)\Z", re.DOTALL)  # on stderr, before there is a log
_QUEUE_ID = re.compile(r"([0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]{12,20}): ")  # short or long
_STATUS = re.compile(r"to=<.*>.*, relay=(\S+?), .*\bstatus=(sent|bounced|deferred|expired|undeliverable|SOFTBOUNCE)\b")
_TO = re.compile(r" to=<(.*?)>(?:, orig_to=<(.*?)>)?, relay=")
_TRY = re.compile(r"\(queue active\)$|\bstatus=")
_NOTICE = re.compile(r"(sender non-delivery|sender delivery status|sender delay|postmaster \S+) notification: (\S+)")
_KINDS = {"sender non-delivery": "bounce", "sender delivery status": "success", "sender delay": "delay"}
_DONE_WITH = re.compile(r"qmgr .*\(queue active\)|cleanup \S+: (?:reject|hold|discard): ")
_ACTION = re.compile(r"\S+: (hold|discard|redirect): ")
_WITHOUT_ID = re.compile(r"NOQUEUE: (?:hold|discard|redirect): ")
_FROM = re.compile(r"[:;] from=<(.*?)>[ ,]")
_BROKEN_OFF = re.compile(
    r"(?!NOQUEUE|warning)\S+: reject: (?!RCPT |VRFY |DATA )|(?:lost connection|timeout) after (?:DATA|BDAT) \("
)
_TAKEN = re.compile(r" data=(\d+)")
_KILLED = re.compile(r"/smtpd pid (\d+) killed by signal")
_LOUD = ("fatal: ", "panic: ")
# What Postfix says because of the way it is run here.
_NOT_TOLD = re.compile(
    r"warning: (?:dict_nis_init: NIS domain|pass_accept_attr: cannot receive file)|error: accept connection: "
    r"|daemon started -- version|terminating on signal"
)
READY = "pass_accept_attr: cannot receive file"  # an empty hand-over has reached a started smtpd
_PARKED = ("deferred", "hold")


@dataclass
class Visit:
    """One session of smtpd: its own lines, and the queue ids it got."""

    lines: list[LogLine] = field(default_factory=list)
    queue_ids: list[str] = field(default_factory=list)
    open: bool = True
    early: list[LogLine] = field(default_factory=list)  # actions of access(5) on a mail that had no queue id yet
    taken: int = 0  # DATA commands that came to a good end
    chunks: bool = False  # there were BDAT commands


class MailLog:
    """Takes lines as they come."""

    def __init__(self, overridden: Iterable[str] = ()) -> None:
        self.lines: list[LogLine] = []
        self.fatal = ""  # the first reason a program gave for not going on
        self.ready = False
        self.visits = 0  # that began
        self.latest: Visit | None = None
        self.of_mail: dict[str, list[LogLine]] = {}
        self.notices: list[tuple[str, str, str]] = []  # (kind, about, queue id of the notice)
        self._by_pid: dict[str, Visit] = {}
        self._visit_of: dict[str, Visit] = {}  # by queue id
        self._in_hands: dict[str, str] = {}  # pid of a cleanup -> queue id
        self._early: dict[str, list[LogLine]] = {}  # what it said before it named the mail
        self._active: set[str] = set()  # in the queue manager's hands
        self._noise = re.compile(
            "|".join(rf"overriding earlier entry: {re.escape(name)}=" for name in overridden) or "(?!)"
        )

    def add(self, text: str) -> None:
        """One line, without its end."""
        parts = _LINE.match(text)
        if parts is None:
            bare = _BARE.match(text)
            self._alarm(bare[2] if bare else text)
            return
        program, pid, said = parts[1].rpartition("/")[2], parts[2], parts[3]
        self._alarm(said)
        if READY in said:
            self.ready = True
        if _NOT_TOLD.search(said) or self._noise.search(said):
            return
        queue_id = _QUEUE_ID.match(said)
        line = LogLine(program, said, queue_id[1] if queue_id else "")
        self.lines.append(line)
        if program == "cleanup":
            self._cleaned(pid, line)
        if line.queue_id:
            self.of_mail.setdefault(line.queue_id, []).append(line)
            self._follow(line)
        if program == "smtpd":
            self._visit(pid, line)
        elif program == "master" and (killed := _KILLED.search(said)) and (visit := self._by_pid.pop(killed[1], None)):
            visit.lines.append(line)
            visit.open = False

    def open_visits(self) -> int:
        """Sessions that smtpd has not ended yet."""
        return sum(visit.open for visit in self._by_pid.values())

    @property
    def under_way(self) -> frozenset[str]:
        """Mails the queue manager has taken up and not yet let go."""
        return frozenset(self._active)

    def times_active(self, queue_id: str) -> int:
        """How often the queue manager has taken this mail up."""
        return sum(line.text.endswith("(queue active)") for line in self.of_mail.get(queue_id, ()))

    def has_told(self, queue_id: str) -> bool:
        """Whether the log has caught up with a deferred mail: the last that it says of a try is what came of it."""
        tries = [line for line in self.of_mail.get(queue_id, ()) if _TRY.search(line.text)]
        return bool(tries) and _STATUS.search(tries[-1].text) is not None

    def recipients(self, queue_id: str) -> tuple[str, ...]:
        """Who a mail was for, as far as its delivery agents tell."""
        found = [_TO.search(line.text) for line in self.of_mail.get(queue_id, ()) if line.program != "bounce"]
        return tuple(dict.fromkeys(one[2] or one[1] for one in found if one is not None))

    def accepted(self, visit: Visit, parked: frozenset[str]) -> tuple[str, ...]:
        """The queue ids of a session whose mail was taken: seen by the queue manager, put aside, or discarded."""
        return tuple(i for i in visit.queue_ids if i in parked or self.fates(i, parked))

    def told(self, visit: Visit) -> tuple[LogLine, ...]:
        """What smtpd said in a session, then what others said of its mails, accepted or not."""
        others = [line for i in visit.queue_ids for line in self.of_mail[i] if line.program != "smtpd"]
        return (*visit.lines, *others)

    def fates(self, queue_id: str, parked: frozenset[str]) -> list[str]:
        """What became of a mail, in the words of conservation; `parked` are the files left in deferred and hold."""
        found: list[str] = []
        lines = self.of_mail.get(queue_id, ())
        if any(line.program == "smtpd" and f"{queue_id}: reject: END-OF-MESSAGE " in line.text for line in lines):
            return found  # whatever cleanup meant to do with it
        for line in lines:
            status = _STATUS.search(line.text)
            if status is not None and line.program != "bounce":
                fate = _fate(line.program, status[1], status[2])
                if fate != "queued" or queue_id in parked:  # once it is tried again with success it waits no more
                    found.append(fate)
            elif line.program in ("smtpd", "cleanup") and (action := _ACTION.match(line.text)):
                found += self._acted(action[1], line, queue_id, parked)
        return list(dict.fromkeys(found))

    def _acted(self, action: str, line: LogLine, queue_id: str, parked: frozenset[str]) -> list[str]:
        """What an action of access(5) or header_checks(5) did to a mail: it may be refused after all.

        One that smtpd logged before there was a queue id may belong to a transaction that was reset; what the
        queue manager says of the mail shows it.
        """
        if action == "hold":
            return ["held"] if queue_id in parked else []
        lines = self.of_mail[queue_id]
        taken_up = [one.text for one in lines if one.program == "qmgr"]
        if action == "redirect":
            if line.queue_id:
                return ["redirected"] if taken_up or queue_id in parked else []
            senders = [found[1] for text in (line.text, *taken_up) if (found := _FROM.search(text))]
            return ["redirected"] if taken_up and len(set(senders)) == 1 else []
        discarded = line.program == "cleanup" or queue_id in self._silently_gone(self._visit_of.get(queue_id))
        return ["discarded"] if discarded else []

    def _silently_gone(self, visit: Visit | None) -> list[str]:
        """The mails of a session of which nothing was heard again, as many as smtpd says it took.

        cleanup drops what smtpd discards without a word; a transaction that was reset is as silent.
        """
        if visit is None:
            return []
        silent = [i for i in visit.queue_ids if not any(one.program == "qmgr" for one in self.of_mail[i])]
        heard_of = len(visit.queue_ids) - len(silent)
        silent = [i for i in silent if not any(_BROKEN_OFF.match(one.text) for one in self.of_mail[i])]
        if visit.chunks:  # counted by chunk, not by mail
            return silent
        return silent[: max(visit.taken - heard_of, 0)]

    def _alarm(self, said: str) -> None:
        for word in _LOUD:
            if word in said and not self.fatal:
                self.fatal = said.partition(word)[2]

    def _cleaned(self, pid: str, line: LogLine) -> None:
        """What cleanup says of no mail (`warning: unknown command ...`) is about the one it has in hands.

        That is the one it named last, or, if that one is done with, the one it is going to name.
        """
        if line.queue_id:
            for early in self._early.pop(pid, ()):
                self.of_mail.setdefault(line.queue_id, []).append(early)
            self._in_hands[pid] = line.queue_id
            return
        queue_id = self._in_hands.get(pid)
        if queue_id is None or any(_DONE_WITH.search(f"{o.program} {o.text}") for o in self.of_mail[queue_id]):
            self._early.setdefault(pid, []).append(line)
        else:
            self.of_mail[queue_id].append(line)

    def _follow(self, line: LogLine) -> None:
        if line.program == "qmgr" and line.text.endswith("(queue active)"):
            self._active.add(line.queue_id)
        elif line.program == "qmgr" and line.text.endswith(": removed"):
            self._active.discard(line.queue_id)
        elif line.program == "bounce" and (notice := _NOTICE.search(line.text)):
            self.notices.append((_KINDS.get(notice[1], "postmaster"), line.queue_id, notice[2]))

    def _visit(self, pid: str, line: LogLine) -> None:
        if line.text.startswith("connect from "):
            visit = self._by_pid[pid] = self.latest = Visit()
            self.visits += 1
        elif (known := self._by_pid.get(pid)) is None:
            return
        else:
            visit = known
        visit.lines.append(line)
        if line.text.startswith("disconnect from ") or any(word in line.text for word in _LOUD):
            visit.open = False
            visit.taken, visit.chunks = (
                int(taken[1]) if (taken := _TAKEN.search(line.text)) else 0,
                re.search(r" bdat=[1-9]", line.text) is not None,
            )
            self._by_pid.pop(pid)
        elif line.queue_id and ": client=" in line.text and line.queue_id not in visit.queue_ids:
            visit.queue_ids.append(line.queue_id)
            self._visit_of[line.queue_id] = visit
            self.of_mail[line.queue_id] += visit.early
            visit.early.clear()
        elif _WITHOUT_ID.match(line.text):
            visit.early.append(line)
        elif visit.queue_ids and not line.queue_id and _BROKEN_OFF.match(line.text):
            self.of_mail[visit.queue_ids[-1]].append(line)


def _fate(program: str, relay: str, status: str) -> str:
    if program in ("discard", "qmgr"):  # of qmgr: mail for the double-bounce address
        return "discarded"
    return {"sent": "delivered", "bounced": "bounced", "deferred": "queued", "SOFTBOUNCE": "queued"}.get(
        status, "bounced"
    )
