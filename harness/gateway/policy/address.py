"""address - checks that senders and recipients share: their domain, and whether they can be delivered to."""

from __future__ import annotations

from harness.gateway.policy.mailhost import Status, accepts_mail
from harness.gateway.policy.pause import pause
from harness.gateway.policy.probe import IN_PROGRESS
from harness.gateway.policy.restriction import SENDER, View, lookup_failure
from harness.gateway.policy.verdict import DUNNO, DeferIfPermit, Reject, Verdict
from harness.smtp.hostname import is_fqdn


def reject(address: str, reply_class: str, code: int, status: str, text: str) -> Reject:
    """A refusal about this address, whatever list asks."""
    return Reject(code, status, f"<{address}>: {reply_class} rejected: {text}")


def non_fqdn(view: View, address: str, reply_class: str) -> Verdict:
    """Reply: 504 5.5.2 need fully-qualified address (non_fqdn_reject_code), by the address as received."""
    domain = address.rpartition("@")[2] if "@" in address else ""
    if domain.startswith("[") and domain.endswith("]"):
        return DUNNO
    if domain and not domain.endswith("..") and _is_fqdn(view, domain):
        return DUNNO
    return reject(address, reply_class, view.known.non_fqdn_reject_code, "5.2", "need fully-qualified address")


def _is_fqdn(view: View, domain: str) -> bool:
    if domain.isascii():
        return is_fqdn(domain)
    # RFC 6531: a U-label counts as a label, if the client asked for SMTPUTF8.
    return view.session.smtputf8 and is_fqdn("".join(c if c.isascii() else "x" for c in domain))


async def unknown_domain(view: View, address: str, reply_class: str) -> Verdict:
    """Reply: 450 4.1.8 (sender) or 4.1.2 Domain not found; 550 5.7.27 or 556 5.1.10 for a null MX (RFC 7505).

    Skips our own domains and literals.  A lookup that failed for now defers what would be permitted, always with 450
    (unknown_address_tempfail_action).
    """
    known, session = view.known, view.session
    sender = reply_class == SENDER
    resolved = known.resolve(address, session.recipient if sender else session.sender)
    if resolved.failed:
        return lookup_failure(address)
    domain = resolved.domain
    if resolved.final or (domain.startswith("[") and domain.endswith("]")):
        return DUNNO
    status = "1.8" if sender else "1.2"
    match await accepts_mail(view, domain):
        case Status.OK:
            return DUNNO
        case Status.NULLMX:
            text = f"Domain {domain} does not accept mail (nullMX)"
            code, status = (550, "7.27") if sender else (556, "1.10")
            return reject(address, reply_class, code, status, text)
        case Status.RETRY:
            refusal = reject(address, reply_class, 450, status, "Domain not found")
            if known.defers_now["unknown_address_tempfail_action"]:
                return refusal
            return DeferIfPermit(refusal.code, refusal.status, refusal.text)
        case Status.INVALID:
            text = "Malformed DNS server reply"
            return reject(address, reply_class, known.unknown_address_reject_code, status, text)
        case Status.NOTFOUND | Status.FAIL:
            return reject(address, reply_class, known.unknown_address_reject_code, status, "Domain not found")


async def unverified(view: View, address: str, reply_class: str) -> Verdict:
    """Reply: 450 4.1.7 (sender) or 4.1.1: undeliverable address, unverified address, or a verification problem.

    An address that is still being probed is asked for again, address_verify_poll_count times in all.
    """
    known = view.known
    sender = reply_class == SENDER
    kind, status = ("sender", "1.7") if sender else ("recipient", "1.1")
    defers_now = known.defers_now[f"unverified_{kind}_tempfail_action"]
    reject_code = known.unverified_sender_reject_code if sender else known.unverified_recipient_reject_code
    defer_code = known.unverified_sender_defer_code if sender else known.unverified_recipient_defer_code
    reason = known.unverified_sender_reason if sender else known.unverified_recipient_reason
    probed = IN_PROGRESS if known.probe is None else await known.probe.query(address)
    polls = known.settings.number("address_verify_poll_count") if known.probe is not None else 0
    while probed is not None and probed.state == "todo" and polls > 1 and known.probe is not None:
        await pause(known.settings.seconds("address_verify_poll_delay"))
        probed, polls = await known.probe.query(address), polls - 1
    if probed is None:
        view.warn(f"{known.settings.text('address_verify_service_name')} service failure")
        refusal = reject(address, reply_class, 450, status, "address verification problem")
        return refusal if defers_now else DeferIfPermit(refusal.code, refusal.status, refusal.text)
    code = {"ok": 0, "bounce": reject_code, "defer": defer_code, "todo": defer_code}[probed.state]
    why = reason if code >= 400 and reason else probed.why
    match code // 100:
        case 0 | 2:
            return DUNNO
        case 4:
            refusal = reject(address, reply_class, code, status, f"unverified address: {why[:250]}")
            return refusal if defers_now else DeferIfPermit(refusal.code, refusal.status, refusal.text)
        case _:
            return reject(address, reply_class, code, status, f"undeliverable address: {why}")
