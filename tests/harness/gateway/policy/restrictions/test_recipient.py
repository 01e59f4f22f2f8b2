"""Where the mail is to go, and whether we carry it there."""

from __future__ import annotations

import pytest

LIST = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


def rcpt(b, recipient: str) -> str:
    """The reply without the part about who it is about."""
    return b.rcpt(recipient=recipient).replace(f"<{recipient}>: ", "").replace("Recipient address rejected: ", "")


@pytest.mark.parametrize(
    ("recipient", "authorised"),
    [
        ("u@ok.test", True),
        ("u@OK.test", True),
        ("u@sub.ok.test", True),
        ("u@example.test", True),
        ("u", True),
        ("u@alias.test", True),
        ("u@box.test", True),
        ("u@[127.0.0.1]", True),
        ("u@far.test", False),
        ("u@sub.example.test", False),
        ("u%far.test@ok.test", False),
        ("far.test!u@ok.test", False),
        ("u%far.test@example.test", False),
        ("u%ok.test@example.test", True),
        ("u@far.test@ok.test", False),
    ],
)
def test_reject_unauth_destination(bench, recipient, authorised):
    config = {
        "myorigin": "example.test",
        "virtual_alias_domains": "alias.test",
        "virtual_mailbox_domains": "box.test",
        "inet_interfaces": "127.0.0.1",
        "smtpd_reject_unlisted_recipient": "no",
    }
    b = bench(config | {LIST: OPEN})
    assert rcpt(b, recipient) == ("" if authorised else "554 5.7.1 Relay access denied")
    b = bench(config | {LIST: "defer_unauth_destination"})
    assert rcpt(b, recipient) == ("" if authorised else "454 4.7.1 Relay access denied")
    b = bench(config | {LIST: "permit_auth_destination, reject"})
    assert rcpt(b, recipient) == ("" if authorised else "554 5.7.1 Access denied")


def test_untrusted_routing_may_be_allowed(bench):
    b = bench({LIST: OPEN, "allow_untrusted_routing": "yes"})
    assert rcpt(b, "u%far.test@ok.test") == ""


def test_relay_denial_has_no_class_in_its_text(bench):
    assert bench().rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Relay access denied"


def test_check_relay_domains(bench):
    b = bench({LIST: "check_relay_domains"})
    assert rcpt(b, "u@ok.test") == ""
    assert b.rcpt(b.session(name="x.ok.test"), "u@far.test") == ""
    s = b.session(name="mail.far.test")
    assert b.rcpt(s, "u@far.test") == "554 5.7.1 <u@far.test>: Recipient address rejected: Relay access denied"


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [("u@ok.test", ""), ("u@[127.0.0.1]", ""), ("u", "504 5.5.2 need fully-qualified address")],
)
def test_reject_non_fqdn_recipient(bench, recipient, reply):
    config = {"inet_interfaces": "127.0.0.1", LIST: f"reject_non_fqdn_recipient, {OPEN}"}
    assert rcpt(bench(config), recipient) == reply


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("u@ok.test", "450 4.1.2 Domain not found"),
        ("u@a.test", ""),
        ("u@example.test", ""),
        ("u@none.test", "450 4.1.2 Domain not found"),
        ("u@nullmx.test", "556 5.1.10 Domain nullmx.test does not accept mail (nullMX)"),
        ("u@badmx.test", "450 4.1.2 Malformed DNS server reply"),
    ],
)
def test_reject_unknown_recipient_domain(bench, recipient, reply):
    dns = {"a.test A": ["192.0.2.9"], "nullmx.test MX": ["0 "], "badmx.test MX": ["1 -bad"]}
    b = bench({"relay_domains": "static:all", LIST: f"reject_unknown_recipient_domain, {OPEN}"}, dns)
    assert rcpt(b, recipient) == reply


