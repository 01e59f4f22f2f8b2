from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fakedns
from fakedns.fault import Rcode
from fakedns.wire import SERVFAIL
from harness.corpus.mix import generated, read_mix
from harness.corpus.sample import Sample
from harness.gateway.session import Asked
from harness.impact.decide import Decider
from harness.impact.fate import Fate
from harness.impact.source import Shard, sources
from harness.impact.wire import planned
from harness.impact.world import World
from harness.replay.script import parse_chat

from .conftest import MESSAGE, ZONE, Rules, sample

RBL = {"smtpd_recipient_restrictions": "reject_rbl_client rbl.test, permit"}


def test_a_good_mail_reaches_its_recipients(rules: Rules, world: World) -> None:
    fate = Decider(rules("old", RBL), world).decide(sample())
    assert (fate.verdict, fate.code, fate.reached, fate.refused) == ("accept", 250, ("b@ok.test",), ())
    assert fate.cause.text == "permit" and fate.digest and "queued as" not in fate.text


def test_a_listed_client_is_refused_by_that_line(rules: Rules, world: World) -> None:
    fate = Decider(rules("old", RBL), world).decide(sample(client="192.0.2.66"))
    assert (fate.verdict, fate.phase, fate.code) == ("reject", "rcpt", 554)
    assert fate.refused == ("b@ok.test",) and fate.cause.text == "reject_rbl_client"


def test_the_same_session_has_the_same_fate_again(rules: Rules, world: World) -> None:
    decider = Decider(rules("old", RBL), world)
    first = [decider.decide(sample()), decider.decide(sample(client="192.0.2.66"))]
    assert [decider.decide(sample()), decider.decide(sample(client="192.0.2.66"))] == first


def test_one_recipient_of_two_may_be_refused(rules: Rules, world: World) -> None:
    fate = Decider(rules("old"), world).decide(sample(recipients=("b@ok.test", "c@other.test")))
    assert (fate.verdict, fate.reached, fate.refused) == ("accept", ("b@ok.test",), ("c@other.test",))


def test_a_script_is_played_as_it_is_written(rules: Rules, world: World) -> None:
    chat = "S: 220\nC: EHLO x.test\nS* 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<c@other.test>\nS: 554\n"
    fate = Decider(rules("old"), world).decide(sample(script=parse_chat(chat, {}, "chat")))
    assert (fate.verdict, fate.refused) == ("reject", ("c@other.test",))


def test_a_client_that_has_a_name_keeps_it(rules: Rules, world: World) -> None:
    decider = Decider(rules("old", {"smtpd_client_restrictions": "reject_unknown_client_hostname"}), world)
    assert decider.decide(sample(client="192.0.2.99")).verdict == "defer"
    assert decider.decide(sample(client="192.0.2.99", name="any.good.test")).verdict == "accept"


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff\r\n", b".\r\n", b"no header at all", MESSAGE[:-2], b"\r\n.\r\nQUIT\r\n"]
)
def test_no_content_is_too_odd(rules: Rules, world: World, data: bytes) -> None:
    assert Decider(rules("old"), world).decide(sample(data=data)).verdict == "accept"


def test_what_breaks_one_session_fails_that_session(rules: Rules, world: World) -> None:
    fate = Decider(rules("old"), world).decide(sample(client="not an address"))
    assert fate.verdict == "failed" and "not an address" in fate.failure


CORPUS = Path(__file__).parents[3] / "corpus"
ODD = (
    {"sender": "a b@good.test"}, {"sender": "<>"}, {"sender": '"a\\"b"@good.test'}, {"sender": "@x,@y:a@good.test"},
    {"sender": "nodomain"}, {"sender": "a%b@ok.test"}, {"sender": "\u00fc@good.test"}, {"sender": "a@[192.0.2.1]"},
    {"sender": "A+Ext@GOOD.test"}, {"sender": "a@.."}, {"sender": "x" * 600 + "@good.test"}, {"params": "SIZE=100"},
    {"params": "SIZE=99999999"}, {"params": "BODY=8BITMIME"}, {"params": "NONSENSE"}, {"recipients": ("postmaster",)},
    {"recipients": ("b@ok.test", "b@ok.test", "c@other.test", "u!v@ok.test")}, {"recipients": ("b @ok.test",)},
    {"helo": "[192.0.2.7]"}, {"helo": "[IPv6:2001:db8::1]"}, {"helo": "two words"}, {"helo": "from:"}, {"helo": "x;y"},
    {"client": "2001:db8::7"}, {"name": "mail.good.test"}, {"name": "a.test", "reverse_name": "b.test"},
    {"login": "somebody"}, {"data": b""}, {"data": b"a\nb\r\n"}, {"data": b"a\r\r\n"}, {"data": b".\r\n..\r\n"},
    {"data": b"no end"}, {"data": b" first\r\n"}, {"data": b"From me\r\n"}, {"data": b"x\n.\r\ny\r\n"},
    {"data": b"x" * 1_200_000 + b"\r\n"}, {"data": b"line\r\n" * 2000},
)  # fmt: skip


