"""pipelining - clients that talk before it is their turn."""

from __future__ import annotations

from harness.gateway.policy.restriction import View, restriction
from harness.gateway.policy.verdict import DUNNO, Verdict


@restriction("reject_unauth_pipelining")
def reject_unauth_pipelining(view: View, _: None) -> Verdict:
    """Reply: 503 5.5.0, once such talk was seen earlier in the session (RFC 2920 3.1)."""
    if view.session.ill_pipelining:
        return view.reject(503, "5.0", "Improper use of SMTP command pipelining")
    return DUNNO
