"""rtf: objects in rich text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from harness.corpus.container import containers
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget, LimitPassed, Limits
from harness.gateway.content.part import Part

TakeApart = Callable[..., list[Member | Trouble]]
FILE = ("a.txt", b"some text in a file, long enough to be cut " * 4)


def names(things: list[Member | Trouble]) -> list[str]:
    return [thing.name for thing in things if isinstance(thing, Trouble)]


def files(things: list[Member | Trouble]) -> dict[str, bytes]:
    return {thing.name or thing.label: thing.data for thing in things if isinstance(thing, Member)}


def test_the_file_comes_out_as_it_went_in(take_apart: TakeApart) -> None:
    name, data = containers["rtf_package"](FILE)
    assert files(take_apart("rtf", data, name))["a.txt"] == FILE[1]


@pytest.mark.parametrize("data", [b"", b"a text", b"{rtf"])
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    assert not archives["rtf"].recognises(Part("p", data))


def test_an_object_is_suspicious_and_the_equation_editor_by_name(take_apart: TakeApart) -> None:
    assert names(take_apart("rtf", containers["rtf_package"](FILE)[1])) == ["Rtf.Object"]
    equation = b"\1\5\0\0\2\0\0\0\x0b\0\0\0Equation.3\0" + bytes(12)
    text = b"{\\rtf1{\\object{\\*\\objdata " + equation.hex().encode() + b"}}}"
    assert names(take_apart("rtf", text)) == ["Rtf.Object", "Rtf.Equation"]


def test_control_words_between_the_digits_are_skipped(take_apart: TakeApart) -> None:
    text = b"{\\rt{\\object{\\*\\objdata 4{\\par}1\\'aa4 2\\bin0 43}}}"
    assert files(take_apart("rtf", text)) == {"object.1": b"ABC"}


@pytest.mark.parametrize(
    ("text", "content"),
    [(b"\\objdata 41\\bin3 x}y 42}", b"Ax}yB"), (b"\\objdata\\bin10 a\\bin1 b\\o}", b"a\\bin1 b\\o"),
     (b"\\objdata \\bin12 \\objdata 414}", b"\\objdata 414")],
)  # fmt: skip
def test_bytes_may_stand_as_they_are(take_apart: TakeApart, text: bytes, content: bytes) -> None:
    things = take_apart("rtf", b"{\\rtf1{\\object{\\*" + text + b"}}")
    assert files(things)["object.1"] == content


def test_words_behind_which_nothing_stands_are_given_up_in_time() -> None:
    ticks = count()
    budget = Budget(Limits(scan_timeout_s=5), lambda: float(next(ticks)))
    with pytest.raises(LimitPassed, match="Time"):
        list(archives["rtf"].members(Part("a.rtf", b"{\\rtf1" + b"\\datastore" * 1000), budget))
    assert next(ticks) < 20
