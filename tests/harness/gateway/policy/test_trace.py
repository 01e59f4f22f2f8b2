"""The trace names every rule that was asked, what it said, and the one that decided."""

from __future__ import annotations

from harness.gateway.session import Session

RCPT = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


def test_trace_shows_every_element_and_marks_the_one_that_decided(bench):
    b = bench({RCPT: f"permit_mynetworks, check_sender_access inline:{{{{a@good.test=REJECT no}}}}, {OPEN}"})
    s = b.session()
    b.rcpt(s)
    assert [(a.place, a.element, a.decided) for a in s.trace] == [
        (RCPT, "permit_mynetworks", False),
        (RCPT, "check_sender_access inline:{{a@good.test=REJECT no}}", False),
        ("inline:{{a@good.test=REJECT no}}", "a@good.test", True),
    ]
    assert s.trace[0].said == "DUNNO"
    assert s.trace[2].said == "554 5.7.1 <a@good.test>: Sender address rejected: no"
    assert s.trace[1].rule.file == "main.cf"


def test_deferral_that_comes_due_is_traced_to_the_line_that_raised_it(bench):
    b = bench({RCPT: f"reject_unknown_sender_domain, {OPEN}"}, {"good.test *": "servfail"})
    s: Session = b.session()
    b.rcpt(s)
    assert [(a.element, a.said.split(" ")[0], a.decided) for a in s.trace] == [
        ("reject_unknown_sender_domain", "defer_if_permit", False),
        (OPEN, "DUNNO", False),
        ("reject_unknown_sender_domain", "450", True),
    ]


def test_level_0_says_what_the_modern_default_would_have_done(bench):
    unset = {"compatibility_level": "0", "smtpd_relay_restrictions": None}
    b = bench(unset | {RCPT: "check_recipient_access static:OK, reject"})
    s = b.session()
    assert [b.rcpt(s), b.log] == ["", []]
    assert b.rcpt(s, "u@far.test") == ""
    assert b.log == [
        'using backwards-compatible default setting "smtpd_relay_restrictions = (empty)" to avoid "Relay access '
        'denied" error for recipient "u@far.test" from client "mail.ok.test[192.0.2.7]"'
    ]
    assert [a.element for a in s.trace if a.place == "smtpd_relay_restrictions"] == []


def test_permits_are_logged_when_asked_for(bench):
    b = bench(
        {
            "smtpd_log_access_permit_actions": "permit_mynetworks, OK",
            "smtpd_client_restrictions": "permit_mynetworks",
            "smtpd_sender_restrictions": "check_sender_access static:OK",
        }
    )
    b.rcpt(b.session(address="127.0.0.1", name="localhost"))
    assert [line.split("]: ")[1].split(";")[0] for line in b.log] == [
        "action=permit_mynetworks for Client host=localhost[127.0.0.1] ",
        "action=OK for Sender address=a@good.test from static:OK",
    ]


def test_broken_map_is_temporary_trouble_when_it_is_asked(bench):
    b = bench({"relay_recipient_maps": "texthash:/etc/postfix/nowhere", "transport_maps": "nonsense:x"})
    assert b.rcpt() == "451 4.3.0 <u@ok.test>: Temporary lookup failure"
    b = bench({"relay_recipient_maps": "texthash:/etc/postfix/nowhere"})
    assert b.rcpt() == "451 4.3.0 <u@ok.test>: Temporary lookup failure"
    assert b.rcpt(recipient="u@example.test") == ""
