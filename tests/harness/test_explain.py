"""explain: an infected mail in a mail is told of to the end: object, signature, steps, and who was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main

SCENARIO = """
title: nested
dns: {zones: ["corpus:zones/world.zone"]}
gateway:
  config: corpus:gateways/paper-2003-as-meant
  rav: {act_for_infected_files: "clean, move, discard"}
  files: {rav/signatures/own.txt: "# ours\\nTest.Macro:any:*:564952555321\\n"}
sessions:
  - id: nested
    send: {from: "", to: [user@yourdomain.com], message: {body: fwd, parts: [{attach: v.doc, data: VIRUS!, wrap: [zip, message]}]}}
    expect: {verdict: quarantine}
"""
ROOT = Path(__file__).parents[2]


def test_a_nested_infection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    (tmp_path / "nested.yaml").write_text(SCENARIO)
    assert main(["explain", str(tmp_path / "nested.yaml"), "nested"]) == 0
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    at = [
        next(number for number, line in enumerate(said) if wanted in line)
        for wanted in (
            "rav/signatures/own.txt:2 Test.Macro",
            "part0002:v.eml/part0002:v.zip/v.doc",
            "set clean",
            "Test.Macro in part0002:v.eml/part0002:v.zip/v.doc: failed: nothing is known that cleans Test.Macro",
            "-> set move",
            "done: stored as",
            "rav/global:5 <>",
            "not told of Test.Macro: it has the null sender",
            "rav/global:6 user@yourdomain.com",
            "told: user@yourdomain.com (infected): Content check: Test.Macro in a mail from <>",
            "kept: part0002:v.eml/part0002:v.zip/v.doc as",
        )
    ]
    assert at == sorted(at)
