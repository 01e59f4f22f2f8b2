"""scenario - what is asked: one YAML file as frozen values.

Field names are the keys users write.  `load` makes these from a file, with file:line for every complaint;
`plan` turns them into exact bytes.  Nothing here reads a file or knows a default of the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Listing:
    """What a blocklist says of one address or name: an A record and, perhaps, a TXT."""

    a: str | list[str] = "127.0.0.2"
    txt: str | None = None


@dataclass(frozen=True)
class FaultMatch:
    """Which questions a fault is for: a name pattern (`*` matches any labels) and a record type."""

    name: str = "*"
    type: str = "any"


@dataclass(frozen=True)
class FaultDo:
    """What goes wrong: exactly one of these."""

    rcode: Literal["servfail", "refused", "nxdomain", "formerr", "notimp"] | None = None
    delay: str | None = None  # "1500ms", "2s": answer, but late
    silence: bool | None = None  # never answer
    truncate: bool | None = None  # TC=1 over UDP, whole over TCP
    answer: Listing | None = None
    wrong_id: bool | None = None  # the answer is right, but for its id
    no_edns: bool | None = None  # a server that knows no EDNS: FORMERR to a question with OPT
    forged: Listing | None = None  # this comes first, under a wrong id, then the right answer


@dataclass(frozen=True)
class Fault:
    """First match wins.  `during` names the session it is for; without it, all of them.

    A fault with an `id` can be turned `on` and `off` by a step of a chat: `!dns ID on`.
    """

    match: FaultMatch
    do: FaultDo
    during: str | None = None
    id: str | None = None
    off: bool = False  # until a chat turns it on
    times: int | None = None  # only the first N questions of a name and type (after `skip`) meet it
    skip: int = 0
    every: int = 1  # each Nth question only: a server that flaps


@dataclass(frozen=True)
class Dns:
    """The DNS world: zone text, zone files, blocklists, and what is broken in it."""

    strict: bool = True  # a question outside every declared zone fails the scenario
    zone: str = ""
    zones: list[str] = field(default_factory=list)  # files, relative to the scenario, or corpus:NAME
    rbl: dict[str, dict[str, Listing]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Gateway:
    """The configuration under test: a directory (main.cf, its tables, rav/), and what is set on top of it."""

    config: str
    set: dict[str, str] = field(default_factory=dict)
    rav: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # tables written (or replaced) beside main.cf, by name
    serial: bool = False  # one session after the other, in order
    haste: float = 1.0  # the reference gateway gives up on a silent network so many times as early; a Postfix does not


HopMoment = Literal["connect", "ehlo", "helo", "starttls", "mail", "rcpt", "data", "content", "end_of_data", "quit"]
"""What the next hop is about to answer; `content` is the time between 354 and the dot."""


@dataclass(frozen=True)
class HopRule:
    """What the next hop does instead of the usual, and when.  Patterns may have `*`; `<>` is the null sender."""

    on: HopMoment
    to: str | None = None  # a recipient; from DATA on: any that was accepted
    sender: str | None = None  # written `from` in the file
    times: int | None = None  # only the first N times (after `skip`); counted for each address that the rule names
    skip: int = 0  # not the first N times
    every: int = 1  # each Nth time only
    since: str | None = None  # so long after the start, by the scenario's clock
    until: str | None = None
    rate: str | None = None  # "3/min": only what goes beyond
    when: dict[str, str] = field(default_factory=dict)  # only in cells with these values
    reply: str | None = None  # "450 4.2.0 later"; after a 421 it hangs up
    delay: str | None = None  # "20ms", before the reply, the usual one if no other is given
    drop: Literal["close", "reset"] | None = None  # end the connection instead: FIN or RST
    half_close: bool = False  # send FIN, say nothing more, and go on reading
    silence: bool = False  # never answer
    taken: bool = False  # at the end of data: the mail has arrived, whatever is said of it (RFC 1047)
    bytes: int = 0  # of content, before it happens


@dataclass(frozen=True)
class NextHop:
    """How the next hop answers: the first rule that holds, else `replies` ("VERB [argument]" -> reply), else 250."""

    rules: list[HopRule] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyRule:
    """What the policy server says to a request; the first rule that matches, else DUNNO.

    It listens at `unix:private/policy`, as main.cf writes a path below the queue directory.
    """

    match: dict[str, str] = field(default_factory=dict)  # attribute -> pattern: {sender: "*@ok.test"}
    action: str = "DUNNO"  # as access(5) has it; {name} stands for an attribute of the request
    raw: str | None = None  # these very bytes instead of an answer; "": it hangs up


@dataclass(frozen=True)
class Client:
    """Who connects.  Names not given are looked up in the declared zone, as the gateway would; `unknown` says so."""

    ip: str = "192.0.2.8"
    name: str | None = None  # verified name
    reverse_name: str | None = None  # what the PTR claims
    port: int | None = None
    helo: str | None = None
    login: str | None = None  # XCLIENT LOGIN
    via: Literal["xclient", "proxy", "proxy-v2", "none"] = "xclient"
    segment: int | None = None  # send at most so many bytes at a time
    gap: str | None = None  # "2ms", or "1ms..5ms" by seeded chance, between two segments
    slow_reader: bool = False  # read answers in small portions, the same gap apart


@dataclass(frozen=True)
class Part:
    """One part of a built message: text, or an attachment; `wrap` puts it into containers, innermost first."""

    text: str | None = None
    html: str | None = None
    attach: str | None = None  # file name
    type: str | None = None  # content type; guessed from the name if not given
    data: str | None = None  # text content of the attachment
    payload: str | None = None  # eicar, gtube, random:SIZE, zeros:SIZE, file:PATH, corpus:PATH
    encoding: Literal["base64", "quoted-printable", "7bit", "8bit", "binary"] | None = None
    wrap: list[str] = field(default_factory=list)  # zip, gzip, tar, message: e.g. [zip, zip] is a zip in a zip
    disposition: Literal["attachment", "inline", "none"] = "attachment"


@dataclass(frozen=True)
class Message:
    """Where the content comes from: exactly one of a file, a template word, a generator, raw text, or parts."""

    file: str | None = None  # relative to the scenario, or corpus:NAME
    generate: str | None = None  # a generator of corpus/generators, seeded
    raw: str | None = None  # exact text; LF becomes CRLF
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    subject: str | None = None
    body: str | None = None
    parts: list[Part] = field(default_factory=list)
    multipart: str = "mixed"  # what the parts make: mixed, alternative, `signed; protocol=...`
    pad_to: int | None = None  # body filled up to this many bytes in all


@dataclass(frozen=True)
class Send:
    """A well-behaved mail: envelope, MAIL parameters, content.  Stops at the first phase the target refuses."""

    sender: str = "sender@ok.test"  # written `from` in the file
    to: list[str] = field(default_factory=lambda: ["user@gw.test"])
    mail_params: str = ""  # SIZE=..., BODY=8BITMIME, SMTPUTF8
    pipeline: bool = False
    bdat: bool = False
    message: Message = field(default_factory=Message)
    quit: bool = True


@dataclass(frozen=True)
class Session:
    """One SMTP conversation and what is expected of it."""

    id: str
    title: str = ""
    tags: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    twin: str | None = None  # the session that differs in one thing only and must come out the other way
    validity: Literal["strict", "lenient", "broken"] | None = None
    """strict: as the RFCs have it; lenient: against them, yet sent by honest software; broken: by nobody honest."""
    client: Client = field(default_factory=Client)
    send: Send | None = None
    chat: str | None = None
    alone: bool = False  # replayed with no other session beside it
    when: dict[str, str] = field(default_factory=dict)  # only in cells with these values
    expect: dict[str, Any] = field(default_factory=dict)
    xfail: str | None = None  # the reason why this is known to fail


@dataclass(frozen=True)
class Load:
    """Throughput, asserted: which sessions, how many at once, and how fast against a baseline of the same run."""

    mix: dict[str, int] = field(default_factory=dict)  # session id -> weight; empty: every `send` session, once each
    connections: int = 10  # at once; in open loop the most that may be open
    sessions: int = 2000  # in all; 0: as many as `duration` allows
    duration: str = ""  # "10s": how long sessions are begun
    arrivals: str = ""  # open loop: "200/s", "poisson 200/s", "ramp 50..400/s", "step 50,100/s", "at 0,0.1", ...
    processes: int = 1  # of the load client
    reuse: int = 1  # mails over one connection
    warmup: int = 100  # sessions before it counts
    rounds: int = 3  # baseline and target in turns; only where a threshold names the baseline
    thresholds: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scenario:
    """A world, a gateway, the sessions replayed against it, and what must come of them."""

    title: str
    gateway: Gateway
    schema: Literal[1] = 1
    id: str = ""
    tags: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    seed: int = 1
    clock: str = "2003-08-10T09:00:00Z"
    later: list[str] = field(default_factory=list)  # "5m", ...: so long after the sessions the queue is tried again
    targets: list[str] = field(default_factory=list)  # only these kinds of target; empty: any
    vars: dict[str, str] = field(default_factory=dict)
    matrix: dict[str, list[str]] = field(default_factory=dict)
    dns: Dns = field(default_factory=Dns)
    next_hop: NextHop = field(default_factory=NextHop)
    policy: list[PolicyRule] = field(default_factory=list)
    procs: dict[str, str] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)
    load: Load | None = None
