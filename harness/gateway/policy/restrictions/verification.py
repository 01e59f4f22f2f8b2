"""verification - senders and recipients that were probed (ADDRESS_VERIFICATION_README)."""

from __future__ import annotations

from harness.gateway.policy.address import unverified
from harness.gateway.policy.restriction import RECIPIENT, SENDER, View, restriction
from harness.gateway.policy.verdict import DUNNO, Verdict


@restriction("reject_unverified_sender")
async def reject_unverified_sender(view: View, _: None) -> Verdict:
    """Reply: 450 4.1.7 (unverified_sender_reject_code, unverified_sender_defer_code)."""
    sender = view.session.sender
    return await unverified(view, sender, SENDER) if sender else DUNNO


@restriction("reject_unverified_recipient")
async def reject_unverified_recipient(view: View, _: None) -> Verdict:
    """Reply: 450 4.1.1 (unverified_recipient_reject_code, unverified_recipient_defer_code)."""
    recipient = view.session.recipient
    return await unverified(view, recipient, RECIPIENT) if recipient else DUNNO
