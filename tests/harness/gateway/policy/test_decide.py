"""Lists in order, flags between them, and the reply at the end."""

from __future__ import annotations

import pytest

from harness.errors import ConfigError

RCPT = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


def test_ok_in_one_list_does_not_skip_the_next(bench):
    b = bench({"smtpd_client_restrictions": "permit", "smtpd_sender_restrictions": "reject"})
    assert b.rcpt() == "554 5.7.1 <a@good.test>: Sender address rejected: Access denied"


def test_delayed_client_rejection_is_logged_at_rcpt(bench):
    b = bench({"smtpd_client_restrictions": "check_client_access inline:{{192.0.2.7=REJECT go away}}"})
    assert b.rcpt() == "554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host rejected: go away"
    assert b.log == [
        "NOQUEUE: reject: RCPT from mail.ok.test[192.0.2.7]: 554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host "
        "rejected: go away; from=<a@good.test> to=<u@ok.test> proto=ESMTP helo=<mail.ok.test>"
    ]


def test_undelayed_rejection_comes_at_its_own_command(bench):
    b = bench({"smtpd_delay_reject": "no", "smtpd_client_restrictions": "reject_unknown_client_hostname"})
    s = b.session(name="unknown", helo=None, sender=None)
    assert b.ask("connect", s) == "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]"
    assert b.log == [
        "NOQUEUE: reject: CONNECT from unknown[192.0.2.7]: 450 4.7.25 Client host rejected: cannot find your hostname, "
        "[192.0.2.7]; proto=ESMTP"
    ]
    s.sender, s.helo_name = "a@good.test", "x"
    assert b.rcpt(s) == ""


def test_undelayed_helo_sees_the_raw_name_and_delayed_the_stored_one(bench):
    config = {"smtpd_helo_restrictions": "check_helo_access static:REJECT"}
    b = bench(config | {"smtpd_delay_reject": "no"})
    s = b.session(helo=None)
    assert b.ask("helo", s, "a@b") == "554 5.7.1 <a@b>: Helo command rejected: Access denied"
    assert s.helo_name is None
    b = bench(config)
    s = b.session(helo="a?b")
    assert b.ask("helo", s, "a@b") == ""
    assert b.rcpt(s) == "554 5.7.1 <a?b>: Helo command rejected: Access denied"


def test_relay_list_comes_first_at_level_3_6_and_last_below(bench):
    lists = {"smtpd_relay_restrictions": OPEN, RCPT: "reject"}
    assert bench(lists).rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Relay access denied"
    b = bench(lists | {"compatibility_level": "2"})
    assert b.rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Recipient address rejected: Access denied"
    assert b.log[1] == (
        "using backwards-compatible default setting smtpd_relay_before_recipient_restrictions=no to reject recipient "
        '"u@far.test" from client "mail.ok.test[192.0.2.7]"'
    )


def test_ok_in_the_recipient_list_opens_no_relay(bench):
    b = bench({"smtpd_relay_restrictions": OPEN, RCPT: "check_recipient_access static:OK"})
    assert b.rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Relay access denied"


def test_postmaster_alone_passes_everything_but_not_with_a_domain(bench):
    b = bench({"smtpd_client_restrictions": "reject"})
    assert b.rcpt(recipient="PostMaster") == ""
    assert b.rcpt(recipient="postmaster@ok.test").startswith("554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host")


def test_the_sender_of_probes_passes_everything(bench):
    b = bench({"smtpd_client_restrictions": "reject"})
    assert b.rcpt(recipient="double-bounce@gw.example.test") == ""


def test_warn_if_reject_covers_one_element(bench):
    b = bench({RCPT: f"warn_if_reject reject, check_recipient_access static:REJECT, {OPEN}"})
    assert b.rcpt() == "554 5.7.1 <u@ok.test>: Recipient address rejected: Access denied"
    assert [line.split(":")[1] for line in b.log] == [" reject_warning", " reject"]


def test_warn_if_reject_covers_a_whole_class(bench):
    config = {"smtpd_restriction_classes": "strict", "strict": "defer, reject", RCPT: f"warn_if_reject strict, {OPEN}"}
    b = bench(config)
    assert b.rcpt() == ""
    assert [line.split(": ")[3].split(" ")[0] for line in b.log] == ["450", "554"]


