"""test_headers - logical headers within their limits."""

import pytest

from harness.gateway.cleanup.headers import HeaderReader, cut_header, is_header, known_headers


def test_a_blank_before_the_colon_goes_and_continuation_lines_stay() -> None:
    assert HeaderReader(1000, 2048).read(b"A : b\n c\nD: e\n", 0) == (b"A", b"A: b\n c", 9)


@pytest.mark.parametrize(
    ("limit", "lengths", "kept", "written"),  # of the lines, as a real 3.7.11 wrote them
    [
        (200, [90, 50, 50, 50, 50], [90, 50, 50, 50], [90, 50, 50]), (200, [90, 108, 5], [90, 108, 5], [90, 108]),
        (200, [90, 150, 5], [90, 150], [90, 109]), (200, [250, 5], [250], [200]), (200, [195, 5], [195, 5], [195]),
        (200, [180, 150], [180, 150], [180]), (200, [179, 150], [179, 150], [179, 20]),
        (200, [20, 120, 20, 70, 20], [20, 120, 20, 70], [20, 120, 20, 37]), (200, [10, 150, 5], [10, 150, 5], [10, 150, 5]),
        (200, [150, 20, 60], [150, 20, 60], [150, 20, 28]), (512, [480, 60, 10], [480, 60], [480]),
        (512, [480, 31, 5], [480, 31], [480, 31]), (512, [461, 49, 10], [461, 49, 10], [461, 49]), (512, [460, 60], [460, 60], [460]),
        (1000, [900, 99, 5], [900, 99], [900, 99]), (1000, [900, 100, 5], [900, 100], [900]),
    ],
)  # fmt: skip
def test_a_header_grows_up_to_the_limit_and_is_cut_at_a_line_end_near_it(
    limit: int, lengths: list[int], kept: list[int], written: list[int]
) -> None:
    lines = [b"X: " + b"x" * (lengths[0] - 3), *(b" " + b"y" * (length - 1) for length in lengths[1:])]
    found = HeaderReader(limit, 2048).read(b"\n".join(lines) + b"\n", 0)
    assert found is not None
    assert [len(line) for line in found[1].split(b"\n")] == kept
    assert [len(line) for line in cut_header(found[1], limit).split(b"\n")] == written


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
