"""dnsbl - ask DNS blocklists and allowlists about a client, a HELO name or an address (RFC 5782).

A list that does not answer refuses nobody; an allowlist that does not answer softens a later refusal.
"""

from __future__ import annotations

from collections.abc import Awaitable

from harness.gateway.policy.blocklist import Blocklist
from harness.gateway.policy.destination import is_authorised
from harness.gateway.policy.dnsxl import Answer, Listed, Unsure, ask_about_address, ask_about_domain, refuse
from harness.gateway.policy.restriction import CLIENT, HELO, RECIPIENT, REVERSE_CLIENT, SENDER, View, restriction
from harness.gateway.policy.verdict import DUNNO, PERMIT, DeferIfReject, Reject, Verdict


@restriction("reject_rbl_client", "reject_rbl", argument="zone", by="client")
async def reject_rbl_client(view: View, blocklist: Blocklist) -> Verdict:
    """Reply: 554 5.7.1 Service unavailable; Client host [address] blocked using zone (maps_rbl_reject_code)."""
    address = view.session.client.address
    answer = await ask_about_address(view, blocklist, address)
    return refuse(view, blocklist, answer, address, CLIENT) if isinstance(answer, Listed) else DUNNO


@restriction("reject_maps_rbl")
async def reject_maps_rbl(view: View, _: None) -> Verdict:
    """As reject_rbl_client for every zone of maps_rbl_domains.  Deprecated, and it says so."""
    known = view.known
    if not known.said_maps_rbl:
        known.said_maps_rbl = True
        view.warn(
            'support for restriction "reject_maps_rbl" will be removed from Postfix; '
            'use "reject_rbl_client domain-name" instead'
        )
    for blocklist in known.old_blocklists:
        verdict = await reject_rbl_client(view, blocklist)
        if verdict is not DUNNO:
            return verdict
    return DUNNO


@restriction("reject_rhsbl_client", argument="zone", by="client")
def reject_rhsbl_client(view: View, blocklist: Blocklist) -> Verdict | Awaitable[Verdict]:
    """Reply: 554 5.7.1 about the verified client name; skipped when it is unknown."""
    name = view.session.client.name
    return DUNNO if name.lower() == "unknown" else _reject_domain(view, blocklist, name, CLIENT)


@restriction("reject_rhsbl_reverse_client", argument="zone", by="client")
def reject_rhsbl_reverse_client(view: View, blocklist: Blocklist) -> Verdict | Awaitable[Verdict]:
    """Reply: 554 5.7.1 about the name of the client's PTR record; skipped when it is unknown."""
    name = view.session.client.reverse_name
    return DUNNO if name.lower() == "unknown" else _reject_domain(view, blocklist, name, REVERSE_CLIENT)


@restriction("reject_rhsbl_helo", argument="zone", by="helo")
def reject_rhsbl_helo(view: View, blocklist: Blocklist) -> Verdict | Awaitable[Verdict]:
    """Reply: 554 5.7.1 about the HELO name."""
    name = view.session.helo_name
    return DUNNO if name is None else _reject_domain(view, blocklist, name, HELO)


@restriction("reject_rhsbl_sender", argument="zone", by="sender_domain")
def reject_rhsbl_sender(view: View, blocklist: Blocklist) -> Verdict | Awaitable[Verdict]:
    """Reply: 554 5.7.1 about the sender, by its domain."""
    sender = view.session.sender
    return _reject_domain(view, blocklist, sender, SENDER) if sender else DUNNO


@restriction("reject_rhsbl_recipient", argument="zone", by="recipient")
def reject_rhsbl_recipient(view: View, blocklist: Blocklist) -> Verdict | Awaitable[Verdict]:
    """Reply: 554 5.7.1 about the recipient, by its domain."""
    recipient = view.session.recipient
    return DUNNO if recipient is None else _reject_domain(view, blocklist, recipient, RECIPIENT)


async def _reject_domain(view: View, blocklist: Blocklist, what: str, reply_class: str) -> Verdict:
    answer = await ask_about_domain(view, blocklist, what)
    return refuse(view, blocklist, answer, what, reply_class) if isinstance(answer, Listed) else DUNNO


@restriction("permit_dnswl_client", argument="zone", permits="client")
async def permit_dnswl_client(view: View, blocklist: Blocklist) -> Verdict:
    """OK for a client address that is listed; at RCPT only for recipients that anybody may send to."""
    barred = _barred(view)
    if barred is not None:
        return barred
    address = view.session.client.address
    return _permit(await ask_about_address(view, blocklist, address), address)


@restriction("permit_rhswl_client", argument="zone", permits="client")
async def permit_rhswl_client(view: View, blocklist: Blocklist) -> Verdict:
    """OK for a verified client name that is listed; at RCPT only for recipients that anybody may send to."""
    name = view.session.client.name
    if name.lower() == "unknown":
        return DUNNO
    barred = _barred(view)
    if barred is not None:
        return barred
    return _permit(await ask_about_domain(view, blocklist, name), name)


def _barred(view: View) -> Verdict | None:
    """An allowlist must not open a relay: DUNNO for a recipient that is not ours."""
    session = view.session
    if session.where != "RCPT" or session.recipient is None:
        return None
    authorised = is_authorised(view, session.recipient)
    if isinstance(authorised, Reject):
        return authorised
    return None if authorised else DUNNO


def _permit(answer: Answer, what: str) -> Verdict:
    if isinstance(answer, Listed):
        return PERMIT
    if isinstance(answer, Unsure):
        return DeferIfReject(450, "7.1", f"<{what}>: {CLIENT} rejected: Service unavailable")
    return DUNNO