def test_warn_if_reject_does_not_soften_configuration_errors(bench):
    b = bench({RCPT: f"warn_if_reject no_such_thing, {OPEN}"})
    assert b.rcpt() == "451 4.3.5 Server configuration error"
    assert b.log[0] == 'warning: unknown smtpd restriction: "no_such_thing"'


def test_warn_if_reject_on_temporary_trouble_sets_no_flag(bench):
    dns = {"good.test *": "servfail"}
    b = bench({RCPT: f"warn_if_reject reject_unknown_sender_domain, {OPEN}"}, dns)
    assert b.rcpt() == ""
    assert b.log[0].startswith("NOQUEUE: reject_warning: RCPT from mail.ok.test[192.0.2.7]: 450 4.1.8 <a@good.test>")


def test_temporary_trouble_defers_only_what_would_be_permitted(bench):
    dns = {"good.test *": "servfail"}
    b = bench({RCPT: f"reject_unknown_sender_domain, {OPEN}"}, dns)
    assert b.rcpt() == "450 4.1.8 <a@good.test>: Sender address rejected: Domain not found"
    assert b.rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Relay access denied"


def test_deferral_of_an_earlier_list_is_paid_at_rcpt(bench):
    b = bench({"smtpd_helo_restrictions": "reject_unknown_helo_hostname"}, {"mail.ok.test *": "servfail"})
    assert b.rcpt() == "450 4.7.1 <mail.ok.test>: Helo command rejected: Host not found"


def test_deferral_of_an_undelayed_list_is_paid_at_rcpt(bench):
    config = {"smtpd_delay_reject": "no", "smtpd_helo_restrictions": "reject_unknown_helo_hostname"}
    b = bench(config, {"mail.ok.test *": "servfail"})
    s = b.session()
    assert [b.ask("connect", s), b.ask("helo", s, "mail.ok.test"), b.ask("mail", s)] == ["", "", ""]
    assert b.rcpt(s) == "450 4.7.1 <mail.ok.test>: Helo command rejected: Host not found"


def test_first_reason_of_a_deferral_is_kept(bench):
    b = bench({RCPT: f"reject_unknown_sender_domain, defer_if_permit, {OPEN}"}, {"good.test *": "servfail"})
    assert b.rcpt().startswith("450 4.1.8")


def test_defer_if_reject_softens_a_later_5xx_of_the_same_phase_only(bench):
    b = bench({RCPT: f"defer_if_reject, {OPEN}"})
    assert b.rcpt(recipient="u@far.test") == (
        "450 4.7.0 <u@far.test>: Recipient address rejected: defer_if_reject requested"
    )
    b = bench({"smtpd_sender_restrictions": "defer_if_reject"})
    assert b.rcpt(recipient="u@far.test") == "554 5.7.1 <u@far.test>: Relay access denied"


def test_both_flags_end_the_list(bench):
    b = bench({RCPT: f"defer_if_permit, defer_if_reject, reject, {OPEN}"})
    assert b.rcpt() == "450 4.7.0 <u@ok.test>: Recipient address rejected: defer_if_permit requested"


def test_discard_silences_every_later_list_until_the_transaction_ends(bench):
    b = bench({"smtpd_sender_restrictions": "check_sender_access inline:{a@good.test=DISCARD}", RCPT: "reject"})
    s = b.session()
    assert b.rcpt(s, "u@far.test") == ""
    assert [(wish.action, wish.argument) for wish in s.wishes] == [("DISCARD", "")]
    assert b.log == [
        "NOQUEUE: discard: RCPT from mail.ok.test[192.0.2.7]: <a@good.test>: Sender address triggers DISCARD action; "
        "from=<a@good.test> to=<u@far.test> proto=ESMTP helo=<mail.ok.test>"
    ]
    s.reset_transaction()
    s.sender = "b@good.test"
    assert b.rcpt(s, "u@far.test") == "554 5.7.1 <u@far.test>: Recipient address rejected: Access denied"


def test_wishes_survive_the_recipient_that_made_them(bench):
    b = bench({RCPT: f"check_recipient_access inline:{{far.test=HOLD}}, {OPEN}"})
    s = b.session()
    assert b.rcpt(s, "u@far.test").startswith("554")
    assert b.rcpt(s) == ""
    assert [wish.action for wish in s.wishes] == ["HOLD"]


