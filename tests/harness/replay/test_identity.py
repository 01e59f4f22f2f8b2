"""identity: XCLIENT and PROXY as Postfix and haproxy read them."""

from __future__ import annotations

from harness.replay.identity import Identity
from harness.smtp.proxy import Header, parse

OFFERED = "NAME ADDR PORT PROTO HELO REVERSE_NAME LOGIN DESTADDR DESTPORT"


def test_xclient_says_what_is_known_in_xtext() -> None:
    identity = Identity("192.0.2.7", name="mx.ok.test", reverse_name="[TEMPUNAVAIL]", login="a=b")
    assert identity.xclient(OFFERED, 4711) == (
        b"XCLIENT NAME=mx.ok.test ADDR=192.0.2.7 PORT=4711 REVERSE_NAME=[TEMPUNAVAIL] LOGIN=a+3Db\r\n"
    )


def test_only_what_is_offered_is_said_and_ipv6_has_its_prefix() -> None:
    identity = Identity("2001:db8::1", port=25, name="unknown")
    assert identity.xclient("NAME ADDR PORT", 1) == b"XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 PORT=25\r\n"


def test_what_the_scenario_says_and_xclient_cannot_tell() -> None:
    assert Identity("192.0.2.7", login="a", port=25).unsayable(OFFERED) == ()
    assert Identity("192.0.2.7").unsayable("addr name") == ()
    client = Identity("192.0.2.7", port=25, name="mx.ok.test", reverse_name="other.test", login="a")
    assert client.unsayable("ADDR PROTO") == ("NAME", "PORT", "REVERSE_NAME", "LOGIN")


def test_a_client_without_an_address_is_the_harness_itself() -> None:
    assert Identity("", via="proxy").proxy(("127.0.0.1", 25), 1) == b"PROXY UNKNOWN\r\n"
    header = parse(Identity("", via="proxy-v2").proxy(("127.0.0.1", 25), 1))
    assert isinstance(header, Header) and header.source is None


def test_proxy_keeps_one_family() -> None:
    assert Identity("192.0.2.7").proxy(("127.0.0.1", 25), 4711) == b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\n"
    assert Identity("2001:db8::1").proxy(("127.0.0.1", 25), 1) == b"PROXY TCP6 2001:db8::1 ::1 1 25\r\n"


def test_version_2_says_the_same_in_binary() -> None:
    for address in ("192.0.2.7", "2001:db8::1"):
        header = parse(Identity(address, port=99, via="proxy-v2").proxy(("127.0.0.1", 25), 4711))
        assert isinstance(header, Header) and header.source == (address, 99)
        assert header.destination is not None and header.destination[1] == 25
