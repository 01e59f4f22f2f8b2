"""vocabulary - the names that everything drawn is made of: few, so that sessions, tables and zones meet."""

from __future__ import annotations

# Domains that may have anything in DNS; the first four are ours, in the address classes of postconf(5).
RELAY, LOCAL, ALIAS, MAILBOX = "gw.test", "local.test", "alias.test", "box.test"
OURS = (RELAY, "sub.gw.test", LOCAL, ALIAS, MAILBOX)
FOREIGN = ("ok.test", "news.ok.test", "deep.news.ok.test", "two.test", "far.example", "odd_name.test", "gone.test")
DOMAINS = (*OURS, *FOREIGN)

HOSTS = ("mx1.hosts.test", "mx2.hosts.test", "ns1.hosts.test")
HOST_ADDRESSES = {"mx1.hosts.test": "203.0.113.25", "mx2.hosts.test": "198.51.100.25", "ns1.hosts.test": "203.0.113.53"}
US = "gate.gw.test"

CLIENTS = (
    "192.0.2.8", "192.0.2.9", "192.0.2.66", "198.51.100.10", "198.51.100.200", "203.0.113.5", "10.1.2.3",
    "2001:db8::8", "2001:db8:1::bad",
)  # fmt: skip
INTRODUCER = "127.0.0.2"  # from where XCLIENT is said: harness/target.py
CLIENT_NAMES = {
    "192.0.2.8": "mail.ok.test", "192.0.2.9": "out.news.ok.test", "192.0.2.66": "dsl-66.pool.two.test",
    "198.51.100.10": "mx1.hosts.test", "198.51.100.200": "smtp.far.example", "203.0.113.5": "relay.gw.test",
    "10.1.2.3": "inside.local.test", "2001:db8::8": "six.ok.test", "2001:db8:1::bad": "bad-six.two.test",
}  # fmt: skip
NETWORKS = ("192.0.2", "198.51.100", "198.51", "10", "2001:db8", "203.0.113")

BLOCKLISTS = ("bl.test", "codes.test", "rhs.test", "wl.test")
DEAD_LIST = "dead.test"  # nobody answers for it but with SERVFAIL

USERS = ("user", "info", "User", "user+ext", "postmaster", "abuse", "no-one", "a.b")
LOGINS = ("alice", "bob", "Alice")

HELOS = (
    "mail.ok.test", "out.news.ok.test", "ok.test", "two.test", "gone.test", "gate.gw.test", "localhost", "nodots",
    "[192.0.2.8]", "[198.51.100.10]", "[IPv6:2001:db8::8]", "[192.0.2.999]", "[ok.test]", "192.0.2.8", "999.1.1.1",
    "2001:db8::8",
    "-bad.test", "under_score.test", "ok.test.", "a@b", "two words", "mail..test", "gw.test", "MAIL.OK.TEST", "#12",
    "x<y>",
)  # fmt: skip

ETRN_DOMAINS = (
    "gw.test",
    "sub.gw.test",
    "ok.test",
    "@gw.test",
    "#gw.test",
    "local.test",
    "[192.0.2.8]",
    "bad..name",
    "two.test",
)

# The 78 words that Postfix 3.7 knows in a restriction list: 71 elements, and 7 older names.
GENERIC = (
    "permit", "reject", "defer", "defer_if_permit", "defer_if_reject", "warn_if_reject", "reject_unauth_pipelining",
    "reject_plaintext_session", "check_policy_service", "sleep",
)  # fmt: skip
OF_CLIENT = (
    "permit_inet_interfaces", "permit_mynetworks", "permit_sasl_authenticated", "permit_tls_clientcerts",
    "permit_tls_all_clientcerts", "check_client_access", "check_client_a_access", "check_client_mx_access",
    "check_client_ns_access", "check_reverse_client_hostname_access", "check_reverse_client_hostname_a_access",
    "check_reverse_client_hostname_mx_access", "check_reverse_client_hostname_ns_access", "check_ccert_access",
    "check_sasl_access", "reject_unknown_client_hostname", "reject_unknown_client",
    "reject_unknown_reverse_client_hostname", "reject_rbl_client", "reject_rbl", "reject_maps_rbl",
    "reject_rhsbl_client", "reject_rhsbl_reverse_client", "permit_dnswl_client", "permit_rhswl_client",
)  # fmt: skip
OF_HELO = (
    "check_helo_access", "check_helo_a_access", "check_helo_mx_access", "check_helo_ns_access",
    "reject_invalid_helo_hostname", "reject_invalid_hostname", "reject_non_fqdn_helo_hostname",
    "reject_non_fqdn_hostname", "reject_unknown_helo_hostname", "reject_unknown_hostname", "reject_rhsbl_helo",
    "permit_naked_ip_address",
)  # fmt: skip
OF_SENDER = (
    "check_sender_access", "check_sender_a_access", "check_sender_mx_access", "check_sender_ns_access",
    "reject_unknown_sender_domain", "reject_unknown_address", "reject_unverified_sender", "reject_non_fqdn_sender",
    "reject_rhsbl_sender", "reject_unlisted_sender", "reject_sender_login_mismatch",
    "reject_authenticated_sender_login_mismatch", "reject_known_sender_login_mismatch",
    "reject_unauthenticated_sender_login_mismatch",
)  # fmt: skip
OF_RECIPIENT = (
    "check_recipient_access", "check_recipient_a_access", "check_recipient_mx_access", "check_recipient_ns_access",
    "permit_auth_destination", "permit_mx_backup", "reject_unauth_destination", "defer_unauth_destination",
    "check_relay_domains", "reject_unknown_recipient_domain", "reject_non_fqdn_recipient", "reject_rhsbl_recipient",
    "reject_unlisted_recipient", "check_recipient_maps", "reject_unverified_recipient",
    "reject_multi_recipient_bounce",
    "check_etrn_access",
)  # fmt: skip
RESTRICTIONS = (*GENERIC, *OF_CLIENT, *OF_HELO, *OF_SENDER, *OF_RECIPIENT)

# What no session drawn can make speak, and why.
MUTE = dict.fromkeys(
    ("permit_tls_clientcerts", "permit_tls_all_clientcerts", "check_ccert_access"),
    "it speaks of a TLS client certificate, and XCLIENT tells of none",
)

LISTS = (
    "smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions", "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions", "smtpd_data_restrictions", "smtpd_end_of_data_restrictions",
    "smtpd_etrn_restrictions",
)  # fmt: skip
REQUIRED = frozenset(
    (
        "reject_unauth_destination",
        "defer_unauth_destination",
        "reject",
        "defer",
        "defer_if_permit",
        "check_relay_domains",
    )
)
CLASSES = ("strangers", "friends")

ACCESS_ACTIONS = (
    "OK", "RELAY", "digits", "code", "REJECT", "DEFER", "DEFER_IF_REJECT", "DEFER_IF_PERMIT", "BCC", "DISCARD",
    "DUNNO",
    "FILTER", "HOLD", "INFO", "PREPEND", "REDIRECT", "WARN", "HANGUP", "restrictions",
)  # fmt: skip
CHECK_ACTIONS = (
    "BCC", "DISCARD", "DUNNO", "FILTER", "HOLD", "IGNORE", "INFO", "PASS", "PREPEND", "REDIRECT", "REJECT", "REPLACE",
    "STRIP", "WARN", "OK",
)  # fmt: skip
