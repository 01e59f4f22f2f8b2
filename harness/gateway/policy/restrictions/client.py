"""client - what the client's address, name, login and certificate say."""

from __future__ import annotations

from harness.gateway.lookup import find_key
from harness.gateway.policy.restriction import SERVER_ERROR, View, lookup_failure, restriction
from harness.gateway.policy.unlisted import error_is_temporary
from harness.gateway.policy.verdict import DUNNO, PERMIT, Reject, Verdict
from harness.gateway.session import NameStatus
from harness.gateway.table import TableError


@restriction("permit_inet_interfaces", permits="client", by="client")
def permit_inet_interfaces(view: View, _: None) -> Verdict:
    """OK for a client at one of our own addresses: that of the socket, whatever XCLIENT says."""
    session = view.session
    return PERMIT if view.known.routes.is_mine((session.connected or session.client).address) else DUNNO


@restriction("permit_mynetworks", permits="client", by="client")
def permit_mynetworks(view: View, _: None) -> Verdict:
    """OK for a client in $mynetworks.  Reply to a list that cannot be read: 451 4.3.0 Temporary lookup failure."""
    client = view.session.client
    try:
        return PERMIT if view.known.networks.matches(client.name, client.address) else DUNNO
    except TableError as error:
        view.warn(str(error))
        return lookup_failure(view.reply_name) if error_is_temporary(error) else SERVER_ERROR


@restriction("permit_sasl_authenticated", permits="client")
def permit_sasl_authenticated(view: View, _: None) -> Verdict:
    """OK for a client that logged in."""
    return PERMIT if view.known.sasl and view.session.sasl_username else DUNNO


@restriction("permit_tls_clientcerts", permits="client")
def permit_tls_clientcerts(view: View, _: None) -> Verdict:
    """OK for a certificate whose fingerprint, or whose key's, is in relay_clientcerts."""
    return _permit_certificate(view, "permit_tls_clientcerts")


@restriction("permit_tls_all_clientcerts", permits="client")
def permit_tls_all_clientcerts(view: View, _: None) -> Verdict:
    """OK for a certificate that a trusted authority signed, or one in relay_clientcerts."""
    if view.session.tls and view.session.tls_trusted:
        return PERMIT
    return _permit_certificate(view, "permit_tls_all_clientcerts")


def _permit_certificate(view: View, name: str) -> Verdict:
    session, known = view.session, view.known
    if not session.tls:
        return DUNNO
    if not session.tls_fingerprints:
        if not known.asks_certificates:
            view.warn(f'{name} is requested, but "smtpd_tls_ask_ccert = no"')
        return DUNNO
    try:
        for fingerprint in session.tls_fingerprints:
            if find_key(known.client_certificates, fingerprint):
                return PERMIT
    except TableError as error:
        view.warn(f"relay_clientcerts: lookup error for fingerprint '{session.tls_fingerprints[0]}'")
        return lookup_failure(view.reply_name) if error_is_temporary(error) else SERVER_ERROR
    return DUNNO


@restriction("reject_unknown_client_hostname", "reject_unknown_client", by="client")
def reject_unknown_client_hostname(view: View, _: None) -> Verdict:
    """Reply: 450 4.7.25 (unknown_client_reject_code); 450 always when the lookup failed for now (RFC 7372)."""
    client = view.session.client
    if client.name_status is NameStatus.OK:
        return DUNNO
    code = 450 if client.name_status is NameStatus.TEMPORARY else view.known.unknown_client_reject_code
    return Reject(code, "7.25", f"Client host rejected: cannot find your hostname, [{client.address}]")


@restriction("reject_unknown_reverse_client_hostname", by="client")
def reject_unknown_reverse_client_hostname(view: View, _: None) -> Verdict:
    """Reply: 450 4.7.1 (unknown_client_reject_code); 450 always when the lookup failed for now."""
    client = view.session.client
    if client.reverse_name_status is NameStatus.OK:
        return DUNNO
    permanent = client.reverse_name_status is NameStatus.PERMANENT
    code = view.known.unknown_client_reject_code if permanent else 450
    return Reject(code, "7.1", f"Client host rejected: cannot find your reverse hostname, [{client.address}]")