def in_bytes(one: Sample, decider: Decider) -> tuple[Fate, list[Asked]]:
    """The same mail as a client's dialogue, byte for byte as it goes over a wire, and nothing remembered."""
    session = planned(one, decider.world, "1")
    fate = decider.decide(replace(one, script=session.script, identity=session.identity))
    return fate, list(decider.trace)


LISTED = fakedns.parse_zone(f"{ZONE}good.test.rbl.test. A 127.0.0.2\n7.2.0.192.rbl.test. A 127.0.0.2\n")


def test_a_refusal_is_remembered_for_whom_it_names(rules: Rules) -> None:
    """reject_rhsbl_sender goes by the domain and names the address; a template may name what changes."""
    for number, extra in enumerate(({}, {"default_rbl_reply": "$rbl_code for $helo_name"})):
        lists = {"smtpd_recipient_restrictions": "reject_rhsbl_sender rbl.test, reject_rbl_client rbl.test"}
        decider = Decider(rules(str(number), lists | extra), World(LISTED))
        for _ in range(2):
            texts = [
                decider.decide(sample(sender=sender, helo=helo)).text
                for sender, helo in (("a@good.test", "a.test"), ("b@good.test", "b.test"), ("c@ok.test", "c.test"))
            ]
            if extra:
                assert texts == ["554 5.7.1 for a.test", "554 5.7.1 for b.test", "554 5.7.1 for c.test"]
            else:
                assert ["[a@good.test]" in texts[0], "[b@good.test]" in texts[1], "[192.0.2.7]" in texts[2]] == [
                    True
                ] * 3


def test_what_a_world_says_that_changes_is_not_remembered(rules: Rules) -> None:
    flaps = fakedns.Fault("*.rbl.test", "any", Rcode(SERVFAIL), times=2)
    decider = Decider(rules("old", RBL), World(LISTED, (flaps,)))
    assert [decider.decide(sample()).verdict for _ in range(3)] == ["accept", "reject", "reject"]


def told(fate: Fate) -> Fate:
    return replace(fate, phase="end_of_data") if fate.phase == "quit" else fate


def odd(world: World) -> Iterator[Sample]:
    for number, fields in enumerate(ODD):
        yield sample(id=str(number), **fields)


@pytest.mark.parametrize("gateway", ["paper-2003", "paper-2003-as-meant"])
def test_words_and_memory_change_nothing_about_a_generated_corpus(gateway: str) -> None:
    path = CORPUS / "mixes" / "paper.mix"
    world = sources["mix"]().world(Shard("mix", str(path), 0, 1))
    quick, plain = (Decider(CORPUS / "gateways" / gateway, world) for _ in range(2))
    for one in [*generated(read_mix(path), 0, 250), *generated(read_mix(path), 100, 200)]:  # some of them twice
        assert (told(quick.decide(one)), quick.trace) == in_bytes(one, plain), one.id


@pytest.mark.parametrize("lists", [
    {"smtpd_recipient_restrictions": "check_sender_access regexp:{{/^u/ REJECT}}, reject_rbl_client rbl.test, permit"},
    {"smtpd_sender_restrictions": "reject_unknown_sender_domain, reject_non_fqdn_sender, reject_rhsbl_sender rbl.test",
     "smtpd_helo_restrictions": "reject_invalid_helo_hostname, warn_if_reject reject_unknown_helo_hostname",
     "smtpd_delay_reject": "no", "smtpd_data_restrictions": "reject_multi_recipient_bounce"},
    {"strict_rfc821_envelopes": "yes", "smtpd_client_restrictions": "permit_mynetworks, reject_unknown_client_hostname",
     "smtpd_forbid_bare_newline": "reject", "message_size_limit": "1000000"},
    {"smtpd_recipient_restrictions": "check_sender_access inline:{{good.test=WARN seen}}, check_sender_access "
     "randmap:{DUNNO, REJECT no, OK}, reject_rhsbl_sender rbl.test, reject_rhsbl_recipient rbl.test"},
    {"smtpd_recipient_restrictions": "reject_rhsbl_sender rbl.test, reject_rbl_client rbl.test",
     "default_rbl_reply": "$rbl_code $rbl_what $sender $helo_name"},
    {"smtpd_hard_error_limit": "1", "smtpd_recipient_limit": "1", "smtpd_client_message_rate_limit": "1"},
])  # fmt: skip
def test_words_and_memory_change_nothing_about_odd_mail(rules: Rules, world: World, lists: dict[str, str]) -> None:
    directory = rules("odd", lists)
    quick, plain = Decider(directory, world), Decider(directory, world)
    for one in [*odd(world), *odd(world)]:
        assert (told(quick.decide(one)), quick.trace) == in_bytes(one, plain), one
