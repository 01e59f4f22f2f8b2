"""table: tables of every type, with the files they need."""

import pytest

from harness.fuzz.table import Files, draw_access_table, draw_list_of_users, keys_of

pytestmark = pytest.mark.slow  # it draws a lot


def test_a_table_is_a_type_and_a_file_that_is_there(draws) -> None:
    def one(draw):
        files = Files()
        return draw_access_table(draw, files, "client"), files

    kinds = set()
    for spec, files in draws(one, 400):
        kind, _, name = spec.partition(":")
        kinds.add(kind)
        if name.startswith("/etc/postfix/") and "missing" not in name:
            assert files.lines[name.removeprefix("/etc/postfix/")]
    assert {"inline", "texthash", "hash", "regexp", "pcre", "cidr", "static", "unionmap", "pipemap", "fail"} <= kinds


def test_keys_are_about_their_subject() -> None:
    assert "unknown" in keys_of("client") and "<>" in keys_of("sender") and "mx1.hosts.test" in keys_of("server")


def test_users_are_listed_by_address(draws) -> None:
    assert all(
        "=" in spec or ":/etc" in spec for spec in draws(lambda d: draw_list_of_users(d, Files(), ("a.test",)), 9)
    )
