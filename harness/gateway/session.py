"""session - what one client has said so far, what was asked about it, and what was answered.

The session is the one mutable value of the gateway: smtpd fills it in, the policy reads it and leaves its flags,
its wishes for the message, and the trace there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from harness.gateway.dns import Resolver
from harness.gateway.dsn import Wanted
from harness.gateway.rule import Rule


class NameStatus(Enum):
    """How sure the client's name is (SMTPD_PEER_CODE_*)."""

    OK = 2
    TEMPORARY = 4
    PERMANENT = 5
    FORGED = 6


@dataclass(slots=True)
class Client:
    """The peer: address, verified name, the name its PTR record claims, and how sure each is."""

    address: str
    port: str = "unknown"
    name: str = "unknown"
    name_status: NameStatus = NameStatus.PERMANENT
    reverse_name: str = "unknown"
    reverse_name_status: NameStatus = NameStatus.PERMANENT

    def copy(self) -> Client:
        """The same, apart."""
        return Client(self.address, self.port, self.name, self.name_status, self.reverse_name, self.reverse_name_status)

    @property
    def identity(self) -> str:
        """All there is to know of it, but for its port, in one text."""
        return f"{self.address} {self.name} {self.name_status} {self.reverse_name} {self.reverse_name_status}"

    @property
    def namaddr(self) -> str:
        """`name[addr]`, as replies and log lines call the client."""
        return f"{self.name}[{self.address}]"


class Asked(NamedTuple):  # sessions make dozens of them, and a tuple is made in a third of the time
    """One line of the trace: a rule was asked, and what it said."""

    phase: str  # connect helo mail rcpt data end_of_data vrfy etrn
    place: str  # the list, table, or setting: smtpd_recipient_restrictions, header_checks, act_for_infected_files
    element: str  # "reject_rbl_client rbl.test", "check_sender_access hash:/etc/postfix/x"
    rule: Rule
    said: str  # DUNNO, OK, "554 5.7.1 ...", "HOLD ...", "defer_if_permit 450 ..."
    decided: bool = False  # True on the line that made the final reply


class Quiet(Asked):
    """A line that says DUNNO or OK: one and the same value for an element, as long as its gateway lives."""

    __slots__ = ()


# What restrictions may wish for the message as a whole (access(5) "other actions", header_checks(5)).
@dataclass(frozen=True, slots=True)
class Wish:
    """HOLD, DISCARD, FILTER, REDIRECT, BCC or PREPEND, with its argument and the rule that wished it."""

    action: str
    argument: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Deferral:
    """A temporary trouble that may yet change the outcome: the reply it would give, and the line that raised it."""

    code: int
    status: str  # without its class digit
    text: str
    asked: Asked


@dataclass(slots=True)
class Flags:
    """What policy/decide.py remembers between commands; nothing else reads or writes it.

    `deferral` is the first reason for defer_if_permit; the booleans say after which list it was in force, since
    each list starts from the state that the list before it left.  `answers` keeps blocklist answers of this session.
    """

    deferral: Deferral | None = None
    defer_if_permit: bool = False
    after_client: bool = False
    after_helo: bool = False
    after_sender: bool = False
    defer_if_reject: Deferral | None = None
    sender_checked: bool = False  # reject_unlisted_sender ran for this MAIL
    recipient_checked: bool = False  # reject_unlisted_recipient ran for this RCPT
    answers: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """One SMTP connection, from the greeting on."""

    client: Client
    dns: Resolver
    server_name: str = ""
    server_address: str = ""  # the end of the connection that is ours, for policy servers
    server_port: str = ""
    lasting: str = ""  # all there is to know of the client, where what is said of it may be remembered
    known_as: str = ""  # the same, where that may be remembered for which DNS was not asked
    number: int = 0  # counts connections of this gateway
    transaction: int = 0  # counts MAIL transactions of this session
    protocol: str = "SMTP"  # or ESMTP, after EHLO
    helo_name: str | None = None  # as stored: sanitised
    queue_id: str = ""  # "" until the first recipient was accepted: NOQUEUE
    phase: str = "connect"  # connect helo mail rcpt data end_of_data quit other
    where: str = "CONNECT"  # the command in log lines

    sender: str | None = None  # None: no MAIL yet; "" is the null sender
    recipients: list[str] = field(default_factory=list)  # accepted ones
    said: list[Wanted] = field(default_factory=list)  # of each accepted recipient, in their order
    written: list[str] = field(default_factory=list)  # its address as it stood in RCPT, without < and >
    overshoot: int = 0  # recipients over smtpd_recipient_limit
    recipient: str | None = None  # the one being asked about
    etrn_domain: str | None = None
    message_size: int = 0  # declared (SIZE=) or, at end of data, real
    size_bytes: int = 0
    body_type: str = ""  # 7BIT, 8BITMIME
    smtputf8: bool = False
    envelope_id: str = ""  # ENVID, decoded
    returned: str = ""  # RET: FULL or HDRS
    wanted: dict[str, Wanted] = field(default_factory=dict)  # accepted recipient -> its NOTIFY and ORCPT

    ill_pipelining: bool = False  # SMTPD_FLAG_ILL_PIPELINING
    connected: Client | None = None  # who really connected, whatever XCLIENT said later
    tls: bool = False
    tls_fingerprints: tuple[str, ...] = ()  # of the client certificate, then of its key
    tls_trusted: bool = False
    tls_name: str = ""  # CN of the client certificate
    sasl_method: str = ""
    sasl_username: str = ""  # "" = not logged in
    xforward: dict[str, str] = field(default_factory=dict)

    wishes: list[Wish] = field(default_factory=list)
    passed_on: int = 0  # how many of them cleanup(8) heard of before the content
    trace: list[Asked] = field(default_factory=list)
    flags: Flags = field(default_factory=Flags)

    def reset_transaction(self) -> None:
        """Forget the transaction (RSET, HELO, end of data): mail_reset in smtpd.c.  The trace stays."""
        self.transaction += 1
        self.sender = None
        self.recipients = []
        self.said = []
        self.written = []
        self.overshoot = 0
        self.recipient = None
        self.queue_id = ""
        self.message_size = self.size_bytes = 0
        self.body_type = ""
        self.smtputf8 = False
        self.envelope_id = self.returned = ""
        self.wanted = {}
        self.xforward = {}
        self.wishes, self.passed_on = [], 0
