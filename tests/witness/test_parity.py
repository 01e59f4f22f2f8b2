"""Every scenario of smtp, policy, cleanup, delivery and regress, on the reference gateway and on a real Postfix: no disagreement.

Replies, deliveries and log reasons are compared, as `gauntlet run --target reference --target postfix` does.
What differs and is right on purpose stands in differences.yaml, with its reason, and must still differ.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.parity import parity
from harness.target import targets

pytestmark = pytest.mark.witness

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = [
    path
    for folder in ("smtp", "policy", "cleanup", "delivery", "regress")
    for path in sorted((SCENARIOS / folder).rglob("*.yaml"))
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SCENARIOS).as_posix())
def test_postfix_and_the_reference_gateway_agree(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if reason := targets["postfix"]().missing():
        pytest.skip(reason)
    known = Path(__file__).with_name("differences.yaml")
    status = parity([str(file)], ["reference", "postfix"], known=str(known))
    printed = capsys.readouterr().out
    if status == 5:  # it says itself which targets it is for
        assert "0 sessions on reference, postfix" in printed and "\ntargets:" in file.read_text("utf-8")
        return
    assert status == 0, printed
