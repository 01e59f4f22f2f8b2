"""sender - what the envelope sender says; and who may say it."""

from __future__ import annotations

from collections.abc import Awaitable

from harness.gateway.policy.address import non_fqdn, unknown_domain
from harness.gateway.policy.restriction import SENDER, SERVER_ERROR, View, lookup_failure, restriction
from harness.gateway.policy.unlisted import error_is_temporary, unlisted
from harness.gateway.policy.verdict import DUNNO, Reject, Verdict
from harness.gateway.table import Hit, TableError


@restriction("reject_non_fqdn_sender", by="sender_domain")
def reject_non_fqdn_sender(view: View, _: None) -> Verdict:
    """Reply: 504 5.5.2 need fully-qualified address (non_fqdn_reject_code); the null sender passes."""
    sender = view.session.sender
    return non_fqdn(view, sender, SENDER) if sender else DUNNO


@restriction("reject_unknown_sender_domain", "reject_unknown_address", by="sender_domain")
def reject_unknown_sender_domain(view: View, _: None) -> Verdict | Awaitable[Verdict]:
    """Reply: 450 4.1.8 Domain not found (unknown_address_reject_code); 550 5.7.27 for a null MX."""
    sender = view.session.sender
    return unknown_domain(view, sender, SENDER) if sender else DUNNO


@restriction("reject_unlisted_sender", once="sender")
def reject_unlisted_sender(view: View, _: None) -> Verdict:
    """Reply: 550 5.1.0 User unknown, for a sender in one of our domains that no table lists."""
    sender = view.session.sender
    return unlisted(view, sender, SENDER) if sender else DUNNO


@restriction("reject_authenticated_sender_login_mismatch")
def reject_authenticated_sender_login_mismatch(view: View, _: None) -> Verdict:
    """Reply: 553 5.7.1 not owned by user, for a client that logged in and does not own the sender."""
    return _check_login(view, "reject_authenticated_sender_login_mismatch")


@restriction("reject_unauthenticated_sender_login_mismatch")
def reject_unauthenticated_sender_login_mismatch(view: View, _: None) -> Verdict:
    """Reply: 553 5.7.1 not logged in, for a sender that has an owner."""
    return _check_login(view, "reject_unauthenticated_sender_login_mismatch")


@restriction("reject_known_sender_login_mismatch")
def reject_known_sender_login_mismatch(view: View, _: None) -> Verdict:
    """Reply: 553 5.7.1, as both of the others, but only for senders that have an owner."""
    return _check_login(view, "reject_known_sender_login_mismatch")


def _check_login(view: View, name: str) -> Verdict:
    session, known = view.session, view.known
    if not known.sasl:
        view.warn(f"restriction `{name}' ignored: no SASL support")
        return DUNNO
    sender, login = session.sender, session.sasl_username
    if not sender:  # without any map, too: then nobody owns anything
        return DUNNO
    if bool(login) != (name != "reject_unauthenticated_sender_login_mismatch") and "known" not in name:
        return DUNNO
    owners = _owners(view, sender)
    if isinstance(owners, Reject):
        return owners
    prefix = f"<{sender}>: {SENDER} rejected: "
    if not login:
        return Reject(553, "7.1", prefix + "not logged in") if owners else DUNNO
    if owners is None and name == "reject_known_sender_login_mismatch":
        return DUNNO
    names = owners.value.replace(",", " ").lower().split() if owners else []
    if login.lower() in names:
        return DUNNO
    return Reject(553, "7.1", prefix + f"not owned by user {login}")


def _owners(view: View, sender: str) -> Hit | Reject | None:
    """The entry of the sender in smtpd_sender_login_maps."""
    known = view.known
    resolved = known.resolve(sender, view.session.recipient)
    if resolved.failed:
        return lookup_failure(sender)
    try:
        return known.find_address(known.login_maps, resolved.recipient)
    except TableError as error:
        view.warn(str(error))
        return lookup_failure(sender) if error_is_temporary(error) else SERVER_ERROR
