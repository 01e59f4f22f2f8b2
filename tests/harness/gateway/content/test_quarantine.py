"""quarantine: names of their own, each object once, and a quota."""

from __future__ import annotations

from harness.gateway.content.quarantine import Shelf


def shelf(stored: dict[str, bytes], *, works: bool = True, max_bytes: int = 0) -> Shelf:
    def store(name: str, data: bytes) -> bool:
        assert name not in stored and "/" not in name
        if works:
            stored[name] = data
        return works

    return Shelf("4F2A1C", 1060506000.5, store, max_bytes)


def test_every_object_has_a_name_of_its_own() -> None:
    stored: dict[str, bytes] = {}
    one = shelf(stored)
    assert one.keep("part0001:a", "X", b"1") == ("1060506000-RAV4F2A1C-1", "")
    assert one.keep("part0002:b", "X", b"2") == ("1060506000-RAV4F2A1C-2", "")
    assert list(stored.values()) == [b"1", b"2"] and [k.path for k in one.kept] == ["part0001:a", "part0002:b"]


def test_what_is_there_already_is_not_stored_again() -> None:
    stored: dict[str, bytes] = {}
    one = shelf(stored)
    assert one.keep("p", "X", b"1") == one.keep("p", "X", b"1") and len(stored) == len(one.kept) == 1
    assert one.keep("p", "Y", b"1")[0].endswith("-2")
    assert one.keep("p", "X", b"1", "bulk")[0].startswith("bulk.")


def test_a_store_that_fails_keeps_nothing() -> None:
    one = shelf({}, works=False)
    assert one.keep("p", "X", b"1") == ("", "the store failed") and not one.kept


def test_a_mail_may_not_fill_the_disk() -> None:
    one = shelf({}, max_bytes=3)
    assert one.keep("a", "X", b"12")[0] and one.keep("b", "X", b"34") == (
        "",
        "2 bytes do not fit: max_quarantine_bytes = 3",
    )
    assert one.keep("c", "X", b"5")[0]


def test_no_folder_leads_out_of_the_quarantine() -> None:
    assert shelf({}).keep("p", "X", b"1", "../../etc")[0].startswith("______etc.")
