"""pytest_plugin: scenarios under pytest itself, and pytest runs that are none of our business left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .zygote import ROOT, command

SCENARIO = """title: t
tags: [wanted]
dns: {zone: gw.test. A 192.0.2.1}
gateway: {config: gw}
sessions:
  - {id: one, send: {}, expect: {verdict: accept}}
  - {id: two, tags: [rare], send: {}, expect: {verdict: accept}}
after: {deliveries: 2}
"""
MAIN_CF = "relay_domains = gw.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"


def run(place: Path, *arguments: str) -> tuple[int, str]:
    """pytest with our plugin, warnings and unknown marks being errors, as in a strict project."""
    options = ["-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-rA", "--strict-markers", "-W", "error"]
    done = command("pytest", [*options, *arguments], place, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "scenarios" / "gw").mkdir(parents=True)
    (tmp_path / "scenarios" / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "scenarios" / "s.yaml").write_text(SCENARIO)
    (tmp_path / "test_x.py").write_text("def test_x():\n    pass\n")
    return tmp_path


def test_scenarios_and_tests_run_side_by_side(place: Path) -> None:
    status, said = run(place)
    assert status == 0 and "4 passed" in said, said
    assert "scenarios/s.yaml::(after)" in said and "total" in said


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["scenarios/s.yaml::one"], "1 passed"),
        (["scenarios/s.yaml::(after)"], "1 passed"),
        (["-m", "rare"], "2 passed, 2 deselected"),
        (["-m", "not rare"], "3 passed, 1 deselected"),
        (["scenarios", "-k", "two"], "2 passed, 1 deselected"),
    ],
)
def test_items_are_chosen_as_pytest_chooses(place: Path, arguments: list[str], passed: str) -> None:
    status, said = run(place, *arguments)
    assert status == 0 and passed in said, said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scenarios/compose.yaml", "services: {web: {image: x}}\n"),
        ("scenarios/behave.yaml", "title: somebody else's scenario\nsteps: []\n"),
        ("scenarios/broken.yaml", "{{ a template }}: [\n"),
        ("scenarios/binary.yaml", "\0\1"),
        ("elsewhere/ours.yaml", SCENARIO),
    ],
)
def test_what_is_not_ours_is_left_alone(place: Path, name: str, text: str) -> None:
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_text(text)
    status, said = run(place)
    assert status == 0 and "4 passed" in said, said


def test_a_scenario_with_a_misspelt_key_does_not_vanish(place: Path) -> None:
    (place / "scenarios" / "s.yaml").write_text(SCENARIO.replace("sessions:", "sesions:"))
    status, said = run(place)
    assert status != 0 and "did you mean 'sessions'?" in said, said


def test_a_project_may_have_its_own_option_for_goldens(place: Path) -> None:
    (place / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--update-golden', action='store_true')\n"
    )
    status, said = run(place, "--update-golden")
    assert status == 0 and "4 passed" in said, said


def test_a_failure_has_pytests_own_status_and_our_words(place: Path) -> None:
    (place / "scenarios" / "s.yaml").write_text(SCENARIO.replace("deliveries: 2", "deliveries: 3"))
    status, said = run(place)
    assert status == 1 and "scenarios/s.yaml:8: deliveries" in said and "Traceback" not in said, said


def test_two_workers_run_each_scenario_once(place: Path) -> None:
    """What is said of the run as a whole must not send it to the other worker once more."""
    for name in "abcdef":
        (place / "scenarios" / f"{name}.yaml").write_text(SCENARIO)
    (place / "sitecustomize.py").write_text(
        "import os\nfrom harness.cell import CellRun\nobserve = CellRun._observe\n"
        "def noted(self):\n    open(os.environ['NOTES'], 'a').write(f'{self.loaded.file}\\n')\n    return observe(self)\n"
        "CellRun._observe = noted\n"
    )
    notes = place / "notes"
    environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{ROOT}", "NOTES": str(notes)}
    command = [sys.executable, "-m", "harness", "run", "scenarios", "-n", "2"]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = notes.read_text().split()
    assert len(ran) == 7 and len(set(ran)) == 7, ran
