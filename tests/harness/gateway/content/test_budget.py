"""budget: every limit has a name, and passing one is never silent."""

from __future__ import annotations

import pytest

from harness.gateway.content.budget import MIB, Budget, LimitPassed, Limits


def spender(size: int) -> list[bytes]:
    return [b"x" * 256 * 1024] * (size // (256 * 1024))


def drained(budget: Budget, size: int, packed: int = 10**9) -> bytes:
    pieces = iter(spender(size))
    return budget.drain(lambda most: next(pieces, b""), packed)


@pytest.mark.parametrize(
    ("limits", "size", "packed", "name", "kept"),
    [({"max_member_bytes": MIB}, 3 * MIB, 10**9, "Limits.MemberBytes", MIB), ({"max_ratio": 2}, 8 * MIB, MIB, "Limits.Ratio", 2 * MIB),
     ({"max_held_bytes": MIB}, 3 * MIB, 10**9, "Limits.MemberBytes", MIB), ({"max_mail_bytes": MIB}, 3 * MIB, 10**9, "Limits.MemberBytes", MIB)],
)  # fmt: skip
def test_what_was_unpacked_before_a_limit_is_kept(
    limits: dict[str, int], size: int, packed: int, name: str, kept: int
) -> None:
    with pytest.raises(LimitPassed) as passed:
        drained(Budget(Limits(**limits), lambda: 0.0), size, packed)
    assert passed.value.limit == name and kept < len(passed.value.partial) <= kept + 256 * 1024
    assert not passed.value.whole_mail


def test_within_the_limits_everything_comes() -> None:
    assert len(drained(Budget(Limits(), lambda: 0.0), 4 * MIB)) == 4 * MIB


def test_a_small_file_may_be_as_compressible_as_it_likes() -> None:
    assert drained(Budget(Limits(max_ratio=2), lambda: 0.0), MIB, 10)


def test_counts_and_time_end_the_whole_mail() -> None:
    clock = [0.0]
    budget = Budget(Limits(max_members=2, scan_timeout_s=5, max_mail_bytes=10), lambda: clock[0])
    budget.member()
    budget.member()
    with pytest.raises(LimitPassed, match=r"Limits\.Members") as passed:
        budget.member()
    assert passed.value.whole_mail
    clock[0] = 5.1
    with pytest.raises(LimitPassed, match=r"Limits\.Time"):
        budget.check_time()
    with pytest.raises(LimitPassed, match=r"Limits\.Bytes"):
        budget.spend(11)
    with pytest.raises(LimitPassed, match=r"Limits\.Depth"):
        budget.check_depth(17)


def test_what_is_let_go_may_be_held_again() -> None:
    budget = Budget(Limits(max_held_bytes=10), lambda: 0.0)
    budget.hold(8)
    with pytest.raises(LimitPassed, match=r"Limits\.Memory"):
        budget.hold(3)
    budget.let_go(8)
    budget.hold(10)
    assert budget.held == 10
