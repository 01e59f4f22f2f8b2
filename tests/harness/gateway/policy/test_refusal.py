"""From a Reject to the reply, and what a log line says of the session."""

from __future__ import annotations

from harness.gateway.policy.refusal import compose, log_context
from harness.gateway.policy.verdict import Reject


def test_status_takes_its_class_from_the_code(bench):
    b = bench()
    reply, line = compose(Reject(450, "1.8", "later"), b.policy.known, b.session())
    assert (str(reply), line) == ("450 4.1.8 later", "450 4.1.8 later")


def test_unprintable_characters_become_blanks(bench):
    b = bench()
    reply, _ = compose(Reject(554, "7.1", "a\tb\udcffc é"), b.policy.known, b.session())
    assert reply.text == "a b c é"
    b = bench({"smtputf8_enable": "no"})
    assert compose(Reject(554, "7.1", "é"), b.policy.known, b.session())[0].text == " "


def test_log_context_says_what_is_known(bench):
    b = bench()
    s = b.session(sender=None, helo=None)
    assert log_context(s) == " proto=ESMTP"
    s.sender, s.recipient, s.helo_name = "a b@good.test", "u@ok.test", "x"
    assert log_context(s) == ' from=<"a b"@good.test> to=<u@ok.test> proto=ESMTP helo=<x>'
