"""fate - what became of a session's mail: in one word, and in the end, from replies, deliveries and accounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.observation import Delivery, Phase, SessionSeen, Verdict
from harness.smtp.reply import Reply

_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
_FIRST: tuple[Verdict, ...] = ("bounce", "discard", "hold", "quarantine", "redirect", "accept")
TAKEN: frozenset[str] = frozenset(_FIRST)
"""What may become of a mail that was accepted: which of them it was, its accounts tell."""
_FATES: dict[str, Verdict] = {
    "quarantined": "quarantine",
    "bounced": "bounce",
    "held": "hold",
    "discarded": "discard",
    "redirected": "redirect",
}


class Exchanged(Protocol):
    """What counts of an exchange."""

    @property
    def phase(self) -> Phase: ...
    @property
    def reply(self) -> Reply | None: ...


def verdict_of(seen: SessionSeen) -> Verdict:
    """The word that fits what was seen of a session."""
    return verdict_from(seen.exchanges, seen.accounts or (), seen.closed)


def verdict_from(
    exchanges: Sequence[Exchanged], accounts: Iterable[tuple[str, str]] = (), closed: bool = False
) -> Verdict:
    """The word that fits; `accounts` are (queue id, fate), `closed` says that the target hung up first.

    A mail that was accepted is what its accounts say: bounce before discard before hold ..., else accept.  A mail
    that was not accepted is what the refusal said: reject (5xx), defer (4xx), or disconnect where the target hung up
    without a reply to it.  `none` is a session that asked for nothing.
    """
    if any(e.phase == "end_of_data" and e.reply is not None and e.reply.code == 250 for e in exchanges):
        fates = {_FATES[fate] for _, fate in accounts if fate in _FATES}
        return next((word for word in _FIRST if word in fates), "accept")
    refused = [e for e in exchanges if e.reply is None or e.reply.code >= 400]
    mail = [e for e in refused if e.phase in ("helo", "mail", "rcpt", "data", "end_of_data", "connect")]
    if mail:
        # A refusal for good counts before one that may be tried again.
        last = next((e for e in mail if e.reply is not None and e.reply.code >= 500), mail[-1])
        if last.reply is None:
            return "disconnect"
        return "reject" if last.reply.code >= 500 else "defer"
    return "disconnect" if closed and not any(e.phase == "quit" for e in exchanges) else "none"


OUTCOMES = (
    "refused", "delivered once", "delivered twice", "quarantined", "redirected", "discarded", "held", "bounced",
    "queued", "lost",
)  # fmt: skip
"""What can be the end of a mail; `lost`, which never may be, is one that was accepted and is nowhere."""


def outcome_of(seen: SessionSeen) -> tuple[str, ...] | None:
    """Where the session's mail is in the end: one word, or several where recipients fared differently.

    `delivered twice`: some recipient has one mail, by its Message-ID, more than once.  None: the target does not tell.
    """
    if seen.accounts is None or seen.deliveries is None:
        return None
    if not seen.queue_ids:
        return ("refused",)
    copies = Counter((_mail_of(one), recipient) for one in seen.deliveries for recipient in one.recipients)
    ends = {fate for _, fate in seen.accounts} - {"delivered"}
    ends |= {"delivered twice" if times > 1 else "delivered once" for times in copies.values()}
    told = {queue_id for queue_id, _ in seen.accounts} | {one.queue_id for one in seen.deliveries}
    if not set(seen.queue_ids) <= told or not ends:
        ends.add("lost")
    return tuple(word for word in OUTCOMES if word in ends)


def _mail_of(delivery: Delivery) -> bytes:
    """What two copies of a mail have in common."""
    found = _MESSAGE_ID.search(delivery.data.partition(b"\r\n\r\n")[0])
    return found[1] if found else delivery.queue_id.encode()
