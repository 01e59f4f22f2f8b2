"""program: a gateway is the same as long as its modules are; then it can be run again."""

from __future__ import annotations

from pathlib import Path

from harness.bench.program import identify, run_again


def test_a_gateway_that_is_what_it_was_runs_again(tmp_path: Path) -> None:
    assert run_again("reference", identify("reference")) == ("", "")
    shim = tmp_path / "sitecustomize.py"
    shim.write_text("pass\n")
    program = identify("reference", str(tmp_path))
    assert program["version"] != identify("reference")["version"]
    assert run_again("reference", program) == (str(tmp_path), "")
    shim.write_text("import time\n")
    assert "is not what it was" in run_again("reference", program)[1]


def test_another_checkout_runs_from_where_it_lies(tmp_path: Path) -> None:
    for part in ("harness/gateway", "harness/smtp", "fakedns"):
        (tmp_path / part).mkdir(parents=True)
        (tmp_path / part / "a.py").write_text("1\n")
    for part in ("registry", "clock", "errors"):
        (tmp_path / "harness" / f"{part}.py").write_text("2\n")
    there = {"path": "", "home": str(tmp_path), "version": ""}
    assert run_again("reference", there)[1]
    version = identify("reference", str(tmp_path))["version"]  # all of its modules are in there
    assert run_again("reference", {**there, "version": version}) == (str(tmp_path), "")


def test_a_postfix_of_another_version_does_not() -> None:
    now = identify("postfix")
    assert run_again("postfix", now) == ("", "")
    assert run_again("remote:x:25", identify("remote:x:25"))[1] == "remote:x:25 is not ours to run as it was"
    assert "Postfix was 1.0 then" in run_again("postfix", {**now, "version": "1.0"})[1]
