"""restriction - contract: what a restriction is given, what it is made of, and how it is entered under its name.

A member of restrictions/ is a plain function, or an `async def` where it asks DNS or a server, that takes a View and
its argument and RETURNS a Verdict.  It sets no flag and writes no reply: decide.py does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from harness.gateway.policy.known import Known
from harness.gateway.policy.verdict import Dunno, FromTable, Permit, Reject, Verdict
from harness.gateway.rule import Rule
from harness.gateway.session import Asked, Quiet, Session
from harness.registry import Registry

Run = Callable[["View", Any], Verdict | Awaitable[Verdict]]
AnyRun = TypeVar("AnyRun", bound=Run)
Argument = Literal["", "table", "zone", "seconds", "service"]
By = Literal["", "client", "helo", "sender", "sender_domain", "recipient"]
SUBJECTS: tuple[By, ...] = ("client", "helo", "sender", "sender_domain", "recipient")

CLIENT, REVERSE_CLIENT, CERTIFICATE, LOGIN = (
    "Client host",
    "Unverified Client host",
    "Client certificate",
    "SASL login name",
)
HELO, SENDER, RECIPIENT, ETRN = "Helo command", "Sender address", "Recipient address", "Etrn command"
DATA, END_OF_DATA = "Data command", "End-of-data"

_REMEMBERED = 16_384  # subjects for each element: about 1 MB

SERVER_ERROR = Reject(451, "3.5", "Server configuration error", config_error=True)


@dataclass(slots=True)
class View:
    """What a restriction sees while one list is walked.

    `reply_name` and `reply_class` open the reply (`<reply_name>: CLASS rejected:`); `bare` is the command that a bare
    `type:table` stands for in this list, None where there is none (DATA, end of data).
    """

    session: Session
    known: Known
    reply_name: str
    reply_class: str
    bare: str | None
    stand_in: bool = False  # inside the default action of a policy server: a second failure must not ask again

    def warn(self, text: str) -> None:
        """Log one warning of smtpd."""
        self.known.log.line("smtpd", self.session.number, f"warning: {text}")

    def inform(self, text: str) -> None:
        """Log one line of smtpd."""
        self.known.log.line("smtpd", self.session.number, text)

    def reject(self, code: int, status: str, text: str) -> Reject:
        """A refusal in the words of the current list: `<name>: CLASS rejected: text`."""
        return Reject(code, status, f"<{self.reply_name}>: {self.reply_class} rejected: {text}")


def lookup_failure(name: str) -> Reject:
    """The reply to a map or list that cannot answer now, outside access tables (reject_dict_retry)."""
    return Reject(451, "3.0", f"<{name}>: Temporary lookup failure", config_error=True)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A member of the family: what it runs, the argument it takes, and whose name a logged permit carries."""

    name: str
    run: Run
    argument: Argument = ""
    permits: Literal["list", "client", "recipient"] = "list"
    final: bool = False  # nothing after it is ever asked: Postfix says so in the log
    once: Literal["", "sender", "recipient"] = ""  # asked at most once for each address
    by: By = ""  # DUNNO, OK, lines of tables and lasting refusals follow from this alone, with main.cf and DNS


restrictions: Registry[Restriction] = Registry("restriction", "harness.gateway.policy.restrictions")


def restriction(
    *names: str,
    argument: Argument = "",
    permits: Literal["list", "client", "recipient"] = "list",
    final: bool = False,
    once: Literal["", "sender", "recipient"] = "",
    by: By = "",
) -> Callable[[AnyRun], AnyRun]:
    """Enter the decorated function under its Postfix name and its aliases."""

    def enter(run: AnyRun) -> AnyRun:
        restrictions.register(*names)(Restriction(names[0], run, argument, permits, final, once, by))
        return run

    return enter


@dataclass(slots=True)
class Element:
    """One element of a restriction list, compiled: nothing of it is parsed or looked up while mail flows."""

    run: Run
    argument: Any
    text: str  # as written, with its argument
    rule: Rule
    place: str  # the list, class or table it stands in
    warn: bool = False  # warn_if_reject stands before it
    permits: Literal["list", "client", "recipient"] = "list"
    name: str = ""  # the restriction, for smtpd_log_access_permit_actions
    final: bool = False
    once: Literal["", "sender", "recipient"] = ""
    follows: str = ""  # the next word of the list
    by: int = -1  # place in SUBJECTS
    lasting: dict[str, Verdict] = field(default_factory=dict)  # by subject
    dunno: dict[str, Asked] = field(default_factory=dict)  # trace lines by phase
    ok: dict[str, Asked] = field(default_factory=dict)

    def quiet(self, phase: str, permit: bool) -> Asked:
        """The trace line for DUNNO or OK: always the same value, so it is made once per phase."""
        made = self.ok if permit else self.dunno
        asked = made.get(phase)
        if asked is None:
            asked = made[phase] = Quiet(phase, self.place, self.text, self.rule, "OK" if permit else "DUNNO")
        return asked

    def remember(self, subject: str, verdict: Verdict) -> None:
        """The verdict on this subject is known now, if it is one that says the same in every session."""
        plain = verdict.verdict if type(verdict) is FromTable else verdict
        if type(plain) is Reject:
            if plain is verdict and not plain.lasting:  # worded for the list it was asked in
                return
        elif type(plain) is not Dunno and type(plain) is not Permit:
            return
        if len(self.lasting) >= _REMEMBERED:
            self.lasting.clear()
        self.lasting[subject] = verdict
