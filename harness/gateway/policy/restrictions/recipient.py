"""recipient - where the mail is to go, and whether we carry it there."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from harness.gateway.policy.address import non_fqdn, reject, unknown_domain
from harness.gateway.policy.destination import is_authorised
from harness.gateway.policy.mailhost import Status, addresses, ask
from harness.gateway.policy.restriction import RECIPIENT, SERVER_ERROR, View, lookup_failure, restriction
from harness.gateway.policy.unlisted import error_is_temporary, unlisted
from harness.gateway.policy.verdict import DUNNO, PERMIT, DeferIfReject, Reject, Verdict
from harness.gateway.table import TableError


@restriction("permit_auth_destination", permits="recipient", by="recipient")
def permit_auth_destination(view: View, _: None) -> Verdict:
    """OK for a recipient in one of our domains, of whatever class, that is not source-routed."""
    recipient = view.session.recipient
    if recipient is None:
        return DUNNO
    authorised = is_authorised(view, recipient)
    if isinstance(authorised, Reject):
        return authorised
    return PERMIT if authorised else DUNNO


@restriction("reject_unauth_destination", by="recipient")
def reject_unauth_destination(view: View, _: None) -> Verdict:
    """Reply: 554 5.7.1 <recipient>: Relay access denied (relay_domains_reject_code)."""
    return _reject_unless_authorised(view, view.known.relay_domains_reject_code)


@restriction("defer_unauth_destination", by="recipient")
def defer_unauth_destination(view: View, _: None) -> Verdict:
    """Reply: 454 4.7.1 <recipient>: Relay access denied (relay_domains_reject_code less 100)."""
    return _reject_unless_authorised(view, view.known.relay_domains_reject_code - 100)


def _reject_unless_authorised(view: View, code: int) -> Verdict:
    recipient = view.session.recipient
    if recipient is None:
        return DUNNO
    authorised = is_authorised(view, recipient)
    if isinstance(authorised, Reject):
        return authorised
    return DUNNO if authorised else Reject(code, "7.1", f"<{recipient}>: Relay access denied")


@restriction("check_relay_domains", permits="recipient", final=True)
def check_relay_domains(view: View, _: None) -> Verdict:
    """OK for a client in relay_domains or an authorised recipient, else 554 5.7.1 Relay access denied.

    Deprecated since Postfix 2.2, and it says so.
    """
    recipient, known = view.session.recipient, view.known
    if recipient is None:
        return DUNNO
    view.warn(
        'support for restriction "check_relay_domains" will be removed from Postfix; '
        'use "reject_unauth_destination" instead'
    )
    try:
        if known.relay_domains.matches(view.session.client.name):
            return PERMIT
    except TableError as error:
        view.warn(str(error))
        return lookup_failure(recipient) if error_is_temporary(error) else SERVER_ERROR
    authorised = is_authorised(view, recipient)
    if isinstance(authorised, Reject):
        return authorised
    if authorised:
        return PERMIT
    return reject(recipient, RECIPIENT, known.relay_domains_reject_code, "7.1", "Relay access denied")


@restriction("reject_non_fqdn_recipient", by="recipient")
def reject_non_fqdn_recipient(view: View, _: None) -> Verdict:
    """Reply: 504 5.5.2 need fully-qualified address (non_fqdn_reject_code)."""
    recipient = view.session.recipient
    return DUNNO if recipient is None else non_fqdn(view, recipient, RECIPIENT)


@restriction("reject_unknown_recipient_domain", by="recipient")
def reject_unknown_recipient_domain(view: View, _: None) -> Verdict | Awaitable[Verdict]:
    """Reply: 450 4.1.2 Domain not found (unknown_address_reject_code); 556 5.1.10 for a null MX."""
    recipient = view.session.recipient
    return DUNNO if recipient is None else unknown_domain(view, recipient, RECIPIENT)


@restriction("reject_unlisted_recipient", "check_recipient_maps", once="recipient")
def reject_unlisted_recipient(view: View, _: None) -> Verdict:
    """Reply: 550 5.1.1 User unknown, for a recipient in one of our domains that no table lists."""
    recipient = view.session.recipient
    return unlisted(view, recipient, RECIPIENT) if recipient else DUNNO


@restriction("permit_mx_backup", permits="recipient")
async def permit_mx_backup(view: View, _: None) -> Verdict:
    """OK when DNS names us as a mail exchanger of the domain, though not a primary one.

    With permit_mx_backup_networks, every primary must have all its addresses in there.  What DNS could not say now
    softens a later refusal: 450 4.4.4.
    """
    recipient, session, known = view.session.recipient, view.session, view.known
    if recipient is None:
        return DUNNO
    resolved = known.resolve(recipient, session.sender)
    if resolved.failed:
        return lookup_failure(recipient)
    if resolved.routed and not known.allow_untrusted_routing:
        return DUNNO
    if resolved.final or resolved.address_class == "relay":
        return PERMIT
    if resolved.domain.startswith("["):
        return DUNNO
    reply = await ask(view, resolved.domain, "MX")
    if reply.status is not Status.OK:
        if reply.status is Status.RETRY:
            return _soften(recipient, f"Unable to look up mail exchanger information: {reply.why}")
        return DUNNO
    best = min(record.preference for record in reply.records)
    primaries = [record.data for record in reply.records if record.preference == best]
    backups = [record.data for record in reply.records if record.preference != best]
    trouble: Verdict = DUNNO
    for hosts, wanted in ((primaries, False), (backups, True)):
        mine, failure = await _names_us(view, hosts, recipient)
        if trouble is DUNNO:
            trouble = failure
        if mine is not wanted:
            return trouble
    if known.has_backup_networks:
        allowed, failure = await _all_in_networks(view, primaries, recipient)
        if not allowed:
            return trouble if trouble is not DUNNO else failure
    return replace(trouble, permit=True) if isinstance(trouble, DeferIfReject) else PERMIT


async def _names_us(view: View, hosts: list[str], recipient: str) -> tuple[bool, Verdict]:
    """Is one of these hosts us, by name or by address?  With it, the first trouble met on the way."""
    routes = view.known.routes
    trouble: Verdict = DUNNO
    try:
        if any(routes.is_local(host) for host in hosts):
            return True, DUNNO
    except TableError as error:
        view.warn(str(error))  # then by address
    for host in hosts:
        found, why = await addresses(view, host)
        if any(routes.is_mine(address) for address in found):
            return True, trouble
        if not found and trouble is DUNNO:
            trouble = _soften(recipient, f"Unable to look up mail exchanger host {host}: {why}")
    return False, trouble


async def _all_in_networks(view: View, hosts: list[str], recipient: str) -> tuple[bool, Verdict]:
    """Has every primary all its addresses in permit_mx_backup_networks?"""
    for host in hosts:
        found, why = await addresses(view, host)
        if not found:
            return False, _soften(recipient, f"Unable to look up host {host} as mail exchanger: {why}")
        for address in found:
            try:
                if not view.known.backup_networks.matches(host, address):
                    return False, DUNNO
            except TableError:
                view.warn(f"all_auth_mx_addr: permit_mx_backup_networks lookup error for address {address} for {host}")
                return False, _soften(recipient, f"Unable to verify host {host} as mail exchanger")
    return True, DUNNO


def _soften(recipient: str, text: str) -> Verdict:
    return DeferIfReject(450, "4.4", f"<{recipient}>: {RECIPIENT} rejected: {text}")
