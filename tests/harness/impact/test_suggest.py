from __future__ import annotations

import pytest

from harness.impact.decide import Decider
from harness.impact.suggest import _examples, good_mail, killer, told
from harness.impact.world import World

from .conftest import Rules, fate, sample

LIST = "smtpd_recipient_restrictions"


@pytest.mark.parametrize(("element", "line"), [
    ("check_client_access hash:/etc/postfix/t", "192.0.2.99 REJECT"),
    ("check_client_access hash:/etc/postfix/t", "198.51 REJECT"),
    ("check_client_access hash:/etc/postfix/t", "bad.test REJECT"),
    ("check_client_access cidr:/etc/postfix/t", "203.0.113.0/24 REJECT"),
    ("check_sender_access hash:/etc/postfix/t", "spam.test REJECT"),
    ("check_sender_access hash:/etc/postfix/t", "one@spam.test REJECT"),
    ("check_helo_access hash:/etc/postfix/t", "liar.test REJECT"),
    ("check_sender_access regexp:/etc/postfix/t", "/@b\\./ REJECT"),
    ("check_client_access regexp:/etc/postfix/t", "/(dsl|pool)-[0-9]+/ REJECT"),
])  # fmt: skip
def test_what_is_suggested_was_tried(rules: Rules, world: World, element: str, line: str) -> None:
    lists = {LIST: f"{element}, permit"}
    original = Decider(rules("with", lists, {"t": f"{line}\n"}), world)
    mutant = Decider(rules("without", lists, {"t": "x.invalid REJECT\n" if "/t" in line else "\n"}), world)
    found = killer(line, sample(), original, mutant)
    assert found is not None and told(original.decide(found), mutant.decide(found))


def test_a_header_check_is_suggested_a_header(rules: Rules, world: World) -> None:
    checks = {"header_checks": "regexp:/etc/postfix/c"}
    original = Decider(rules("with", checks, {"c": "/^Subject:.*(cheap|free) pills/ REJECT\n"}), world)
    mutant = Decider(rules("without", checks, {"c": "/^Never/ REJECT\n"}), world)
    found = killer("/^Subject:.*(cheap|free) pills/ REJECT", sample(), original, mutant)
    assert found is not None and found.data.startswith(b"Subject:") and b"pills" in found.data


def test_nothing_is_suggested_where_nothing_would_tell(rules: Rules, world: World) -> None:
    same = Decider(rules("one"), world)
    assert killer("192.0.2.99 REJECT", sample(), same, same) is None
    assert killer("", sample(), same, same) is None and killer("/(/ REJECT", sample(), same, same) is None


def test_a_good_mail_is_one_that_comes_through() -> None:
    assert good_mail([(sample(), fate("reject")), (sample(id="good"), fate())]) == sample(id="good")
    assert good_mail([(sample(login="x"), fate())]) is None


def test_examples_match_their_pattern() -> None:
    import re

    for pattern in (r"^a+b*[0-9]{2}\.(x|yy|z)$", r"\s\d[^q]?end", r"(?:cheap|free)"):
        assert any(re.search(pattern, text) for text in _examples(pattern)), pattern
