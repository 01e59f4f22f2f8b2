"""generic - restrictions that look at nothing, or at the session as a whole."""

from __future__ import annotations

from harness.gateway.policy.pause import pause
from harness.gateway.policy.restriction import View, restriction
from harness.gateway.policy.verdict import DUNNO, PERMIT, DeferIfPermit, DeferIfReject, Reject, Verdict


@restriction("permit", final=True)
def permit(view: View, _: None) -> Verdict:
    """OK, whatever it is."""
    return PERMIT


@restriction("reject", final=True)
def reject(view: View, _: None) -> Verdict:
    """Reply: 554 5.7.1 Access denied (reject_code)."""
    return view.reject(view.known.reject_code, "7.1", "Access denied")


@restriction("defer", final=True)
def defer(view: View, _: None) -> Verdict:
    """Reply: 450 4.3.2 Try again later (defer_code)."""
    return view.reject(view.known.defer_code, "3.2", "Try again later")


@restriction("defer_if_permit")
def defer_if_permit(view: View, _: None) -> Verdict:
    """Reply, if the mail would be permitted: 450 4.7.0 defer_if_permit requested."""
    refusal = view.reject(450, "7.0", "defer_if_permit requested")
    return DeferIfPermit(refusal.code, refusal.status, refusal.text)


@restriction("defer_if_reject")
def defer_if_reject(view: View, _: None) -> Verdict:
    """Reply, if the mail would be refused for good: 450 4.7.0 defer_if_reject requested."""
    refusal = view.reject(450, "7.0", "defer_if_reject requested")
    return DeferIfReject(refusal.code, refusal.status, refusal.text)


@restriction("sleep", argument="seconds")
async def sleep(view: View, seconds: int) -> Verdict:
    """Make the client wait."""
    await pause(seconds)
    return DUNNO


@restriction("reject_plaintext_session")
def reject_plaintext_session(view: View, _: None) -> Verdict:
    """Reply: 450 4.7.1 Session encryption is required (plaintext_reject_code)."""
    if view.session.tls:
        return DUNNO
    return Reject(view.known.plaintext_reject_code, "7.1", "Session encryption is required")


@restriction("reject_multi_recipient_bounce")
def reject_multi_recipient_bounce(view: View, _: None) -> Verdict:
    """Reply: 550 5.5.3 Multi-recipient bounce (multi_recipient_bounce_reject_code), for the null sender."""
    session = view.session
    accepted = len(session.recipients)
    # At RCPT the current recipient is not counted yet.
    if session.sender == "" and accepted > (session.where != "RCPT"):
        return view.reject(view.known.multi_recipient_bounce_reject_code, "5.3", "Multi-recipient bounce")
    return DUNNO
