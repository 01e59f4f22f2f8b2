"""case: plain values, and the plan they make."""

from harness.fuzz.case import Case, Say, Visit
from harness.replay.player import Done, Player, Read, Write

VISIT = Visit("a", "192.0.2.8", (Say((b"DATA\r\n",), b"x\r\n.\r\n"), Say((b"QUIT\r\n",))), "bob")


def played(visit: Visit, replies: bytes) -> tuple[Player, list[bytes]]:
    player, written = Player(visit.script()), []
    lines = iter(replies.splitlines(keepends=True))
    while not isinstance(action := player.next_action(), Done):
        match action:
            case Write(data):
                written.append(data)
            case Read():
                line = next(lines, None)
                player.receive(line) if line else player.closed()
    return player, written


def test_content_follows_where_it_is_asked_for() -> None:
    assert played(VISIT, b"220 x\r\n354 go\r\n250 ok\r\n221 bye\r\n")[1] == [b"DATA\r\n", b"x\r\n.\r\n", b"QUIT\r\n"]
    assert played(VISIT, b"220 x\r\n503 no\r\n221 bye\r\n")[1] == [b"DATA\r\n", b"QUIT\r\n"]


def test_nothing_is_said_after_a_goodbye() -> None:
    assert played(VISIT, b"521 no\r\n")[1] == []
    assert played(VISIT, b"220 x\r\n421 tired\r\n")[1] == [b"DATA\r\n"]


def test_the_document_is_a_scenario() -> None:
    case = Case({"soft_bounce": "yes"}, {"t": ("a b", "c d")}, ("ok.test. A 192.0.2.1",), visits=(VISIT,))
    plan = case.plan()
    assert plan.set == {"soft_bounce": "yes"} and plan.files == {"t": "a b\nc d\n"}
    assert plan.sessions[0].identity.login == "bob"
    assert case.only("b").visits == ()


def test_who_calls_from_this_machine_is_not_introduced() -> None:
    (session,) = Case(visits=(Visit("a", "127.0.0.1", ()),)).plan().sessions
    assert session.identity.via == "none"
