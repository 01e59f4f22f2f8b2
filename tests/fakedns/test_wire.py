"""wire: our bytes against dnspython's and dnslib's."""

from __future__ import annotations

import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedns.wire import (
    WireError,
    decode_message,
    decode_name,
    decode_question,
    encode_name,
    encode_query,
    normal_name,
    type_name,
    type_number,
)


@pytest.mark.parametrize(
    "name", ["ok.test", "MAIL.Ok.Test.", "", "a\\.b.test", "\\032x.test", "xn--caf-dma.test", "*.t"]
)
def test_names_are_written_as_dnspython_writes_them(name: str) -> None:
    assert encode_name(name) == dns.name.from_text(name or ".").to_wire()


@pytest.mark.parametrize("name", ["a..b", "a" * 64, ".".join(["a" * 60] * 5), "x\\", "\\999.t"])
def test_what_is_no_name_is_an_error(name: str) -> None:
    with pytest.raises(WireError):
        encode_name(name)


@given(st.lists(st.binary(min_size=1, max_size=63), min_size=1, max_size=3))
def test_any_labels_make_the_round_trip(labels: list[bytes]) -> None:
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    text, end = decode_name(wire, 0)
    assert end == len(wire)
    assert encode_name(text) == wire.lower()
    assert normal_name(text) == text


def test_pointers_must_go_backwards() -> None:
    with pytest.raises(WireError, match="backwards"):
        decode_name(b"\xc0\x00", 0)


def test_a_query_is_read_by_dnspython() -> None:
    query = dns.message.from_wire(encode_query(4711, "ok.test", type_number("MX"), udp_size=1232))
    assert (query.id, query.edns, query.payload) == (4711, 0, 1232)
    assert query.question[0].rdtype == dns.rdatatype.MX
    assert decode_question(query.to_wire()).name == "ok.test"


def test_an_answer_of_dnspython_is_read() -> None:
    query = dns.message.make_query("ok.test", "MX")
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text("ok.test.", 60, "IN", "MX", "10 Mail.OK.test.", "20 b.ok.test."))
    message = decode_message(reply.to_wire())
    # dnspython shuffles the records of a set.
    assert sorted((r.preference, r.data) for r in message.answers) == [(10, "mail.ok.test"), (20, "b.ok.test")]


@given(st.binary(max_size=120))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    try:
        decode_message(data)
    except WireError:
        pass


def test_types_have_names_and_numbers() -> None:
    assert (type_number("mx"), type_name(15), type_name(65280), type_number("TYPE65280")) == (
        15,
        "MX",
        "TYPE65280",
        65280,
    )
    with pytest.raises(WireError):
        type_number("NOSUCH")
