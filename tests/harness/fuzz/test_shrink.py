"""shrink: nothing is left that is not needed."""

from dataclasses import replace

from harness.fuzz.case import Case, Say, Visit
from harness.fuzz.shrink import fewer, shrink, split

CASE = Case(
    {"a": "permit, check_client_access inline:{{x = 1}, {y = 2}}, reject", "b": "c"},
    {"t": ("one", "two"), "unused": ("x",)},
    ("z1.test. A 192.0.2.1", "z2.test. A 192.0.2.2"),
    {"bl.test": {"a.test": {"a": "127.0.0.2"}, "b.test": {"a": "127.0.0.2"}}},
    ({"match": {"name": "x"}, "do": {"rcode": "servfail"}},),
    (
        Visit(
            "s", "192.0.2.8", (Say((b"EHLO x\r\n", b"NOOP\r\n")), Say((b"DATA\r\n",), b"A: b\r\n\r\nx\r\n.\r\n")), "bob"
        ),
    ),
)


def test_lists_are_taken_apart_at_their_commas() -> None:
    assert list(split(CASE.set["a"])) == ["permit", "check_client_access inline:{{x = 1}, {y = 2}}", "reject"]


def test_fewer_finds_the_two_that_matter() -> None:
    assert fewer(list(range(20)), lambda some: {3, 17} <= set(some)) == [3, 17]


def test_what_the_disagreement_does_not_need_is_left_out() -> None:
    def still(case: Case) -> bool:
        said = [line for visit in case.visits for say in visit.says for line in say.lines]
        return "reject" in case.set.get("a", "") and b"NOOP\r\n" in said

    small = shrink(CASE, still)
    assert small == Case({"a": "reject"}, visits=(Visit("s", "192.0.2.8", (Say((b"NOOP\r\n",)),)),))


def test_it_stops_after_so_many_tries() -> None:
    asked: list[Case] = []
    assert shrink(CASE, lambda case: bool(asked.append(case)), 7) == CASE
    assert len(asked) == 7


def test_contents_lose_lines() -> None:
    def still(case: Case) -> bool:
        return any(b"x\r\n" in (say.content or b"") for visit in case.visits for say in visit.says)

    (visit,) = shrink(replace(CASE, set={}), still).visits
    assert visit.says == (Say((b"DATA\r\n",), b"x\r\n.\r\n"),)
