"""walk - ask the elements of one list in turn, and do what each verdict says.

With decide.py the only code that knows warn_if_reject, defer_if_permit, defer_if_reject and DISCARD: a restriction
returns, and what its word then means is settled here.  Source: generic_checks and smtpd_check_reject in smtpd_check.c.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import CoroutineType
from typing import Any

from harness.gateway.policy.known import Known
from harness.gateway.policy.refusal import compose, log_context
from harness.gateway.policy.restriction import CLIENT, RECIPIENT, SERVER_ERROR, SUBJECTS, Element, View
from harness.gateway.policy.verdict import (
    DUNNO,
    PERMIT,
    Act,
    Ask,
    DeferIfPermit,
    DeferIfReject,
    Dunno,
    FromTable,
    HangUp,
    Note,
    Permit,
    PlainVerdict,
    Reject,
    Verdict,
)
from harness.gateway.session import Asked, Deferral, Session
from harness.smtp.reply import Reply

MOST_NESTED = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy makes of one command: a refusal and the rule behind it, a cut line, or nothing against it."""

    reply: Reply | None = None
    hang_up: bool = False
    decided: Asked | None = None


ACCEPT = Decision()

Outcome = Decision | bool
"""Of one element or list: a Decision ends everything, True is OK (the list ends), False is DUNNO."""


class Walker:
    """Walks lists, one at a time, for any number of sessions."""

    def __init__(self, known: Known) -> None:
        self.known = known

    async def walk(self, view: View, elements: Sequence[Element], warn: bool, depth: int) -> Outcome:
        """Ask the elements one by one.  `warn`: a warn_if_reject further out covers the whole list."""
        s, known = view.session, self.known
        flags, trace, phase = s.flags, s.trace, s.phase
        subjects = _subjects(s, known) if s.lasting or s.known_as else _NO_SUBJECTS
        log = known.log
        if s.wishes and discarded(s):
            return False
        for element in elements:
            warned = warn or element.warn
            if element.once and _done_before(s, element.once, warned):
                if flags.defer_if_reject is not None and flags.defer_if_permit:
                    break
                continue
            subject = subjects[element.by]
            verdict: Any = None if subject is None else element.lasting.get(subject)
            if verdict is None:
                logged = log.lines
                verdict = element.run(view, element.argument)
                if type(verdict) is CoroutineType:
                    verdict = await verdict
                    if subject is not None and s.lasting:  # DNS says the same next time
                        element.remember(subject, verdict)
                elif subject is not None and log.lines == logged:  # what is warned of once is warned of again
                    element.remember(subject, verdict)
            if verdict is DUNNO:
                trace.append(element.dunno.get(phase) or element.quiet(phase, False))
                if flags.defer_if_reject is not None and flags.defer_if_permit:  # whatever comes, it is a deferral
                    break
            elif verdict is PERMIT and not known.permit_log:
                trace.append(element.quiet(phase, True))
                if element.final and element.follows:
                    view.warn(f"restriction `{element.follows}' after `{element.name}' is ignored")
                return True
            else:
                outcome = await self._obey(view, element, verdict, warned, depth)
                if element.final and element.follows and (outcome is True or not warned):
                    view.warn(f"restriction `{element.follows}' after `{element.name}' is ignored")
                if outcome is not False:
                    return outcome
                if flags.defer_if_permit and flags.defer_if_reject is not None:
                    break
                if s.wishes and discarded(s):
                    break
        return False

    async def _obey(self, view: View, element: Element, verdict: Verdict, warn: bool, depth: int) -> Outcome:
        s = view.session
        if not isinstance(verdict, FromTable):
            return await self._obey_plain(view, element, verdict, warn, depth, None)
        stand_in = view.stand_in or verdict.stand_in
        inner = View(s, self.known, verdict.reply_name, verdict.reply_class, view.bare, stand_in)
        outcome = await self._obey_plain(inner, element, verdict.verdict, warn, depth, verdict)
        if outcome is not True or verdict.on_permit == "permit" or discarded(s):
            return outcome
        if verdict.on_permit == "dunno":
            return False
        view.warn(f"restriction {element.name} returns OK for {verdict.subject}")
        view.warn("this is not allowed for security reasons")
        view.warn("use DUNNO instead of OK if you want to make an exception")
        return self.refuse(s, SERVER_ERROR, warn, trace_lines(s, element, verdict)) or False

    async def _obey_plain(
        self, view: View, element: Element, verdict: PlainVerdict, warn: bool, depth: int, source: FromTable | None
    ) -> Outcome:
        """What follows from one verdict.  `source` is the table line that gave it, if one did."""
        s, flags = view.session, view.session.flags
        match verdict:
            case Dunno():
                _note(s, element, source, "DUNNO")
            case Permit():
                _note(s, element, source, "OK")
                self._log_permit(view, element, source)
                return True
            case Reject():
                return self.refuse(s, verdict, warn, trace_lines(s, element, source)) or False
            case DeferIfPermit(code, status, text):
                if warn:
                    refusal = Reject(code, status, text)
                    return self.refuse(s, refusal, True, trace_lines(s, element, source)) or False
                said = f"defer_if_permit {code} {str(code)[0]}.{status} {text}"
                asked = _note(s, element, source, said)
                if not flags.defer_if_permit:
                    flags.defer_if_permit, flags.deferral = True, Deferral(code, status, text, asked)
            case DeferIfReject(code, status, text, permit):
                said = f"defer_if_reject {code} {str(code)[0]}.{status} {text}"
                asked = _note(s, element, source, said)
                if flags.defer_if_reject is None:
                    flags.defer_if_reject = Deferral(code, status, text, asked)
                return permit
            case Act(wish, permit, text):
                _note(s, element, source, f"{wish.action} {wish.argument}".rstrip())
                if wish.action != "HOLD" or not any(other.action == "HOLD" for other in s.wishes):
                    s.wishes.append(wish)
                    if text:
                        self._log(s, wish.action.lower(), text)
                if permit:
                    self._log_permit(view, element, source)
                return permit
            case Note(verb, text):
                _note(s, element, source, f"{verb.upper()} {text}".rstrip())
                self._log(s, verb, text)
            case HangUp(text):
                *before, last = trace_lines(s, element, source)
                s.trace.extend(line._replace(said="HANGUP") for line in before)
                asked = last._replace(said="HANGUP", decided=True)
                s.trace.append(asked)
                self._log(s, "hangup", text)
                return Decision(None, True, asked)
            case Ask(elements, name):
                _note(s, element, source, f"asks {name}")
                if depth > MOST_NESTED:
                    table = source.table if source else element.place
                    view.warn(f"access table {table} entry {name} causes unreasonable recursion")
                    return self.refuse(s, SERVER_ERROR, warn, trace_lines(s, element, source)) or False
                return await self.walk(view, elements, warn, depth + 1)
        return False

    def refuse(self, s: Session, reject: Reject, warn: bool, lines: tuple[Asked, ...]) -> Decision | None:
        """Make the reply, log it and trace it on these lines; None when it is only a warning (smtpd_check_reject)."""
        only_warn = warn and not reject.config_error
        reply, text = compose(reject, self.known, s)
        due = s.flags.defer_if_reject
        if not only_warn and due is not None and reply.code >= 500:
            s.trace.extend([line._replace(said=text) for line in lines])
            s.flags.defer_if_reject = None
            return self.refuse(s, Reject(due.code, due.status, due.text), False, (due.asked,))
        if self.known.soft_bounce and reply.code >= 500:
            reply = Reply(reply.code - 100, "4" + reply.status[1:], reply.lines)
            text = f"{reply.code} {reply.status} {reply.text}"
        self._log(s, "reject_warning" if only_warn else "reject", text)
        said = f"reject_warning {text}" if only_warn else text
        *before, last = lines
        s.trace.extend([line._replace(said=said) for line in before])
        asked = Asked(s.phase, last.place, last.element, last.rule, said, not only_warn)
        s.trace.append(asked)
        return None if only_warn else Decision(reply, False, asked)

    def _log(self, s: Session, verb: str, text: str) -> None:
        """One line about this session, in the form that log readers know (log_whatsup)."""
        if not self.known.log.sinks:  # nobody reads it, and to word it costs as much as to decide
            return
        queue_id = s.queue_id or "NOQUEUE"
        line = f"{queue_id}: {verb}: {s.where} from {s.client.namaddr}: {text};{log_context(s)}"
        self.known.log.line("smtpd", s.number, line)

    def _log_permit(self, view: View, element: Element, source: FromTable | None) -> None:
        """Log a permit of smtpd_log_access_permit_actions, unless an earlier trouble overrules it."""
        known, s = self.known, view.session
        action = source.word if source else element.name
        if not known.permit_log or s.flags.defer_if_permit or not known.logs_permit(action):
            return
        about = f"{view.reply_class}={view.reply_name}"
        if source:
            about = f"{about} from {source.table}"
        elif element.permits == "client":
            about = f"{CLIENT}={s.client.namaddr}"
        elif element.permits == "recipient":
            about = f"{RECIPIENT}={s.recipient}"
        # Postfix leaves a blank where the table would be named.
        self._log(s, "permit", f"action={action} for {about}" if source else f"action={action} for {about} ")


