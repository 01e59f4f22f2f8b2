"""parity: two targets, one scenario, nothing but what they disagree on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.compare import Disagreement
from harness.errors import ConfigError, ScenarioError
from harness.parity import Known, parity, read_known
from harness.target import Running, World, targets
from harness.targets.reference import ReferenceTarget

SCENARIO = """title: one session
id: one
dns: {{strict: false}}
gateway: {{config: config}}
{more}sessions:
  - id: listed
    client: {{ip: 192.0.2.7}}
    send: {{to: [user@gw.test]}}
    expect: {{verdict: accept}}
"""
CONFIG = """compatibility_level = 3.6
mydestination =
relay_domains = gw.test
smtpd_relay_restrictions = reject_unauth_destination
reject_code = 554
smtpd_client_restrictions = check_client_access inline:{192.0.2.7=REJECT}
"""


class Lenient(ReferenceTarget):
    """The reference gateway under other settings: a second opinion."""

    name = "lenient"

    async def start(self, world: World) -> Running:
        if world.set.get("reject_code") == "refuse" or "soft_bounce" in world.set:
            raise ConfigError("it would not")
        return await super().start(World(**{**vars(world), "set": {**world.set, "smtpd_client_restrictions": ""}}))


@pytest.fixture(autouse=True)
def lenient() -> Iterator[None]:
    targets.register("lenient")(Lenient)
    targets.register("same")(ReferenceTarget)
    yield
    for name in ("lenient", "same"):
        targets._members.pop(name)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "config/rav").mkdir(parents=True)
    (tmp_path / "config/rav/global").write_text("this is no content engine's file\n")
    (tmp_path / "config/main.cf").write_text(CONFIG)
    (tmp_path / "one.yaml").write_text(SCENARIO.format(more=""))
    return tmp_path / "one.yaml"


def test_targets_that_agree_say_nothing(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert parity([str(scenario)], ["reference", "same"]) == 0
    assert capsys.readouterr().out == "1 sessions on reference, same: 0 disagreements, 0 known ones\n"


@pytest.mark.parametrize(
    ("how", "chosen"),
    [
        ({"only": "LIST and one.yaml"}, 1), ({"only": "not listed"}, 0), ({"only": "listed and fast"}, 1), ({"tags": "fast"}, 1),
        ({"tags": "not fast"}, 0), ({"only": "other", "tags": "fast"}, 0),
    ],
)  # fmt: skip
def test_sessions_are_chosen_as_with_one_target(
    scenario: Path, capsys: pytest.CaptureFixture[str], how: dict[str, str], chosen: int
) -> None:
    scenario.write_text(SCENARIO.format(more="tags: [fast]\n"))
    assert parity([str(scenario)], ["reference", "same"], **how) == (0 if chosen else 5)
    assert capsys.readouterr().out.startswith(f"{chosen} sessions")


def test_a_disagreement_has_its_place_and_both_sides(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert parity([str(scenario)], ["reference", "lenient"]) == 1
    said = capsys.readouterr().out
    assert f"{scenario}:6: listed: reply to RCPT TO:<user@gw.test>\n  reference  554 5.7.1 <unknown[192.0.2.7]>" in said
    assert "\n  lenient    250 2.1.5 Ok\n" in said


def test_one_that_refuses_the_configuration_disagrees(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario.write_text(
        SCENARIO.format(more="").replace("config: config", "config: config, set: {reject_code: refuse}")
    )
    assert parity([str(scenario)], ["same", "lenient"]) == 0, "both refuse"
    scenario.write_text(SCENARIO.format(more="").replace("config: config", "config: config, set: {soft_bounce: maybe}"))
    assert parity([str(scenario)], ["same", "reference"]) == 0, "both refuse"


KNOWN = "- {scenario: one, session: listed, what: 'reply to RCPT', reason: on purpose}\n"
REST = "".join(
    f"- {{scenario: one, session: listed, what: {what}, reason: follows}}\n"
    for what in ("verdict", "fates", "log", "deliveries")
)


def test_a_known_disagreement_passes_as_long_as_it_is_one(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "differences.yaml"
    known.write_text(KNOWN + REST)
    assert parity([str(scenario)], ["reference", "lenient"], known=str(known)) == 0
    assert parity([str(scenario)], ["reference", "same"], known=str(known)) == 1
    assert "listed in" in capsys.readouterr().out


def test_a_known_one_may_be_told_by_what_is_said() -> None:
    known = Known("fuzz", "*", "reply", "on purpose", says="4[0-9]* 4")
    assert known.covers("fuzz", Disagreement("s1", "reply to RCPT", "250 2.1.5 Ok", "450 4.7.1 no"))
    assert not known.covers("fuzz", Disagreement("s1", "reply to RCPT", "250 2.1.5 Ok", "550 5.7.1 no"))
    assert not known.covers("one", Disagreement("s1", "reply to RCPT", "250 2.1.5 Ok", "450 4.7.1 no"))


@pytest.mark.parametrize(
    "text",
    [
        "- {scenario: x}",
        "- {scenario: a, session: b, what: c, reason: d, says: '('}",
        "{a: b}",
        "- [",
        "- {scenario: a, session: b, what: c, reason: ''}",
    ],
)
def test_a_list_of_differences_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.yaml").write_text(text)
    with pytest.raises(ScenarioError):
        read_known(tmp_path / "d.yaml")
    with pytest.raises(ScenarioError, match="No such file"):
        read_known(tmp_path / "none.yaml")


def test_a_scenario_for_other_targets_is_left_out(scenario: Path) -> None:
    scenario.write_text(SCENARIO.format(more="targets: [reference]\n"))
    assert parity([str(scenario)], ["reference", "same"]) == 5


def test_a_refusal_to_start_is_compared_where_it_is_expected(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCENARIO.format(more="").partition("sessions:")[0]
    text = text.replace("config: config", 'config: config, set: {soft_bounce: "yes"}') + "after: {refuses: would not}\n"
    scenario.write_text(text)
    assert parity([str(scenario)], ["same", "lenient"]) == 1
    printed = capsys.readouterr().out
    assert "(start): start" in printed and "it refused its configuration: it would not" in printed
    assert parity([str(scenario)], ["lenient", "lenient"]) == 0
    assert capsys.readouterr().out.startswith("1 sessions")
