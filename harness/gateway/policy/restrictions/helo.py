"""helo - what the client calls itself."""

from __future__ import annotations

from harness.gateway.policy.mailhost import Status, exists
from harness.gateway.policy.restriction import HELO, View, restriction
from harness.gateway.policy.verdict import DUNNO, PERMIT, DeferIfPermit, Reject, Verdict
from harness.smtp.hostname import valid_hostaddr, valid_hostname, valid_literal


def _reject(name: str, code: int, status: str, text: str) -> Reject:
    return Reject(code, status, f"<{name}>: {HELO} rejected: {text}")


def _reject_bad_literal(view: View, name: str) -> Verdict:
    """Reply: 501 5.5.2 invalid ip address (invalid_hostname_reject_code)."""
    if valid_literal(name if name.endswith("]") and len(name) > 2 else f"[{name}]"):
        return DUNNO
    return _reject(name, view.known.invalid_hostname_reject_code, "5.2", "invalid ip address")


@restriction("reject_invalid_helo_hostname", "reject_invalid_hostname", by="helo")
def reject_invalid_helo_hostname(view: View, _: None) -> Verdict:
    """Reply: 501 5.5.2 Invalid name (invalid_hostname_reject_code), unless it is a name or a bare address."""
    name = view.session.helo_name
    if name is None:
        return DUNNO
    if name.startswith("["):
        return _reject_bad_literal(view, name)
    tested = without_final_dot(name)
    if valid_hostname(tested) or valid_hostaddr(tested):
        return DUNNO
    return _reject(name, view.known.invalid_hostname_reject_code, "5.2", "Invalid name")


@restriction("reject_non_fqdn_helo_hostname", "reject_non_fqdn_hostname", by="helo")
def reject_non_fqdn_helo_hostname(view: View, _: None) -> Verdict:
    """Reply: 504 5.5.2 need fully-qualified hostname (non_fqdn_reject_code)."""
    name = view.session.helo_name
    if name is None:
        return DUNNO
    if name.startswith("["):
        return _reject_bad_literal(view, name)
    tested = without_final_dot(name)
    if "." in tested and (valid_hostname(tested) or (view.session.smtputf8 and not tested.isascii())):
        return DUNNO
    return _reject(name, view.known.non_fqdn_reject_code, "5.2", "need fully-qualified hostname")


@restriction("reject_unknown_helo_hostname", "reject_unknown_hostname", by="helo")
async def reject_unknown_helo_hostname(view: View, _: None) -> Verdict:
    """Reply: 450 4.7.1 Host not found (unknown_hostname_reject_code), for a name without A, AAAA and MX.

    A lookup that failed for now defers what would be permitted (unknown_helo_hostname_tempfail_action).
    """
    name, known = view.session.helo_name, view.known
    if name is None:
        return DUNNO
    if name.startswith("["):
        return _reject_bad_literal(view, name)
    match await exists(view, name):
        case Status.OK | Status.NULLMX:  # a host that takes no mail is still a host
            return DUNNO
        case Status.RETRY:
            refusal = _reject(name, 450, "7.1", "Host not found")
            if known.defers_now["unknown_helo_hostname_tempfail_action"]:
                return refusal
            return DeferIfPermit(refusal.code, refusal.status, refusal.text)
        case Status.INVALID:
            return _reject(name, known.unknown_hostname_reject_code, "7.1", "Malformed DNS server reply")
        case Status.NOTFOUND | Status.FAIL:
            return _reject(name, known.unknown_hostname_reject_code, "7.1", "Host not found")


@restriction("permit_naked_ip_address")
def permit_naked_ip_address(view: View, _: None) -> Verdict:
    """OK for a bare IP address; deprecated, and Postfix says so.  Reply to a bad literal: 501 5.5.2."""
    view.warn(
        "restriction permit_naked_ip_address is deprecated. Use permit_mynetworks or permit_sasl_authenticated instead"
    )
    name = view.session.helo_name
    if name is None:
        return DUNNO
    if name.strip("0123456789.:"):
        return DUNNO
    verdict = _reject_bad_literal(view, name)
    return PERMIT if verdict is DUNNO else verdict


def without_final_dot(name: str) -> str:
    """The name without one final dot; a name that ends in two keeps both."""
    return name[:-1] if len(name) > 1 and name.endswith(".") and not name.endswith("..") else name
