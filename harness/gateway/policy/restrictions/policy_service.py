"""policy_service - check_policy_service: ask a server of the administrator's own."""

from __future__ import annotations

from dataclasses import replace

from harness.gateway.policy.access import judge
from harness.gateway.policy.endpoint import DEFAULT_ACTION, Service
from harness.gateway.policy.policy_client import request
from harness.gateway.policy.restriction import View, restriction
from harness.gateway.policy.verdict import Verdict
from harness.gateway.rule import Rule
from harness.gateway.table import Hit

_COUNTS_RECIPIENTS = ("DATA", "BDAT", "END-OF-MESSAGE")


@restriction("check_policy_service", argument="service")
async def check_policy_service(view: View, service: Service) -> Verdict:
    """The server's action, as access(5) reads it; smtpd_policy_service_default_action when it cannot be had."""
    action, reason = await request(service, attributes(view, service))
    silent = action is None
    if action is None:
        view.warn(f"problem talking to server {service.name}: {reason}")
        action = DEFAULT_ACTION if view.stand_in else service.default_action
    hit = Hit(action, Rule(service.name, 0, f"action={action}"))
    said = judge(view, service.name, "policy query", hit, view.reply_name, view.reply_class)
    return replace(said, stand_in=True) if silent else said


def attributes(view: View, service: Service) -> dict[str, str]:
    """The request, attribute by attribute, in Postfix's order.  Source: SMTPD_POLICY_README."""
    session, settings = view.session, view.known.settings
    client = session.client
    count = len(session.recipients) if session.where in _COUNTS_RECIPIENTS else 0
    fingerprints = (*session.tls_fingerprints, "", "")
    return {
        "request": "smtpd_access_policy",
        "protocol_state": "DATA" if session.where == "BDAT" else session.where,
        "protocol_name": session.protocol,
        "client_address": client.address,
        "client_name": client.name,
        "client_port": client.port,
        "reverse_client_name": client.reverse_name,
        "server_address": session.server_address,
        "server_port": session.server_port,
        "helo_name": session.helo_name or "",
        "sender": session.sender or "",
        "recipient": session.recipient or "",
        "recipient_count": str(count),
        "queue_id": session.queue_id,
        "instance": f"{session.number:x}.{session.transaction:x}.0",
        "size": str(session.size_bytes or session.message_size),
        "etrn_domain": session.etrn_domain or "",
        "stress": settings.text("stress"),
        "sasl_method": session.sasl_method,
        "sasl_username": session.sasl_username,
        "sasl_sender": "",
        "ccert_subject": session.tls_name if session.tls_trusted else "",
        "ccert_issuer": "",
        "ccert_fingerprint": fingerprints[0],
        "ccert_pubkey_fingerprint": fingerprints[1],
        "encryption_protocol": "",
        "encryption_cipher": "",
        "encryption_keysize": "0",
        "policy_context": service.context,
    }