@pytest.mark.parametrize("element", ["reject_unlisted_recipient", "check_recipient_maps"])
@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("u@ok.test", ""),
        ("U@ok.test", ""),
        ("u+ext@ok.test", ""),
        ("x@ok.test", "550 5.1.1 User unknown in relay recipient table"),
        ("joe@example.test", ""),
        ("x@example.test", "551 5.1.1 User unknown in local recipient table"),
        ("postmaster@example.test", ""),
        ("MAILER-DAEMON@example.test", ""),
        ("double-bounce@example.test", ""),
        ("x@box.test", "552 5.1.1 User unknown in virtual mailbox table"),
        ("all@box.test", ""),
        ("x@alias.test", "553 5.1.1 User unknown in virtual alias table"),
        ("v@alias.test", ""),
        ("x@error.ok.test", "550 5.7.0 go away"),
        ("y@error.ok.test", "550 5.1.1 gone"),
        ("x@retry.ok.test", "450 4.1.1 come back"),
        ("x@far.test", "554 5.7.1 Relay access denied"),
    ],
)
def test_reject_unlisted_recipient(bench, element, recipient, reply):
    config = {
        "recipient_delimiter": "+",
        "relay_recipient_maps": "inline:{u@ok.test=x, error.ok.test=x}",
        "local_recipient_maps": "inline:{joe=x}",
        "virtual_mailbox_domains": "box.test",
        "virtual_mailbox_maps": "inline:{all@box.test=x}",
        "virtual_alias_domains": "alias.test",
        "virtual_alias_maps": "inline:{v@alias.test=x}",
        "transport_maps": "inline:{{error.ok.test=error:5.7.0 go away}, {retry.ok.test=retry:come back},"
        " {y@error.ok.test=error:gone}}",
        "unknown_local_recipient_reject_code": "551",
        "unknown_virtual_mailbox_reject_code": "552",
        "unknown_virtual_alias_reject_code": "553",
    }
    assert rcpt(bench(config | {LIST: f"{element}, {OPEN}"}), recipient) == reply
    assert rcpt(bench(config | {LIST: OPEN}), recipient) == reply  # the same, implied


def test_table_name_may_be_kept_quiet(bench):
    config = {"relay_recipient_maps": "inline:{u@ok.test=x}", "show_user_unknown_table_name": "no"}
    assert rcpt(bench(config), "x@ok.test") == "550 5.1.1 User unknown"


def test_empty_map_knows_everybody(bench):
    assert rcpt(bench({"relay_recipient_maps": "", "local_recipient_maps": ""}), "x@example.test") == ""


MX = {
    "backup.test MX": ["10 primary.test", "20 gw.example.test"],
    "primary.test A": ["192.0.2.50"],
    "byaddr.test MX": ["10 primary.test", "20 us.test"],
    "us.test A": ["192.0.2.25"],
    "weprimary.test MX": ["10 gw.example.test", "20 primary.test"],
    "other.test MX": ["10 primary.test"],
    "late.test MX": "servfail",
    "lost.test MX": ["10 nowhere.test", "20 gw.example.test"],
}


@pytest.mark.parametrize(
    ("recipient", "networks", "reply"),
    [
        ("u@ok.test", "", ""),
        ("u@backup.test", "", ""),
        ("u@byaddr.test", "", ""),
        ("u@backup.test", "192.0.2.0/24", ""),
        ("u@backup.test", "198.51.100.0/24", "554 5.7.1 Access denied"),
        ("u@weprimary.test", "", "554 5.7.1 Access denied"),
        ("u@other.test", "", "554 5.7.1 Access denied"),
        ("u@none.test", "", "554 5.7.1 Access denied"),
        ("u@[192.0.2.1]", "", "554 5.7.1 Access denied"),
        (
            "u@late.test",
            "",
            "450 4.4.4 Unable to look up mail exchanger information: Host not found, try again",
        ),
        ("u@lost.test", "", ""),
        (
            "u@lost.test",
            "192.0.2.0/24",
            "450 4.4.4 Unable to look up mail exchanger host nowhere.test: Name or service not known",
        ),
    ],
)
def test_permit_mx_backup(bench, recipient, networks, reply):
    config = {
        "mydestination": "example.test, gw.example.test",
        "inet_interfaces": "192.0.2.25",
        "permit_mx_backup_networks": networks,
        "smtpd_reject_unlisted_recipient": "no",
        LIST: "permit_mx_backup, reject",
    }
    assert rcpt(bench(config, MX), recipient) == reply
