"""decide - walk the restriction lists in order, and make one reply of what their elements say.

Here live delayed rejection, the flags that one list leaves to the next, and the implied checks of unlisted addresses.
Source: smtpd_check.c of Postfix 3.7.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from harness.errors import ConfigError
from harness.gateway.maillog import MailLog
from harness.gateway.policy.known import Known
from harness.gateway.policy.parse import class_elements, has_required, parse
from harness.gateway.policy.probe import Probe
from harness.gateway.policy.restriction import (
    CLIENT,
    DATA,
    END_OF_DATA,
    ETRN,
    HELO,
    RECIPIENT,
    SENDER,
    Element,
    View,
)
from harness.gateway.policy.unlisted import unlisted
from harness.gateway.policy.verdict import DUNNO, Reject
from harness.gateway.policy.walk import ACCEPT, Decision, Outcome, Walker, discarded, trace_lines
from harness.gateway.rule import default_rule
from harness.gateway.session import Asked, Session
from harness.gateway.settings import Settings

__all__ = ["ACCEPT", "Decision", "Policy"]

REQUIRED = (
    "reject_unauth_destination",
    "defer_unauth_destination",
    "reject",
    "defer",
    "defer_if_permit",
    "check_relay_domains",
)

# List -> what a bare table in it means.
LISTS: dict[str, str | None] = {
    "smtpd_client_restrictions": "check_client_access",
    "smtpd_helo_restrictions": "check_helo_access",
    "smtpd_sender_restrictions": "check_sender_access",
    "smtpd_relay_restrictions": "check_recipient_access",
    "smtpd_recipient_restrictions": "check_recipient_access",
    "smtpd_etrn_restrictions": "check_etrn_access",
    "smtpd_data_restrictions": None,
    "smtpd_end_of_data_restrictions": None,
}


class Policy:
    """The restriction lists of one configuration.

    Raises ConfigError for what smtpd refuses at start.  `probe` answers address verification requests; without one,
    every address is still being probed, as at the first request in Postfix.
    """

    def __init__(self, settings: Settings, log: MailLog, probe: Probe | None = None) -> None:
        known = self.known = Known(settings, log, probe)
        self._walker = Walker(known)
        self._lists = {name: parse(settings.elements(name), name, known, bare) for name, bare in LISTS.items()}
        for name in known.classes:
            class_elements(name, known, "check_recipient_access")
        self._check_required(settings)
        self._client = self._lists["smtpd_client_restrictions"]
        self._helo = self._lists["smtpd_helo_restrictions"]
        self._sender = self._lists["smtpd_sender_restrictions"]
        self._has_delayed = bool(self._client or self._helo or self._sender or known.reject_unlisted_sender)
        relay, recipient = self._lists["smtpd_relay_restrictions"], self._lists["smtpd_recipient_restrictions"]
        self._recipient = (relay, recipient) if known.relay_first else (recipient, relay)
        self._stand_in: tuple[Element, ...] = ()
        if known.compatible_relay:  # Postfix asks what the modern default would have said, only to say so
            words = ("permit_mynetworks", "permit_sasl_authenticated", "permit_auth_destination")
            self._stand_in = parse(((w, default_rule(w)) for w in words), "smtpd_relay_restrictions", known, None)
        self._unlisted_sender = self._implied("reject_unlisted_sender", "smtpd_reject_unlisted_sender")
        self._unlisted_recipient = self._implied("reject_unlisted_recipient", "smtpd_reject_unlisted_recipient")

    def _check_required(self, settings: Settings) -> None:
        for name in ("smtpd_recipient_restrictions", "smtpd_relay_restrictions"):
            words = [word for word, _ in settings.elements(name)]
            if has_required(words, frozenset(REQUIRED), self.known.classes):
                return
        rule = settings.rule("smtpd_relay_restrictions")
        raise ConfigError(
            "in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working "
            f"instance of: {', '.join(REQUIRED[:-1])} or {REQUIRED[-1]}",
            file=rule.file,
            line=rule.line or None,
        )

    def _implied(self, name: str, parameter: str) -> Element:
        (element,) = parse([(name, self.known.settings.rule(parameter))], parameter, self.known, None)
        return element

    def elements(self) -> dict[str, list[Element]]:
        """Every element of every list and class, by the name of its parameter: what a session may be asked."""
        found = {name: list(elements) for name, elements in self._lists.items() if elements}
        for name in self.known.classes:
            found[name] = list(class_elements(name, self.known, "check_recipient_access"))
        return found

    # The commands, in the order of a session.

    async def connect(self, s: Session) -> Decision:
        """The client list at connect time; nothing to ask when rejection is delayed."""
        return ACCEPT if self.known.delay_reject else (await self._ask_client(s) or ACCEPT)

    async def helo(self, s: Session, name: str) -> Decision:
        """The HELO list, about the name as the client gave it (a delayed check sees the sanitised one).

        In the middle of a transaction it sees that: smtpd remembers the first recipient it took.
        """
        if self.known.delay_reject:
            return ACCEPT
        s.recipient = s.recipients[0] if s.recipients else None
        decision = await self._ask_helo(s, name)
        s.recipient = None
        return decision or ACCEPT

    async def mail(self, s: Session) -> Decision:
        """The sender list, about s.sender."""
        return ACCEPT if self.known.delay_reject else (await self._ask_sender(s) or ACCEPT)

    def rcpt(self, s: Session) -> Coroutine[Any, Any, Decision]:
        """Every list that a recipient has to pass, about s.recipient."""
        return self._ask_recipient(s)

    def vrfy(self, s: Session) -> Coroutine[Any, Any, Decision]:
        """As for RCPT, about the address to be verified in s.recipient."""
        return self._ask_recipient(s)

    def data(self, s: Session) -> Coroutine[Any, Any, Decision]:
        """The DATA list; it knows the recipient only if there is exactly one."""
        return self._ask_message(s, self._lists["smtpd_data_restrictions"], "DATA", DATA)

    def end_of_data(self, s: Session) -> Coroutine[Any, Any, Decision]:
        """The end-of-data list; it knows the recipient only if there is exactly one."""
        return self._ask_message(s, self._lists["smtpd_end_of_data_restrictions"], "END-OF-MESSAGE", END_OF_DATA)

    async def etrn(self, s: Session) -> Decision:
        """The ETRN list, about s.etrn_domain; before it the delayed client and HELO lists."""
        flags = s.flags
        if self.known.delay_reject:
            refused = await self._ask_client(s)
            if refused is None and s.helo_name is not None:
                refused = await self._ask_helo(s, s.helo_name)
            if refused is not None:
                return refused
        flags.defer_if_permit = flags.after_client or flags.after_helo
        view = View(s, self.known, s.etrn_domain or "", ETRN, "check_etrn_access")
        outcome = await self._ask_list(view, self._lists["smtpd_etrn_restrictions"])
        return self._settle(s, outcome)

    def size(self, s: Session, size_bytes: int) -> Decision:
        """The declared size of a message against message_size_limit (smtpd_check_size)."""
        s.flags.defer_if_reject = None
        if not 0 < self.known.message_size_limit < size_bytes:
            return ACCEPT
        rule = self.known.settings.rule("message_size_limit")
        asked = Asked(s.phase, "message_size_limit", "message_size_limit", rule, "")
        refused = self._walker.refuse(s, Reject(552, "3.4", "Message size exceeds fixed limit"), False, (asked,))
        assert refused is not None
        return refused

    # The lists.

    async def _ask_client(self, s: Session) -> Decision | None:
        flags = s.flags
        flags.defer_if_permit = False
        flags.defer_if_reject = None
        outcome: Outcome = False
        if self._client:
            view = View(s, self.known, s.client.namaddr, CLIENT, "check_client_access")
            outcome = await self._walker.walk(view, self._client, False, 1)
        flags.after_client = flags.defer_if_permit
        return outcome if isinstance(outcome, Decision) else None

    async def _ask_helo(self, s: Session, name: str) -> Decision | None:
        flags = s.flags
        flags.defer_if_permit = flags.after_client
        flags.defer_if_reject = None
        outcome: Outcome = False
        if self._helo:
            stored, s.helo_name = s.helo_name, name
            view = View(s, self.known, name, HELO, "check_helo_access")
            outcome = await self._walker.walk(view, self._helo, False, 1)
            s.helo_name = stored
        flags.after_helo = flags.defer_if_permit
        return outcome if isinstance(outcome, Decision) else None

    async def _ask_sender(self, s: Session) -> Decision | None:
        flags = s.flags
        flags.defer_if_permit = flags.after_client or flags.after_helo
        flags.defer_if_reject = None
        flags.sender_checked = False
        outcome: Outcome = False
        view = View(s, self.known, s.sender or "", SENDER, "check_sender_access")
        if self._sender:
            outcome = await self._walker.walk(view, self._sender, False, 1)
        flags.after_sender = flags.defer_if_permit
        if isinstance(outcome, Decision):
            return outcome
        if self.known.reject_unlisted_sender and s.sender and not flags.sender_checked and not discarded(s):
            return self._ask_unlisted(view, self._unlisted_sender, s.sender, SENDER)
        return None

    async def _ask_recipient(self, s: Session) -> Decision:
        recipient, known, flags = s.recipient, self.known, s.flags
        if recipient is None or recipient.lower() == "postmaster":
            return ACCEPT
        if s.phase != "vrfy" and known.is_probe_sender(recipient):
            return ACCEPT  # RFC 5321 4.5.1; and probes of each other's probe sender must not go round in circles
        flags.recipient_checked = False
        if known.delay_reject and self._has_delayed:
            refused = await self._ask_client(s)
            if refused is None and s.helo_name is not None:
                refused = await self._ask_helo(s, s.helo_name)
            if refused is None and s.sender is not None:
                refused = await self._ask_sender(s)
            if refused is not None:
                return refused
        flags.defer_if_permit = flags.after_sender
        flags.defer_if_reject = None
        view = View(s, known, recipient, RECIPIENT, "check_recipient_access")
        outcome: Outcome = False
        for place, elements in enumerate(self._recipient):
            if elements:
                outcome = await self._walker.walk(view, elements, False, 1)
                if isinstance(outcome, Decision):
                    if place == 0 and known.compatible_order:
                        view.inform(
                            "using backwards-compatible default setting smtpd_relay_before_recipient_restrictions=no "
                            f'to reject recipient "{recipient}" from client "{s.client.namaddr}"'
                        )
                    return outcome
        if self._stand_in:
            outcome = await self._ask_stand_in(view)
        decision = self._settle(s, outcome)
        implied = known.reject_unlisted_recipient and not flags.recipient_checked
        if decision is not ACCEPT or not implied or discarded(s):
            return decision
        return self._ask_unlisted(view, self._unlisted_recipient, recipient, RECIPIENT) or ACCEPT

    async def _ask_stand_in(self, view: View) -> Outcome:
        """The stand-in for an empty relay list at compatibility level 0: heard, logged, left out of the trace."""
        s = view.session
        kept, s.trace = s.trace, []
        outcome = await self._walker.walk(view, self._stand_in, False, 1)
        if isinstance(outcome, Decision):
            kept.extend(s.trace)
        s.trace = kept
        if outcome is False:
            view.inform(
                'using backwards-compatible default setting "smtpd_relay_restrictions = (empty)" to avoid '
                f'"Relay access denied" error for recipient "{s.recipient}" from client "{s.client.namaddr}"'
            )
        return outcome

    async def _ask_message(self, s: Session, elements: tuple[Element, ...], name: str, reply_class: str) -> Decision:
        flags = s.flags
        flags.defer_if_permit = False  # raised by a recipient that was refused since
        flags.defer_if_reject = None
        if not elements:
            return ACCEPT
        current, s.recipient = s.recipient, s.recipients[0] if len(s.recipients) == 1 else None
        try:
            return self._settle(
                s, await self._walker.walk(View(s, self.known, name, reply_class, None), elements, False, 1)
            )
        finally:
            s.recipient = current

    async def _ask_list(self, view: View, elements: tuple[Element, ...]) -> Outcome:
        view.session.flags.defer_if_reject = None
        return await self._walker.walk(view, elements, False, 1) if elements else False

    def _ask_unlisted(self, view: View, element: Element, address: str, reply_class: str) -> Decision | None:
        s = view.session
        verdict = unlisted(view, address, reply_class)
        if reply_class == SENDER:
            s.flags.sender_checked = True
        else:
            s.flags.recipient_checked = True
        if verdict is DUNNO:
            s.trace.append(element.quiet(s.phase, False))
            return None
        assert isinstance(verdict, Reject)
        return self._walker.refuse(s, verdict, False, trace_lines(s, element, None))

    def _settle(self, s: Session, outcome: Outcome) -> Decision:
        """The decision at the end of the last list: a would-be permit gives way to an earlier temporary trouble."""
        if isinstance(outcome, Decision):
            return outcome
        if not s.flags.defer_if_permit:
            return ACCEPT
        due = s.flags.deferral
        assert due is not None
        refused = self._walker.refuse(s, Reject(due.code, due.status, due.text), False, (due.asked,))
        assert refused is not None
        return refused
