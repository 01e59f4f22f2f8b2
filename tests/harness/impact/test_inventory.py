from __future__ import annotations

import pytest

from harness.impact.decide import Decider
from harness.impact.inventory import inventory_of
from harness.impact.world import World

from .conftest import Rules

LIST = "smtpd_recipient_restrictions"


def never(rules: Rules, world: World, lists: str, files: dict[str, str]) -> dict[str, str]:
    found = inventory_of(Decider(rules("x", {LIST: f"{lists}, permit"}, files), world))
    return {line.text: line.never for line in found.lines.values() if line.never}


def test_a_network_within_an_earlier_one_never_decides(rules: Rules, world: World) -> None:
    table = "192.0.2.0/24 REJECT\n192.0.2.7 OK\n192.0.0.0/16 OK\n2001:db8::/32 OK\n"
    found = never(rules, world, "check_client_access cidr:/etc/postfix/c", {"c": table})
    assert found == {"192.0.2.7 OK": "`192.0.2.0/24` in line 1 holds all of it"}


TWO = "check_sender_access hash:/etc/postfix/a, check_sender_access hash:/etc/postfix/b"


def test_a_key_that_an_earlier_table_settles_never_decides(rules: Rules, world: World) -> None:
    files = {"a": "spam.test REJECT\nfriend.test OK\n", "b": "spam.test OK\nelse.test OK\n"}
    found = never(rules, world, TWO, files)
    assert found == {"spam.test OK": f"hash:/etc/postfix/a line 1 settles `spam.test` before, in {LIST}"}


@pytest.mark.parametrize(("lists", "first"), [
    (TWO, "spam.test REJECT\ngood@spam.test DUNNO\n"),  # an exception that goes on
    (TWO, "spam.test HOLD\n"), (TWO, "spam.test 450\n"), (f"warn_if_reject {TWO}", "spam.test REJECT\n"),
    (TWO.replace("check_sender", "check_helo", 1), "spam.test REJECT\n"),
    (TWO.replace("sender", "recipient"), "spam.test OK\n"),  # for a source-routed recipient OK is DUNNO
])  # fmt: skip
def test_what_may_go_on_settles_nothing(rules: Rules, world: World, lists: str, first: str) -> None:
    assert never(rules, world, lists, {"a": first, "b": "spam.test OK\n"}) == {}


def test_a_key_that_is_never_looked_up_is_told(rules: Rules, world: World) -> None:
    found = never(rules, world, "check_sender_access hash:/etc/postfix/a", {"a": "@spam.test REJECT\n"})
    assert "no key that begins with @" in found["@spam.test REJECT"]
    assert never(lambda *a: rules("y", *a[1:]), world, "check_sasl_access hash:/etc/postfix/a", {"a": "@x OK\n"}) == {}
