"""destination - may anybody send to this recipient through us?"""

from __future__ import annotations

from harness.gateway.policy.restriction import View, lookup_failure
from harness.gateway.policy.verdict import Reject


def is_authorised(view: View, recipient: str) -> bool | Reject:
    """Is the recipient in one of our domains, and not source-routed?  A Reject when the tables cannot say.

    Source: permit_auth_destination in smtpd_check.c.
    """
    known = view.known
    resolved = known.resolve(recipient, view.session.sender)
    if resolved.failed:
        return lookup_failure(recipient)
    if resolved.routed and not known.allow_untrusted_routing:
        return False
    if resolved.final:
        return True
    if resolved.address_class == "relay":
        if known.compatible_domains:
            view.inform(
                "using backwards-compatible default setting relay_domains=$mydestination to accept mail "
                f'for domain "{resolved.domain}"'
            )
        return True
    return False
