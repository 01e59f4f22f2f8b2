"""fate - what became of a session's mail, in one word, from replies and from what the target tells of its queue ids."""

from __future__ import annotations

from harness.observation import SessionSeen, Verdict

_FIRST: tuple[Verdict, ...] = ("bounce", "discard", "hold", "quarantine", "redirect", "accept")
_FATES: dict[str, Verdict] = {
    "quarantined": "quarantine",
    "bounced": "bounce",
    "held": "hold",
    "discarded": "discard",
    "redirected": "redirect",
}


def verdict_of(seen: SessionSeen) -> Verdict:
    """The word that fits.

    A mail that was accepted is what its accounts say: bounce before discard before hold ..., else accept.  A mail
    that was not accepted is what the refusal said: reject (5xx), defer (4xx), or disconnect where the target hung up
    without a reply to it.  `none` is a session that asked for nothing.
    """
    accepted = [e for e in seen.exchanges if e.phase == "end_of_data" and e.reply is not None and e.reply.code == 250]
    if accepted:
        fates = {_FATES[fate] for _, fate in seen.accounts or () if fate in _FATES}
        return next((word for word in _FIRST if word in fates), "accept")
    refused = [e for e in seen.exchanges if e.reply is None or e.reply.code >= 400]
    mail = [e for e in refused if e.phase in ("helo", "mail", "rcpt", "data", "end_of_data", "connect")]
    if mail:
        # A refusal for good counts before one that may be tried again.
        last = next((e for e in mail if e.reply is not None and e.reply.code >= 500), mail[-1])
        if last.reply is None:
            return "disconnect"
        return "reject" if last.reply.code >= 500 else "defer"
    return "disconnect" if seen.closed and not any(e.phase == "quit" for e in seen.exchanges) else "none"
