"""test_headers - logical headers within their limits."""

from harness.gateway.cleanup.headers import HeaderReader, is_header, known_headers


def test_a_blank_before_the_colon_goes_and_continuation_lines_stay() -> None:
    assert HeaderReader(1000, 2048).read(b"A : b\n c\nD: e\n", 0) == (b"A", b"A: b\n c", 9)


def test_lines_are_appended_only_while_the_header_is_shorter_than_the_limit() -> None:
    found = HeaderReader(4, 2048).read(b"A: bcdef\n g\n", 0)
    assert found is not None
    assert found[1] == b"A: bcdef"


def test_text_behind_a_nul_is_lost() -> None:
    found = HeaderReader(100, 2048).read(b"A: b\0c\n d\n", 0)
    assert found is not None
    assert found[1] == b"A: b\n d"


def test_only_names_and_colons_make_a_header() -> None:
    assert [is_header(text) for text in (b"A: b", b"A :b", b": b", b"A b: c", b"\xc3: x")] == [True, True] + [False] * 3


def test_dropped_names_are_known_in_any_case() -> None:
    known = known_headers(["bcc", "x-mine"])
    assert known[b"bcc"].drop and known[b"bcc"].name == "Bcc"
    assert known[b"x-mine"].drop and not known[b"to"].drop
