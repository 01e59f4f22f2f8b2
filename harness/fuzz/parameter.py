"""parameter - draw the parameters around the restriction lists: classes of addresses, codes, limits, manners."""

from __future__ import annotations

from collections.abc import Callable

from harness.fuzz.access import draw_access, draw_check, draw_code
from harness.fuzz.draw import Draw, chance, pick, several
from harness.fuzz.table import Files, draw_list_of_users, draw_table
from harness.fuzz.vocabulary import ALIAS, BLOCKLISTS, LOCAL, MAILBOX, RELAY, USERS

_CODES = (
    "reject_code", "defer_code", "access_map_reject_code", "access_map_defer_code", "maps_rbl_reject_code",
    "relay_domains_reject_code", "unknown_client_reject_code", "unknown_hostname_reject_code",
    "unknown_address_reject_code", "invalid_hostname_reject_code", "non_fqdn_reject_code", "plaintext_reject_code",
    "multi_recipient_bounce_reject_code", "unknown_local_recipient_reject_code",
    "unknown_relay_recipient_reject_code",
    "unknown_virtual_alias_reject_code", "unknown_virtual_mailbox_reject_code",
)  # fmt: skip
_SWITCHES = (
    "soft_bounce", "smtpd_delay_reject", "smtpd_helo_required", "strict_rfc821_envelopes", "disable_vrfy_command",
    "smtpd_reject_unlisted_recipient", "smtpd_reject_unlisted_sender", "allow_untrusted_routing",
    "allow_percent_hack",
    "swap_bangpath", "append_dot_mydomain", "append_at_myorigin", "show_user_unknown_table_name",
    "resolve_dequoted_address", "resolve_null_domain", "resolve_numeric_domain", "smtputf8_enable",
    "smtpd_relay_before_recipient_restrictions", "strict_7bit_headers", "strict_8bitmime", "strict_8bitmime_body",
    "strict_mime_encoding_domain", "disable_mime_input_processing", "always_add_missing_headers",
    "smtpd_forbid_unauth_pipelining", "smtpd_sasl_auth_enable", "message_drop_headers_not",
)[:-1]  # fmt: skip
_CHOICES: dict[str, tuple[str, ...]] = {
    "compatibility_level": ("0", "1", "2", "3.6"),
    "parent_domain_matches_subdomains": ("", "smtpd_access_maps", "relay_domains, smtpd_access_maps"),
    "recipient_delimiter": ("+", "+-", ""),
    "smtpd_null_access_lookup_key": ("<>", "nobody", "@"),
    "unknown_address_tempfail_action": ("defer", "defer_if_permit"),
    "unknown_helo_hostname_tempfail_action": ("defer", "defer_if_permit"),
    "unverified_recipient_tempfail_action": ("defer", "defer_if_permit"),
    "unverified_sender_tempfail_action": ("defer", "defer_if_permit"),
    "unverified_recipient_defer_code": ("450", "250", "451"),
    "unverified_sender_defer_code": ("450", "250", "421"),
    "unverified_sender_reject_reason": ("", "we asked $recipient"),
    "maps_rbl_domains": ("bl.test", "codes.test, rhs.test"),
    "smtpd_expansion_filter": (r"\t\40!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abc."),
    "permit_mx_backup_networks": ("203.0.113.0/24", "198.51.100.0/24, 203.0.113.25", "0.0.0.0/0"),
    "mynetworks": ("10.0.0.0/8, 192.0.2.8", "192.0.2.0/24", "!192.0.2.9, 192.0.2.0/24", "hash:/etc/postfix/missing",
                   "[2001:db8::]/32", "192.0.2.8/24"),
    "relay_domains": ("gw.test, ok.test", "static:all", "inline:{gw.test=x}", "!sub.gw.test, gw.test", ""),
    "mydestination": ("local.test, gate.gw.test", "", "inline:{local.test=x}", "local.test, sub.gw.test"),
    "virtual_alias_domains": (ALIAS, ""),
    "virtual_mailbox_domains": (MAILBOX, "inline:{box.test=x}"),
    "virtual_alias_maps": ("inline:{user@alias.test=info@gw.test, info@gw.test=user@gw.test}",
    "inline:{alias.test=x, @alias.test=user@gw.test}",
    "inline:{{info@gw.test = user@gw.test, a.b@box.test}, {user@gw.test = user@gw.test no-one@gw.test}}"),
    "transport_maps": ("inline:{{ok.test = error:not to there}, {sub.gw.test = error:5.1.2 moved away}}",
                       "inline:{{gw.test = retry:4.7.1 later}, {user@gw.test = smtp:other.test}}",
                       "inline:{{.test = error:no subdomains}, {local.test = smtp:local.test}}"),
    "recipient_canonical_maps": ("inline:{{info@gw.test = user@gw.test}, {@alias.test = @local.test}}",
                                 "inline:{{user = postmaster}, {no-one@box.test = a.b+x@box.test}}"),
    "sender_bcc_maps": ("inline:{{@ok.test = info@gw.test}}", "inline:{{user@ok.test = user@local.test}}"),
    "recipient_bcc_maps": ("inline:{{user@gw.test = info@gw.test}}", "inline:{{@local.test = user@gw.test}}"),
    "masquerade_domains": ("ok.test", "!news.ok.test, ok.test gw.test"),
    "always_bcc": ("info@gw.test", "user@box.test"),
    "enable_original_recipient": ("yes", "no"),
    "propagate_unmatched_extensions": ("canonical, virtual", "canonical", ""),
    "smtpd_sender_login_maps": ("inline:{{user@ok.test = alice, bob}, {info@gw.test = bob}}", "static:alice"),
    "smtpd_log_access_permit_actions": ("static:all", "permit_mynetworks, OK"),
    "smtpd_reject_footer": (
        r"\c; see http://gw.test/$client_address",
        r"call $server_name\nnot $recipient, $sender_name",
    ),
    "smtpd_discard_ehlo_keywords": ("", "pipelining", "size, etrn, dsn", "8bitmime, smtputf8, chunking"),
    "smtpd_forbid_bare_newline": ("no", "yes", "normalize", "reject"),
    "message_size_limit": ("10240000", "20000", "0"),
    "header_size_limit": ("102400", "60", "200"),
    "body_checks_size_limit": ("51200", "40"),
    "line_length_limit": ("2048", "80"),
    "hopcount_limit": ("50", "3"),
    "mime_nesting_limit": ("100", "2"),
    "mime_boundary_length_limit": ("2048", "5"),
    "smtpd_recipient_limit": ("1000", "2"),
    "smtpd_recipient_overshoot_limit": ("1000", "1"),
    "smtpd_hard_error_limit": ("20", "3"),
    "smtpd_soft_error_limit": ("10", "2"),
    "smtpd_junk_command_limit": ("100", "2"),
    "smtpd_command_filter": (r"pcre:{{/^noop/ EHLO x}, {/^(RCPT.*)two\.test(.*)/ $${1}gw.test$$2}}",),
    "smtpd_noop_commands": ("vrfy, help", ""),
    "smtpd_forbidden_commands": ("CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}", "noop"),
    "address_verify_sender": ("$double_bounce_sender", "user@gw.test", ""),
    "inet_protocols": ("all", "ipv4"),
    "myorigin": ("$myhostname", "gw.test"),
    "receive_override_options": ("no_unknown_recipient_checks", "no_header_body_checks"),
    "local_header_rewrite_clients": ("permit_inet_interfaces", "static:all"),
    "default_rbl_reply": (
        "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}",
        "450 4.7.9 $client|$client_name|$client_address|$reverse_client_name|$helo_name is $rbl_what at $rbl_domain",
        "550 $sender_name at $sender_domain to $recipient_name at $recipient_domain: $rbl_txt ($server_name)",
        "no code at all", "521 gone", "${rbl_reason?{$rbl_code 5.1.1 $rbl_reason}:{$rbl_code none}}",
    ),
}  # fmt: skip
_CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
_PATTERNS = (
    "/^Subject: .*(sale|hello)/", "/^X-Spam: (.*)$/", "/^Content-Type:.*name=/", "/^From:/", "/^Received:/",
    "/secret/",
    "/^--cut/", "/./", "/^To: (.*)/", r"/\.exe/", "/^Content-/", "!/^[A-Z]/", "/^begin/",
)  # fmt: skip

