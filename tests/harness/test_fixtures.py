"""fixtures: the example in the README is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.fate import outcome_of
from harness.fixtures import World

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("ip", "status"), [("192.0.2.7", 0), ("192.0.2.8", 1)])
def test_the_example_of_the_readme_passes_and_can_fail(tmp_path: Path, ip: str, status: int) -> None:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    example = found[1].replace('replay(client={"ip": "192.0.2.7"}', f'replay(client={{"ip": "{ip}"}}')
    (tmp_path / "test_example.py").write_text(example)
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "harness.pytest_plugin", str(tmp_path)]
    environment = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == status, done.stdout + done.stderr


def test_a_next_hop_that_fails_gets_the_mail_later(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.zone("ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8")
        world.gateway.start(ROOT / "corpus/gateways/accept-all")
        world.next_hop.fail(on="rcpt", to="*@ok.test", sender="a@*", times=1, reply="450 4.2.0 later")
        world.next_hop.later = ["10m"]
        seen = world.replay(send={"from": "a@ok.test", "to": ["u@ok.test"]})
    assert outcome_of(seen) == ("delivered once",)
    assert [line.text for line in seen.log or () if "status=deferred" in line.text and "450 4.2.0 later" in line.text]
