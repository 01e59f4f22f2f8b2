"""queued - a mail in the queue: envelope, content, and what was promised about it; one JSON line, then the content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from harness.gateway.dsn import Attempt, Wanted, in_turn
from harness.gateway.mime import parse_mime


@dataclass(slots=True)
class Queued:
    """A mail in the queue; `data` has LF line ends.

    A value: nobody changes one.  It is not frozen only because that costs four times as much, once for every mail.
    """

    queue_id: str
    sender: str
    recipients: tuple[str, ...]  # those that are still to be served
    arrived_at: float  # s since the epoch
    pid: int  # of the session it came from, for the log
    held: bool = False
    notice: str = ""  # the kind of notice this is, for mail the gateway wrote itself
    about: str = ""  # and the queue id of the mail it is about
    unexamined: tuple[str, str] | None = None  # content is still to be looked at: the client's (address, name)
    filter: str = ""  # transport:nexthop that takes the place of every recipient's own (FILTER, content_filter)
    envelope_id: str = ""  # ENVID, decoded
    returned: str = ""  # RET: FULL or HDRS
    utf8: bool = False  # the sender asked for SMTPUTF8
    wanted: Mapping[str, Sequence[Wanted]] = field(default_factory=dict)  # recipient -> what to tell of it, each time
    originals: Mapping[str, Sequence[str]] = field(default_factory=dict)  # recipient -> what it was called, each time
    attempts: tuple[Attempt, ...] = ()  # recipients that are settled, whose sender was not told yet
    warned: bool = False  # the sender knows that it takes long
    data: bytes = b""


def called(mail: Queued, recipients: Sequence[str]) -> Sequence[str]:
    """What the sender called these recipients of his mail; one that stands there twice may have had two names."""
    if not mail.originals:
        return recipients
    return [name or one for one, name in zip(recipients, in_turn(mail.originals, recipients), strict=True)]


def by_domain(address: str) -> tuple[str, str]:
    """The order of qmgr_message_sort: those of one domain beside each other."""
    local, _, domain = address.lower().rpartition("@")
    return domain, local


_ENVELOPE = tuple(one.name for one in fields(Queued) if one.name != "data")


def needs_utf8(mail: Queued) -> bool:
    """Whether the sender was promised SMTPUTF8, and there is UTF-8 in an address or a header (RFC 6531 3.2).

    The headers of its parts, and of the messages in it, are headers, too, as for cleanup(8).
    """
    if not mail.utf8:
        return False
    if not all(map(str.isascii, (mail.sender, *mail.recipients))):
        return True
    if mail.data.isascii():
        return False
    return any(not mail.data[one.start : one.body_start].isascii() for one in parse_mime(mail.data).walk())


def to_bytes(mail: Queued) -> bytes:
    """The queue file of a mail."""
    envelope = {name: getattr(mail, name) for name in _ENVELOPE}
    for name in ("wanted", "attempts"):
        if envelope[name]:  # seldom, and what is in them are values of their own
            envelope[name] = asdict(mail)[name]
    return json.dumps(envelope).encode("ascii") + b"\n" + mail.data


def from_bytes(content: bytes) -> Queued:
    """The mail of a queue file.  Raises ValueError, TypeError or KeyError where it is none."""
    head, _, data = content.partition(b"\n")
    envelope: dict[str, Any] = json.loads(head)
    envelope["recipients"] = tuple(envelope["recipients"])
    if envelope.get("unexamined") is not None:
        envelope["unexamined"] = tuple(envelope["unexamined"])
    envelope["attempts"] = tuple(
        Attempt(**{name: value for name, value in attempt.items() if name != "wish"})  # it is in `wanted`
        for attempt in envelope.get("attempts", ())
    )
    envelope["wanted"] = {
        recipient: [Wanted(tuple(one["notify"]), one["original"]) for one in said]
        for recipient, said in envelope.get("wanted", {}).items()
    }
    return Queued(**envelope, data=data)
