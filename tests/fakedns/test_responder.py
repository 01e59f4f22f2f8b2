"""responder: query bytes in, reply bytes out, dnspython reading both."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedns import (
    Answer,
    Delay,
    Fault,
    Forged,
    NoEdns,
    QueryLog,
    Rcode,
    Responder,
    Silence,
    Truncate,
    WrongId,
    parse_zone,
)

ZONE = parse_zone("ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8\nbig.test. TXT " + f'"{"x" * 250}" ' * 8)


def ask(responder: Responder, name: str, rtype: str, transport: str = "udp", **options: object) -> dns.message.Message:
    query = dns.message.make_query(name, rtype, **options)  # type: ignore[arg-type]
    response = responder.answer(query.to_wire(), transport)  # type: ignore[arg-type]
    assert response.wire is not None
    reply = dns.message.from_wire(response.wire)
    assert query.is_response(reply)
    return reply


def test_answers_are_those_of_the_zone_and_authoritative() -> None:
    reply = ask(Responder(ZONE), "ok.test", "MX")
    assert [str(rr) for rr in reply.answer] == ["ok.test. 60 IN MX 10 mail.ok.test."]
    assert reply.flags & dns.flags.AA


def test_a_kept_answer_takes_the_next_query_s_id_and_spelling() -> None:
    responder = Responder(ZONE)
    first, second = ask(responder, "ok.test", "MX"), ask(responder, "OK.tesT", "MX")
    assert second.question[0].name.to_text() == "OK.tesT."
    assert first.answer[0] == second.answer[0]


def test_no_has_the_soa_of_its_zone() -> None:
    for name, rcode in (("no.test", dns.rcode.NXDOMAIN), ("ok.test", dns.rcode.NOERROR)):
        reply = ask(Responder(ZONE), name, "AAAA")
        assert reply.rcode() == rcode and not reply.answer
        assert reply.authority[0].rdtype == dns.rdatatype.SOA


def test_outside_is_refused_or_missing_and_always_noted() -> None:
    for strict, rcode in ((True, dns.rcode.REFUSED), (False, dns.rcode.NXDOMAIN)):
        log = QueryLog()
        assert ask(Responder(ZONE, log=log, strict=strict), "example.com", "A").rcode() == rcode
        assert [asked.name for asked in log.undeclared()] == ["example.com"]


def test_faults_do_what_they_say() -> None:
    faults = [
        Fault("silent.test", "any", Silence()),
        Fault("broken.test", "any", Rcode(2)),
        Fault("slow.test", "any", Delay(1.5)),
        Fault("ok.test", "A", Answer((("A", "127.255.255.254"),))),
        Fault("mail.ok.test", "any", Truncate()),
        Fault("here.test", "any", Silence(), session="alone"),
    ]
    log = QueryLog()
    responder = Responder(ZONE, faults, log)
    assert responder.answer(dns.message.make_query("silent.test", "A").to_wire()).wire is None
    assert ask(responder, "broken.test", "A").rcode() == dns.rcode.SERVFAIL
    assert responder.answer(dns.message.make_query("slow.test", "A").to_wire()).delay_s == 1.5
    assert ask(responder, "ok.test", "A").answer[0][0].to_text() == "127.255.255.254"
    assert ask(responder, "mail.ok.test", "A").flags & dns.flags.TC
    assert ask(responder, "mail.ok.test", "A", "tcp").answer[0][0].to_text() == "192.0.2.8"
    log.session = "alone"
    assert responder.answer(dns.message.make_query("here.test", "A").to_wire()).wire is None
    assert [a.outcome for a in log.entries] == [
        "silence", "SERVFAIL", "NXDOMAIN", "NOERROR", "truncated", "NOERROR", "silence",
    ]  # fmt: skip
    assert log.entries[-1].session == "alone"


def test_what_does_not_fit_is_truncated() -> None:
    responder = Responder(ZONE)
    assert ask(responder, "big.test", "TXT").flags & dns.flags.TC
    assert ask(responder, "big.test", "TXT", use_edns=0, payload=4096).flags & dns.flags.TC
    assert len(ask(responder, "big.test", "TXT", "tcp").answer[0][0].strings) == 8


def test_edns_is_answered_with_edns() -> None:
    assert ask(Responder(ZONE), "ok.test", "MX", use_edns=0).edns == 0
    assert ask(Responder(ZONE), "ok.test", "MX").edns == -1


@pytest.mark.parametrize(("change", "rcode"), [(b"\x28", dns.rcode.NOTIMP)])
def test_other_opcodes_are_not_implemented(change: bytes, rcode: dns.rcode.Rcode) -> None:
    query = bytearray(dns.message.make_query("ok.test", "A").to_wire())
    query[2:3] = change
    response = Responder(ZONE).answer(bytes(query))
    assert response.wire is not None and response.wire[3] & 0xF == rcode


def test_a_zone_that_changes_changes_the_answers() -> None:
    zone = parse_zone("a.test. A 192.0.2.1")
    responder = Responder(zone)
    assert ask(responder, "b.test", "A").rcode() == dns.rcode.NXDOMAIN
    zone.add("b.test", "A", "192.0.2.2")
    assert ask(responder, "b.test", "A").answer


@given(st.binary(max_size=200), st.sampled_from(["udp", "tcp"]))
def test_any_bytes_get_a_reply_or_none_and_never_raise(data: bytes, transport: str) -> None:
    response = Responder(ZONE).answer(data, transport)  # type: ignore[arg-type]
    assert response.wire is None or response.wire[:2] == data[:2]


def test_the_same_datagram_again_is_answered_as_anew() -> None:
    """The store of whole replies: own id, own entry in the log, and nothing kept past a change of the zone."""
    zone = parse_zone("ok.test. A 192.0.2.8")
    log = QueryLog()
    responder = Responder(zone, log=log)
    query = dns.message.make_query("ok.test", "A", id=1).to_wire()
    first = responder.answer(query, client=("127.0.0.1", 1)).wire
    log.session = "two"
    second = responder.answer(b"\0\2" + query[2:], client=("127.0.0.1", 2)).wire
    assert first is not None and second == b"\0\2" + first[2:]
    assert [(asked.client, asked.session) for asked in log.entries] == [
        (("127.0.0.1", 1), None),
        (("127.0.0.1", 2), "two"),
    ]
    zone.add("ok.test", "A", "192.0.2.9")
    third = responder.answer(query).wire
    assert third is not None and len(dns.message.from_wire(third).answer[0]) == 2
    responder.faults.begin(Fault("ok.test", "any", Silence()))
    assert responder.answer(query).wire is None


def test_a_wrong_id_answers_nothing_over_udp_and_all_is_well_over_tcp() -> None:
    responder = Responder(ZONE, [Fault("ok.test", "any", WrongId())])
    query = dns.message.make_query("ok.test", "MX", id=1)
    wire = responder.answer(query.to_wire()).wire
    assert wire is not None and dns.message.from_wire(wire).id == 0xFFFE
    assert responder.log.entries[-1].outcome == "wrong id"
    assert ask(responder, "ok.test", "MX", "tcp").answer


def test_a_forged_answer_comes_first_and_under_a_wrong_id() -> None:
    responder = Responder(ZONE, [Fault("no.test", "any", Forged(Answer((("A", "127.0.0.2"),))))])
    query = dns.message.make_query("no.test", "A", id=1)
    response = responder.answer(query.to_wire())
    assert response.first is not None and response.wire is not None
    forged, right = dns.message.from_wire(response.first), dns.message.from_wire(response.wire)
    assert [str(rr) for rr in forged.answer] == ["no.test. 60 IN A 127.0.0.2"] and not query.is_response(forged)
    assert right.rcode() == dns.rcode.NXDOMAIN and query.is_response(right)
    assert responder.answer(query.to_wire(), "tcp").first is None


def test_a_server_from_before_edns_calls_opt_malformed() -> None:
    responder = Responder(ZONE, [Fault("ok.test", "any", NoEdns())])
    old = ask(responder, "ok.test", "MX", use_edns=0)
    assert old.rcode() == dns.rcode.FORMERR and old.edns == -1 and not old.answer
    assert ask(responder, "ok.test", "MX", use_edns=-1).answer


@pytest.mark.parametrize(
    ("sent", "received"), [(None, 512), (100, 512), (512, 512), (900, 900), (1232, 1232), (65535, 1232)]
)
def test_an_answer_is_as_long_as_the_client_can_take(sent: int | None, received: int) -> None:
    zone = parse_zone("x.test. TXT " + '"aaaaaaaaa" ' * ((received - (47 if sent else 36)) // 10))
    edns = {"use_edns": -1} if sent is None else {"use_edns": 0, "payload": sent}
    assert ask(Responder(zone), "x.test", "TXT", **edns).answer
    zone.add("x.test", "TXT", "a" * 20)
    cut = ask(Responder(zone), "x.test", "TXT", **edns)
    assert cut.flags & dns.flags.TC and not cut.answer


def test_edns_is_answered_in_kind() -> None:
    reply = ask(Responder(ZONE), "ok.test", "MX", use_edns=0, want_dnssec=True)
    assert (reply.edns, reply.payload, reply.ednsflags & dns.flags.DO) == (0, 1232, dns.flags.DO)
    assert ask(Responder(ZONE), "ok.test", "MX", use_edns=-1).edns == -1
    assert ask(Responder(ZONE), "ok.test", "MX", use_edns=7).rcode() == dns.rcode.BADVERS


@pytest.mark.parametrize(
    ("opt", "what"),
    [
        (b"\0\0\x29\x04\xd0\0\0\0\0\0\0", "one"),
        (b"\0\0\x29\x04\xd0\0\0\0\0\0\0" * 2, "two"),
        (b"\1a\0\0\x29\x04\xd0\0\0\0\0\0\0", "not the root's"),
        (b"\0\0\x29\x04\xd0\0\0\0\0\0\5ab", "cut off"),
        (b"\0\0\x29", "shorter still"),
    ],
)
def test_an_opt_that_cannot_be_is_malformed(opt: bytes, what: str) -> None:
    query = bytearray(dns.message.make_query("ok.test", "MX").to_wire())
    query[11] = 2 if what == "two" else 1
    wire = Responder(ZONE).answer(bytes(query) + opt).wire
    assert wire is not None
    assert (wire[3] & 15 == dns.rcode.FORMERR) == (what != "one")


@pytest.mark.parametrize(("rtype", "rcode"), [("AXFR", "NOTIMP"), ("IXFR", "NOTIMP"), ("OPT", "FORMERR")])
def test_what_is_no_question_for_a_record(rtype: str, rcode: str) -> None:
    query = dns.message.make_query("ok.test", rtype)
    wire = Responder(ZONE).answer(query.to_wire(), "tcp").wire
    assert wire is not None and wire[3] & 15 == dns.rcode.from_text(rcode)


def test_any_gives_every_type_of_the_name_and_a_class_is_in_or_any() -> None:
    zone = parse_zone('ok.test. MX 10 a.test.\nok.test. TXT "x"')
    assert {rr.rdtype for rr in ask(Responder(zone), "ok.test", "ANY").answer} == {15, 16}
    assert ask(Responder(zone), "ok.test", "MX", rdclass="CH").rcode() == dns.rcode.REFUSED


@given(st.text("kKoO", min_size=1, max_size=20))
def test_any_spelling_comes_back_as_it_was_asked(text: str) -> None:
    """The 0x20 trick (draft-vixie-dnsext-dns0x20): whoever answers must repeat the case of the question."""
    zone = parse_zone(f"{text.lower()}.test. A 192.0.2.1")
    query = dns.message.make_query(f"{text}.tEsT", "A")
    for _ in range(2):  # packed, then from the store
        wire = Responder(zone).answer(query.to_wire()).wire
        assert wire is not None and wire[12 : 12 + len(text) + 7] == bytes((len(text),)) + text.encode() + b"\4tEsT\0"
        assert dns.message.from_wire(wire).answer[0].name.to_text() == f"{text}.tEsT."