def test_hold_is_wished_once_and_prepend_for_every_recipient(bench):
    table = "inline:{mail.ok.test=hold_and_mark}"
    config = {
        "smtpd_restriction_classes": "hold_and_mark",
        "hold_and_mark": "check_client_access static:HOLD, check_client_access static:{PREPEND X-Seen: yes}",
        "smtpd_client_restrictions": f"check_client_access {table}",
    }
    b = bench(config)
    s = b.session()
    assert [b.rcpt(s), b.rcpt(s, "v@ok.test")] == ["", ""]
    assert [wish.action for wish in s.wishes] == ["HOLD", "PREPEND", "PREPEND"]


def test_data_and_end_of_data_know_the_recipient_only_when_there_is_one(bench):
    check = "check_recipient_access static:REJECT"
    b = bench({"smtpd_data_restrictions": check, "smtpd_end_of_data_restrictions": check})
    s = b.session()
    b.rcpt(s)
    assert b.ask("data", s) == "554 5.7.1 <u@ok.test>: Recipient address rejected: Access denied"
    b.rcpt(s, "v@ok.test")
    assert b.ask("data", s) == ""
    assert b.ask("end_of_data", s) == ""


def test_bare_table_at_data_is_a_mistake(bench):
    b = bench({"smtpd_data_restrictions": "static:OK"})
    s = b.session()
    assert b.ask("data", s) == "451 4.3.5 Server configuration error"
    assert b.log[0].startswith("warning: specify one of (check_client_access, ")


def test_end_of_data_names_itself(bench):
    b = bench({"smtpd_end_of_data_restrictions": "reject"})
    s = b.session()
    b.rcpt(s)
    assert b.ask("end_of_data", s) == "554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied"
    assert "reject: END-OF-MESSAGE from" in b.log[-1]


def test_flag_of_a_refused_recipient_is_forgotten_at_data(bench):
    config = {RCPT: f"check_recipient_access inline:{{bad@ok.test=defer_if_permit}}, {OPEN}"}
    b = bench(config | {"smtpd_data_restrictions": "reject_unauth_pipelining"})
    s = b.session()
    assert b.rcpt(s) == ""
    assert b.rcpt(s, "bad@ok.test") == "450 4.7.1 <bad@ok.test>: Recipient address rejected: Service unavailable"
    assert b.ask("data", s) == ""


def test_etrn_asks_client_helo_and_its_own_list(bench):
    b = bench({"smtpd_etrn_restrictions": "check_etrn_access inline:{ok.test=REJECT}"})
    s = b.session(sender=None)
    s.etrn_domain = "sub.ok.test"
    assert b.ask("etrn", s) == "554 5.7.1 <sub.ok.test>: Etrn command rejected: Access denied"
    b = bench({"smtpd_client_restrictions": "reject"})
    assert b.ask("etrn", s) == "554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host rejected: Access denied"


def test_vrfy_is_asked_like_rcpt(bench):
    b = bench()
    s = b.session(sender=None)
    s.recipient = "u@far.test"
    assert b.ask("vrfy", s) == "554 5.7.1 <u@far.test>: Relay access denied"


def test_size_over_the_limit_is_refused_and_logged(bench):
    b = bench({"message_size_limit": "1000"})
    s = b.session()
    s.where, s.phase = "MAIL", "mail"
    assert b.policy.size(s, 1000).reply is None
    assert str(b.policy.size(s, 1001).reply) == "552 5.3.4 Message size exceeds fixed limit"
    assert b.log[-1] == (
        "NOQUEUE: reject: MAIL from mail.ok.test[192.0.2.7]: 552 5.3.4 Message size exceeds fixed limit; "
        "from=<a@good.test> proto=ESMTP helo=<mail.ok.test>"
    )


def test_soft_bounce_turns_5xx_into_4xx_in_reply_and_log(bench):
    b = bench({"soft_bounce": "yes", RCPT: "reject"})
    assert b.rcpt().startswith("454 4.7.1 ")
    assert "454 4.7.1 <u@ok.test>" in b.log[0]


def test_code_that_is_no_refusal_becomes_450(bench):
    b = bench({"reject_code": "200", RCPT: "reject"})
    assert b.rcpt() == "450 4.7.1 Service unavailable"
    assert b.log[0].startswith("warning: SMTP reply code configuration error: 200 5.7.1 <u@ok.test>")