Maker = Callable[[Draw], str]


def draw_parameters(draw: Draw, files: Files, is_open: bool = False) -> dict[str, str]:
    """Some parameters, on top of the bare gateway's; an open one has checks of the content."""
    made = {name: draw_code(draw) for name in several(draw, _CODES, 0, 4)}
    made |= {name: pick(draw, ("yes", "no")) for name in several(draw, _SWITCHES, 1, 6)}
    made |= {name: pick(draw, _CHOICES[name]) for name in several(draw, tuple(_CHOICES), 2, 9)}
    made |= _checks(draw, files, 80 if is_open else 20)
    for name, domains in (("local_recipient_maps", (LOCAL,)), ("relay_recipient_maps", (RELAY, "sub.gw.test")),
                          ("virtual_mailbox_maps", (MAILBOX,))):  # fmt: skip
        if chance(draw, 25):
            made[name] = draw_list_of_users(draw, files, domains)
    if chance(draw, 15):
        made["rbl_reply_maps"] = draw_table(draw, files, (*BLOCKLISTS, "bl.test=127.0.0.2"), _rbl_reply)
    if chance(draw, 40):
        made["smtpd_policy_service_default_action"] = draw_access(draw)
    if chance(draw, 10):
        made["smtpd_sender_login_maps"] = draw_table(draw, files, [f"{user}@ok.test" for user in USERS], _login)
    return {name: value.replace("\t", " ") for name, value in made.items()}


def _checks(draw: Draw, files: Files, percent: int) -> dict[str, str]:
    made: dict[str, str] = {}
    for name in _CHECKS:
        if chance(draw, percent):
            kind = pick(draw, ("regexp", "pcre"))
            rules = [f"{pattern}  {draw_check(draw)}" for pattern in several(draw, _PATTERNS, 2, 8)]
            made[name] = f"{kind}:{files.add(name, rules)}"
        elif name in ("mime_header_checks", "nested_header_checks") and chance(draw, 5):
            made[name] = ""
    return made


def _rbl_reply(draw: Draw) -> str:
    return pick(draw, _CHOICES["default_rbl_reply"])


def _login(draw: Draw) -> str:
    return pick(draw, ("alice", "bob, alice", "ALICE", "nobody"))
