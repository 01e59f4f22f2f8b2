"""matchlist: names, domains and networks, as match_list(3) matches them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.gateway.matchlist import MatchList, Sources, open_list
from harness.gateway.table import TableContext, TableError, open_table


def made(text: str, kind: str, directory: Path, *, parents: bool = True, warned: list[str] | None = None) -> MatchList:
    told = [] if warned is None else warned
    context = TableContext(directory, told.append)
    return open_list(
        "mylist", text, kind, parents, Sources(directory, lambda name: open_table(name, context), told.append)
    )


@pytest.mark.parametrize(
    ("text", "kind", "parents", "name", "expected"),
    [
        ("a.test, B.test", "string", True, "b.TEST", True),
        ("a.test", "string", True, "x.a.test", False),
        ("!a.test, static:all", "string", True, "a.test", False),
        ("!a.test, static:all", "string", True, "b.test", True),
        ("a.test", "domain", True, "x.a.test", True),
        ("a.test", "domain", False, "x.a.test", False),
        (".a.test", "domain", False, "x.a.test", True),
        (".a.test", "domain", False, "a.test", False),
        ("inline:{a.test=1}", "domain", True, "x.y.a.test", True),
        ("inline:{.a.test=1}", "domain", False, "x.a.test", True),
        ("regexp:{{/^x\\.a/ 1}}", "domain", True, "y.x.a", False),
        ("", "domain", True, "a.test", False),
    ],
)
def test_names_and_parents(text: str, kind: str, parents: bool, name: str, expected: bool, tmp_path: Path) -> None:
    assert made(text, kind, tmp_path, parents=parents).matches(name) is expected


@pytest.mark.parametrize(
    ("text", "name", "address", "expected"),
    [
        ("127.0.0.0/8", "unknown", "127.1.2.3", True),
        ("192.168.1.0/24 [2001:db8::]/32", "unknown", "2001:db8::7", True),
        ("[::1]", "unknown", "::1", True),
        ("!192.168.1.5, 192.168.1.0/24", "unknown", "192.168.1.5", False),
        ("!192.168.1.5, 192.168.1.0/24", "unknown", "192.168.1.6", True),
        ("inside.test", "pc.inside.test", "192.0.2.1", True),
        ("192.0.2.1", "unknown", "192.0.2.1", True),
        ("inline:{192.0.2.1=1}", "unknown", "192.0.2.1", True),
    ],
)
def test_hosts_and_networks(text: str, name: str, address: str, expected: bool, tmp_path: Path) -> None:
    assert made(text, "namadr", tmp_path).matches(name, address) is expected


def test_a_bad_network_is_an_error_only_when_it_is_reached(tmp_path: Path) -> None:
    networks = made("127.0.0.0/8, 192.168.1.1/24", "namadr", tmp_path)
    assert networks.matches("unknown", "127.0.0.1")
    with pytest.raises(TableError, match="non-null host address bits"):
        networks.matches("unknown", "10.0.0.1")


def test_an_unbracketed_ipv6_network_is_taken_for_a_table(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="unsupported dictionary type: 2001"):
        made("2001:db8::/32", "namadr", tmp_path).matches("unknown", "2001:db8::1")


def test_files_are_read_and_may_be_excluded(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("# comment\na.test\nb.test c.test\n")
    assert made("/etc/postfix/names", "string", tmp_path).matches("c.test")
    assert not made("!/etc/postfix/names static:x", "string", tmp_path).matches("c.test")
    gone = made("first.test /etc/postfix/gone last.test", "string", tmp_path)
    assert gone.matches("first.test"), "it is not reached"
    with pytest.raises(TableError, match="non-existent:/etc/postfix/gone: table lookup problem"):
        gone.matches("last.test")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="read file /etc/postfix/folder: Is a directory"):
        made("/etc/postfix/folder", "string", tmp_path)


def test_a_comment_behind_a_value_is_warned_about(tmp_path: Path) -> None:
    warned: list[str] = []
    assert not made("a.test # b.test", "string", tmp_path, warned=warned).matches("b.test")
    assert warned and "comment at end of line is not supported" in warned[0]
    with pytest.raises(ConfigError, match="no pattern after '!'"):
        made("!", "string", tmp_path)


def test_an_answer_is_remembered_for_one_client_only_and_a_complaint_for_none(tmp_path: Path) -> None:
    inside = made("10.0.0.0/8 good.test", "namadr", tmp_path)
    for _ in range(2):
        assert inside.matches("unknown", "10.1.1.1")
        assert not inside.matches("unknown", "192.0.2.1")
        assert inside.matches("mx.good.test", "192.0.2.1")
        assert not inside.matches("mx.bad.test", "192.0.2.1")
    broken = made("10.0.0.1/8", "namadr", tmp_path)
    for _ in range(2):
        with pytest.raises(TableError, match="non-null host address bits"):
            broken.matches("unknown", "10.1.1.1")