def test_long_reply_is_sent_whole(bench):
    b = bench({RCPT: f"check_recipient_access inline:{{{{ok.test=REJECT {'x' * 600}}}}}, {OPEN}"})
    assert b.rcpt() == f"554 5.7.1 <u@ok.test>: Recipient address rejected: {'x' * 600}"


def test_queue_id_is_logged_once_there_is_one(bench):
    b = bench()
    s = b.session()
    s.queue_id = "4F2A"
    b.rcpt(s, "u@far.test")
    assert b.log[0].startswith("4F2A: reject: RCPT from ")


def test_implied_unlisted_check_runs_after_ok(bench):
    config = {"relay_recipient_maps": "inline:{known@ok.test=x}", RCPT: f"check_recipient_access static:OK, {OPEN}"}
    b = bench(config)
    assert b.rcpt(recipient="known@ok.test") == ""
    assert b.rcpt() == "550 5.1.1 <u@ok.test>: Recipient address rejected: User unknown in relay recipient table"


def test_unlisted_check_is_made_once(bench):
    config = {"relay_recipient_maps": "inline:{known@ok.test=x}"}
    b = bench(config | {RCPT: f"warn_if_reject reject_unlisted_recipient, {OPEN}"})
    assert b.rcpt().startswith("550 5.1.1")  # warned about first, then really refused
    assert [line.split(": ")[1] for line in b.log] == ["reject_warning", "reject"]
    b = bench(config | {RCPT: f"reject_unlisted_recipient, {OPEN}", "smtpd_reject_unlisted_recipient": "no"})
    assert b.rcpt().startswith("550 5.1.1")


def test_unlisted_sender_is_refused_when_asked_for(bench):
    b = bench({"smtpd_reject_unlisted_sender": "yes", "relay_recipient_maps": "inline:{known@ok.test=x}"})
    s = b.session(sender="who@ok.test")
    assert b.rcpt(s, "known@ok.test") == (
        "550 5.1.0 <who@ok.test>: Sender address rejected: User unknown in relay recipient table"
    )


def test_deferral_is_checked_before_the_implied_check(bench):
    b = bench({RCPT: f"defer_if_permit, {OPEN}", "relay_recipient_maps": "inline:{known@ok.test=x}"})
    assert b.rcpt().startswith("450 4.7.0")


@pytest.mark.parametrize(
    ("relay", "recipient", "starts"),
    [
        ("", "permit_mynetworks", False),
        ("permit", "permit, reject", False),
        ("", "warn_if_reject reject", False),
        ("", "strict", True),
        ("", "REJECT_UNAUTH_DESTINATION", True),
        ("defer_unauth_destination", "permit", True),
        ("", "check_relay_domains", True),
    ],
)
def test_a_policy_that_refuses_nobody_does_not_start(bench, relay, recipient, starts):
    config = {
        "smtpd_relay_restrictions": relay,
        RCPT: recipient,
        "smtpd_restriction_classes": "strict",
        "strict": "defer",
    }
    if starts:
        bench(config)
        return
    with pytest.raises(ConfigError, match="specify at least one working instance of: reject_unauth_destination, "):
        bench(config)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"unknown_address_tempfail_action": "reject"}, "bad configuration: unknown_address_tempfail_action = reject"),
        ({"smtpd_restriction_classes": "strict"}, "restriction class `strict' needs a definition"),
        ({RCPT: f"{OPEN}, reject_rbl_client rbl.test=127.0.0"}, "RBL reply error: "),
    ],
)
def test_what_smtpd_dies_of_is_an_error_at_start(bench, config, words):
    with pytest.raises(ConfigError, match=words):
        bench(config)


def test_class_names_are_case_sensitive_and_restrictions_are_not(bench):
    classes = {"smtpd_restriction_classes": "strict", "strict": "reject"}
    assert bench(classes | {RCPT: "STRICT, reject"}).rcpt() == "451 4.3.5 Server configuration error"
    assert bench({RCPT: "Reject"}).rcpt().startswith("554")


def test_elements_after_permit_are_ignored_with_a_warning(bench):
    b = bench({"smtpd_client_restrictions": "permit, reject"})
    assert b.rcpt() == ""
    assert b.log == ["warning: restriction `reject' after `permit' is ignored"]
