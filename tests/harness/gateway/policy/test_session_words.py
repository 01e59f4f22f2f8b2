"""session_words: what reply templates may name."""

from typing import cast

from harness.gateway.dns import Resolver
from harness.gateway.policy.session_words import session_word
from harness.gateway.session import Client, Session


def test_names_are_those_of_the_session() -> None:
    session = Session(Client("192.0.2.8", "25", "mail.ok.test"), cast(Resolver, None), sender="", recipient="a@b.test")
    known = {"client": "mail.ok.test[192.0.2.8]", "sender": "<>", "sender_domain": "", "recipient_name": "a",
             "recipient_domain": "b.test", "helo_name": "", "server_name": "gw", "localtime": "Jan 01 00:00:00"}  # fmt: skip
    assert {name: session_word(name, session, "gw", 0) for name in known} == known
    assert session_word("nobody", session, "gw", 0) is None