def _subjects(s: Session, known: Known) -> tuple[str | None, ...]:
    """What restrictions may be remembered by, in the order of SUBJECTS; None where they may not, at last for -1."""
    if known.routes.sender_counts:
        return _NO_SUBJECTS
    sender, domain = s.sender, None
    if sender and (plain := _PLAIN_ADDRESS.fullmatch(sender)) is not None:
        domain = plain[1]
    else:
        sender = None
    recipient = s.recipient if s.recipient is not None and s.recipient.isascii() else None
    return s.lasting or s.known_as, s.helo_name, sender, domain, recipient, None


_NO_SUBJECTS = (None,) * (len(SUBJECTS) + 1)
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.+=_-]+@([A-Za-z0-9.-]+)")  # no routing in it: what counts is the domain


def discarded(s: Session) -> bool:
    return any(wish.action == "DISCARD" for wish in s.wishes)


def _done_before(s: Session, once: str, warned: bool) -> bool:
    """Has this check of unlisted addresses been made for the current address?  Mark that it is made now.

    Before there is such an address (at ETRN, say) there is nothing to mark.
    """
    flags = s.flags
    if not (s.sender if once == "sender" else s.recipient):
        return False
    done = flags.sender_checked if once == "sender" else flags.recipient_checked
    if not warned:
        if once == "sender":
            flags.sender_checked = True
        else:
            flags.recipient_checked = True
    return done


def trace_lines(s: Session, element: Element, source: FromTable | None) -> tuple[Asked, ...]:
    """The lines of the trace that one answer takes: the element of main.cf and, below it, the line of the table."""
    asked = Asked(s.phase, element.place, element.text, element.rule, "")
    return (asked, Asked(s.phase, source.table, source.key, source.rule, "")) if source else (asked,)


def _note(s: Session, element: Element, source: FromTable | None, said: str) -> Asked:
    """Trace an answer that refuses nothing; the line that gave it."""
    if source is None and said in ("DUNNO", "OK"):
        asked = element.quiet(s.phase, said == "OK")
        s.trace.append(asked)
    else:
        for line in trace_lines(s, element, source):
            asked = line._replace(said=said)
            s.trace.append(asked)
    return asked
