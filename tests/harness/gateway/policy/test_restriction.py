"""The family is complete: the names that smtpd knows, and no others."""

from __future__ import annotations

from harness.gateway.policy.parse import BUILT_IN_CLASSES
from harness.gateway.policy.restriction import restrictions

SUBJECTS = ("client", "reverse_client_hostname", "helo", "sender", "recipient")

NAMES = {
    *[
        "permit",
        "reject",
        "defer",
        "defer_if_permit",
        "defer_if_reject",
        "sleep",
        "reject_unauth_pipelining",
        "reject_plaintext_session",
    ],
    *["check_policy_service", "permit_inet_interfaces", "permit_mynetworks", "permit_sasl_authenticated"],
    *["permit_tls_clientcerts", "permit_tls_all_clientcerts", "reject_unknown_client_hostname"],
    *["reject_unknown_reverse_client_hostname", "reject_rbl_client", "reject_maps_rbl", "reject_rhsbl_client"],
    *["reject_rhsbl_reverse_client", "permit_dnswl_client", "permit_rhswl_client", "reject_invalid_helo_hostname"],
    *["reject_non_fqdn_helo_hostname", "reject_unknown_helo_hostname", "reject_rhsbl_helo", "permit_naked_ip_address"],
    *["reject_unknown_sender_domain", "reject_unverified_sender", "reject_non_fqdn_sender", "reject_rhsbl_sender"],
    *["reject_unlisted_sender", "reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch"],
    *["reject_known_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch", "permit_auth_destination"],
    *["permit_mx_backup", "reject_unauth_destination", "defer_unauth_destination", "check_relay_domains"],
    *["reject_unknown_recipient_domain", "reject_non_fqdn_recipient", "reject_rhsbl_recipient"],
    *["reject_unlisted_recipient", "reject_unverified_recipient", "reject_multi_recipient_bounce"],
    *["check_ccert_access", "check_sasl_access", "check_etrn_access"],
    *(f"check_{subject}_access" for subject in SUBJECTS),
    *(f"check_{subject}_{rtype}_access" for subject in SUBJECTS for rtype in ("a", "mx", "ns")),
}

ALIASES = {
    *["reject_unknown_client", "reject_rbl", "reject_invalid_hostname", "reject_non_fqdn_hostname"],
    *["reject_unknown_hostname", "reject_unknown_address", "check_recipient_maps"],
}


def test_every_element_of_postfix_is_known():
    assert len(NAMES) == 70  # and warn_if_reject, which is no element but a word before one
    assert set(restrictions) | set(BUILT_IN_CLASSES) == NAMES | ALIASES


def test_aliases_are_the_same_restriction():
    assert restrictions["reject_rbl"] is restrictions["reject_rbl_client"]
    assert {restrictions[alias].name for alias in ALIASES} <= NAMES
