"""signature: the notation of .ndb files, against a plain reading of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.program import program
from harness.gateway.content.signature import ANYWHERE, Offset, Signature, TooManyTries, read_offset, read_pattern
from harness.gateway.rule import default_rule


def signature(pattern: str, offset: str = "*") -> Signature:
    pieces, literal = read_pattern(pattern)
    return Signature("x", "any", read_offset(offset), pieces, literal, default_rule("x"))


@pytest.mark.parametrize(
    ("pattern", "data", "matches"),
    [
        ("616263", b"xxabcxx", True), ("616263", b"xxabxx", False), ("6162??64", b"abXd", True), ("6162??64", b"abd", False),
        ("61626?", b"abi", True), ("61626?", b"ab|", False), ("6162?3", b"abs", True), ("6162?3", b"abt", False),
        ("6162*6364", b"ab...........cd", True), ("6162*6364", b"cd..ab", False), ("6162{2}6364", b"ab..cd", True),
        ("6162{2}6364", b"ab.cd", False), ("6162{2-4}6364", b"ab....cd", True), ("6162{2-4}6364", b"ab.....cd", False),
        ("6162{-2}6364", b"abcd", True), ("6162{3-}6364", b"ab..cd", False), ("6162{3-}6364", b"ab....cd", True),
        ("6162{30-40}6364", b"ab" + b"." * 35 + b"cd", True), ("6162{30-40}6364", b"ab" + b"." * 41 + b"cd", False),
        ("6162{0-30}6364{20-30}6566", b"abcd.cd" + b"." * 25 + b"ef", True), ("6162(63|64|6566)67", b"abefg", True),
        ("6162(63|64)67", b"abeg", False), ("6162!(63|64)67", b"abeg", True), ("6162!(63|64)67", b"abcg", False),
        ("6162[1-2]63", b"ab..c", True), ("6162(B)", b"ab cd", True), ("6162(B)", b"abcd", False), ("(L)6162", b"x\nab", True),
        ("(L)6162", b"xab", False), ("6162(W)", b"ab.", True), ("6162(W)", b"abc", False),
    ],
)  # fmt: skip
def test_wildcards(pattern: str, data: bytes, matches: bool) -> None:
    assert signature(pattern).matches(data) is matches


PROGRAM = program(code=b"\x90\x90ab" + bytes(508)) + b"end"


@pytest.mark.parametrize(
    ("offset", "data", "matches"),
    [("0", b"ab..", True), ("0", b".ab.", False), ("2", b"..ab", True), ("0,2", b"..ab", True), ("0,1", b"..ab", False),
     ("EOF-2", b"..ab", True), ("EOF-3", b"..ab", False), ("EOF-3,1", b"..ab", True), ("EP+2", PROGRAM, True), ("EP+0", PROGRAM, False),
     ("EP+0,2", PROGRAM, True), ("S0+2", PROGRAM, True), ("SL+2", PROGRAM, True), ("S1+2", PROGRAM, False), ("SE0", PROGRAM, True),
     ("EP+2", b"..ab", False), ("99", b"ab", False)],
)  # fmt: skip
def test_offsets(offset: str, data: bytes, matches: bool) -> None:
    assert signature("6162", offset).matches(data) is matches


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [("616", "neither"), ("xy", "neither"), ("??61??", "two fixed bytes"), ("*6162", "begins with a gap"), ("6162*", "ends with a gap"),
     ("6162{}63", "empty gap"), ("6162{4-2}63", "from 4 to 2"), ("6162(6)63", "half a byte"), ("6162!(6162|63)", "different lengths"), ("", "empty")],
)  # fmt: skip
def test_mistakes(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_pattern(pattern)


@pytest.mark.parametrize("offset", ["", "EP", "EOF", "-1", "VI", "S+1", "1,x"])
def test_unknown_offsets(offset: str) -> None:
    with pytest.raises(ValueError, match="unknown offset"):
        read_offset(offset)


def test_every_place_is_given_once() -> None:
    assert list(signature("6161").spans(b"aaaaa")) == [(0, 2), (2, 4)]
    assert read_offset("*") == ANYWHERE == Offset()


def test_hostile_bytes_do_not_take_for_ever() -> None:
    with pytest.raises(TooManyTries):
        signature("6161{20-4000}6262").matches(b"a" * 200_000)


@given(st.binary(max_size=40), st.binary(min_size=2, max_size=4), st.integers(0, 20), st.binary(min_size=2, max_size=4))
def test_two_pieces_are_found_where_a_plain_search_finds_them(data: bytes, one: bytes, gap: int, two: bytes) -> None:
    whole = data + one + bytes(gap) + two
    assert signature(f"{one.hex()}*{two.hex()}").matches(whole)
    assert signature(f"{one.hex()}{{{gap}}}{two.hex()}").matches(whole)
    assert signature(one.hex()).matches(data) is (one in data)
