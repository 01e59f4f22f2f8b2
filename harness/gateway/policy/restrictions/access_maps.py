"""access_maps - check_*_access: what access(5) tables say of a client, a HELO name, an address, a login."""

from __future__ import annotations

from harness.gateway.lookup import address_keys
from harness.gateway.policy.certificates import CertificateTable
from harness.gateway.policy.restriction import (
    CERTIFICATE,
    CLIENT,
    ETRN,
    HELO,
    LOGIN,
    RECIPIENT,
    REVERSE_CLIENT,
    SENDER,
    View,
    lookup_failure,
    restriction,
)
from harness.gateway.policy.tablecheck import OnPermit, check, check_name, check_network
from harness.gateway.policy.verdict import DUNNO, Verdict
from harness.gateway.table import Table


@restriction("check_client_access", argument="table", by="client")
def check_client_access(view: View, table: Table) -> Verdict:
    """The client's verified name (or `unknown`) and its parents, then its address and the networks above it."""
    client = view.session.client
    about = client.namaddr
    return (
        check_name(view, table, client.name, about, CLIENT)
        or check_network(view, table, client.address, about, CLIENT)
        or DUNNO
    )


@restriction("check_reverse_client_hostname_access", argument="table", by="client")
def check_reverse_client_hostname_access(view: View, table: Table) -> Verdict:
    """The same by the name that the client's PTR record claims.  OK is forbidden: anybody can claim a name."""
    client = view.session.client
    name = client.reverse_name
    return (
        check_name(view, table, name, name, REVERSE_CLIENT, "forbid", name)
        or check_network(view, table, client.address, name, REVERSE_CLIENT, "forbid", name)
        or DUNNO
    )


@restriction("check_helo_access", argument="table", by="helo")
def check_helo_access(view: View, table: Table) -> Verdict:
    """The HELO name and its parents."""
    name = view.session.helo_name
    return (name is not None and check_name(view, table, name, name, HELO)) or DUNNO


@restriction("check_etrn_access", argument="table")
def check_etrn_access(view: View, table: Table) -> Verdict:
    """The domain of ETRN and its parents."""
    name = view.session.etrn_domain
    return (name is not None and check_name(view, table, name, name, ETRN)) or DUNNO


@restriction("check_sender_access", argument="table", by="sender")
def check_sender_access(view: View, table: Table) -> Verdict:
    """The sender; the null sender by smtpd_null_access_lookup_key."""
    sender = view.session.sender
    if sender is None:
        return DUNNO
    if not sender:
        return check(view, table, ((view.known.null_key, True),), sender, SENDER) or DUNNO
    return _check_address(view, table, sender, view.session.recipient, SENDER)


@restriction("check_recipient_access", argument="table", by="recipient")
def check_recipient_access(view: View, table: Table) -> Verdict:
    """The recipient.  OK for one that is source-routed counts as DUNNO."""
    recipient = view.session.recipient
    return DUNNO if recipient is None else _check_address(view, table, recipient, view.session.sender, RECIPIENT)


def _check_address(view: View, table: Table, address: str, other: str | None, reply_class: str) -> Verdict:
    known = view.known
    resolved = known.resolve(address, other)
    if resolved.failed:
        return lookup_failure(address)
    keys = address_keys(resolved.recipient, known.delimiter, known.parent_style)
    suspicious = resolved.routed and reply_class == RECIPIENT and not known.allow_untrusted_routing
    on_permit: OnPermit = "dunno" if suspicious else "permit"
    return check(view, table, keys, address, reply_class, resolved.recipient, on_permit) or DUNNO


@restriction("check_sasl_access", argument="table")
def check_sasl_access(view: View, table: Table) -> Verdict:
    """The login name, exactly."""
    login = view.session.sasl_username
    if not view.known.sasl:
        view.warn("restriction `check_sasl_access' ignored: no SASL support")
        return DUNNO
    if not login:
        return DUNNO
    shown = "".join(c if c.isprintable() else "_" for c in login)
    return check(view, table, ((login, True),), shown, LOGIN) or DUNNO


@restriction("check_ccert_access", argument="table")
def check_ccert_access(view: View, table: Table) -> Verdict:
    """The fingerprint of the client's certificate, then that of its key; the order can be set in braces."""
    session = view.session
    order = table.order if isinstance(table, CertificateTable) else (0, 1)
    if not session.tls_fingerprints:
        if not view.known.asks_certificates:
            view.warn('check_ccert_access is requested, but "smtpd_tls_ask_ccert = no"')
        return DUNNO
    for place in order:
        if place < len(session.tls_fingerprints):
            key = session.tls_fingerprints[place]
            found = check(view, table, ((key, True),), session.tls_name, CERTIFICATE)
            if found is not None and found.verdict is not DUNNO:
                return found
    return DUNNO
