"""reply: a value and its wire form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.reply import parse_reply, reply


def test_the_wire_form_has_a_dash_on_all_lines_but_the_last() -> None:
    assert reply(250, "", "gw", "SIZE").to_bytes() == b"250-gw\r\n250 SIZE\r\n"
    assert reply(554, "5.7.1", "no").to_bytes() == b"554 5.7.1 no\r\n"
    assert str(reply(250, "2.0.0", "a", "b")) == "250-2.0.0 a\n250 2.0.0 b"


def test_a_status_of_another_class_is_text() -> None:
    assert parse_reply(["250 5.7.1 odd"]).status == ""


TEXT = st.text(alphabet=st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)


@given(
    st.sampled_from([220, 250, 354, 450, 554]),
    st.sampled_from(["", "0.0", "7.1"]),
    st.lists(TEXT, min_size=1, max_size=3),
)
def test_a_reply_makes_the_round_trip(code: int, status: str, texts: list[str]) -> None:
    made = reply(code, f"{str(code)[0]}.{status}" if status and code != 354 else "", *texts)
    assert parse_reply(made.wire_lines()) == made
