"""session: what a client says."""

import pytest

from harness.fuzz.session import draw_visit

pytestmark = pytest.mark.slow  # it draws a lot


def test_a_visit_is_made_of_whole_lines(draws) -> None:
    visits = draws(lambda draw: draw_visit(draw, 7), 300)
    lines = [line for visit in visits for say in visit.says for line in say.lines]
    assert all(line.endswith(b"\n") or line.startswith(b"BDAT") for line in lines)
    assert {visit.id for visit in visits} == {"s7"}
    for verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"DATA", b"BDAT", b"ETRN", b"QUIT"):
        assert any(line.startswith(verb) for line in lines)


def test_clients_are_the_given_ones_or_this_machine_which_never_logs_in(draws) -> None:
    visits = draws(lambda draw: draw_visit(draw, 1, clients=["192.0.2.8"], logins=100), 150)
    assert {(visit.ip, visit.login is None) for visit in visits} == {("192.0.2.8", False), ("127.0.0.1", True)}
