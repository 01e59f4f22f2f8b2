"""policy - draw what the policy server of a configuration says to whom (SMTPD_POLICY_README)."""

from __future__ import annotations

from typing import Any

from harness.fuzz.access import draw_access
from harness.fuzz.draw import Draw, chance, many, pick
from harness.fuzz.vocabulary import CLIENT_NAMES, CLIENTS, HELOS, LOGINS, OURS, USERS

POLICY_SERVICES = (
    "unix:private/policy",
    "unix:private/policy",
    "{ unix:private/policy, default_action=DUNNO, policy_context=asked }",
    "{ unix:private/policy, {policy_context = two}, {default_action = 450 4.7.1 not now} }",
)
_STATES = ("CONNECT", "HELO", "EHLO", "MAIL", "RCPT", "DATA", "END-OF-MESSAGE", "VRFY", "ETRN")
# Every attribute that is the same on two gateways: in the log both show what they asked with.
_TELLS = (
    "INFO {protocol_state} {protocol_name} {helo_name} {queue_id}",
    "WARN {client_address} {client_name} {reverse_client_name} {server_address}",
    "INFO {sender}|{recipient}|{recipient_count}|{size}|{etrn_domain}|{stress}",
    "PREPEND X-Asked: {sasl_method} {sasl_username} {sasl_sender} {policy_context}",
    "450 4.7.1 {request} {encryption_protocol}{encryption_cipher}{encryption_keysize} {ccert_subject} {mail_version}",
)
# None that breaks off: with smtpd_policy_service_try_limit = 1 a smtpd(8) never connects anew (attr_clnt.c), and its
# later sessions would hear no answer either.
_RAW = ("action=REJECT raw\naction=DUNNO\n\n", "other=1\naction=DEFER raw\n\n", "action=\n\n")


def draw_policy(draw: Draw) -> list[dict[str, Any]]:
    """Some rules; nobody knows better than the last one."""
    return [_rule(draw) for _ in range(many(draw, 1, 5))]


def _rule(draw: Draw) -> dict[str, Any]:
    match = dict(_wanted(draw) for _ in range(many(draw, 0, 2)))
    made: dict[str, Any] = {"match": match} if match else {}
    if chance(draw, 6):
        return {**made, "raw": pick(draw, _RAW)}
    return {**made, "action": pick(draw, _TELLS) if chance(draw, 40) else draw_access(draw)}


def _wanted(draw: Draw) -> tuple[str, str]:
    match pick(draw, ("protocol_state", "protocol_state", "client", "name", "helo", "sender", "recipient", "login")):
        case "protocol_state":
            return "protocol_state", pick(draw, _STATES)
        case "client":
            return "client_address", pick(draw, (*CLIENTS, "192.0.2.*"))
        case "name":
            return "client_name", pick(draw, (*CLIENT_NAMES.values(), "*.ok.test", "unknown"))
        case "helo":
            return "helo_name", pick(draw, (*(one for one in HELOS if "[" not in one), "", "*.test"))
        case "sender":
            return "sender", pick(draw, ("", "*@ok.test", f"{pick(draw, USERS)}@*", "*.*"))
        case "recipient":
            return "recipient", pick(draw, ("", *(f"*@{domain}" for domain in OURS), f"{pick(draw, USERS)}@*"))
    return "sasl_username", pick(draw, LOGINS)
