from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.impact.coverage import coverage_of, json_report, lcov_report, text_report
from harness.impact.source import shards_of

from .conftest import Rules

CORPUS = """
title: three mails
dns: {zone: "ok.test. MX 10 hop.ok.test.\\ngood.test. A 192.0.2.7"}
gateway: {config: .}
sessions:
  - {id: one, client: {ip: 192.0.2.66}, send: {from: a@good.test, to: [b@ok.test]}, expect: {verdict: accept}}
  - {id: two, client: {ip: 192.0.2.7}, send: {from: a@good.test, to: [b@ok.test]}, expect: {verdict: accept}}
"""
LISTS = {
    "smtpd_recipient_restrictions": "check_client_access hash:/etc/postfix/bw, permit, reject_non_fqdn_sender",
    "header_checks": "regexp:/etc/postfix/checks",
}
FILES = {
    "bw": "192.0.2.66 REJECT\n192.0.2.99 REJECT\n",
    "checks": "/^Subject: hello/ WARN\n/^Never/ REJECT\n/^Never/ OK\n",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "c.yaml").write_text(CORPUS)
    return tmp_path / "c.yaml"


def test_every_line_is_counted_once_for_each_session(rules: Rules, corpus: Path) -> None:
    found = coverage_of(rules("old", LISTS, FILES), shards_of([corpus]))
    lines = {(line.rule.file, line.text): line for line in found.lines.values()}

    def counts(file: str, text: str) -> tuple[int, int, int]:
        line = lines[file, text]
        return line.asked, line.matched, line.decided

    assert found.sessions == 2 and found.failed == 0
    assert counts("main.cf", "check_client_access hash:/etc/postfix/bw") == (2, 1, 0)
    assert counts("main.cf", "permit") == (1, 1, 0)
    assert counts("bw", "192.0.2.66 REJECT") == (2, 1, 1) and counts("bw", "192.0.2.99 REJECT") == (2, 0, 0)
    assert counts("checks", "/^Subject: hello/ WARN")[:2] == (1, 1) and counts("checks", "/^Never/ REJECT")[:2] == (
        1,
        0,
    )
    assert lines["main.cf", "reject_non_fqdn_sender"].shadowed == "`permit` before it ends the list, always"
    assert lines["checks", "/^Never/ OK"].shadowed == "the same pattern stands in line 2"


def test_all_reports_say_the_same(rules: Rules, corpus: Path) -> None:
    directory = rules("old", LISTS, FILES)
    found = coverage_of(directory, shards_of([corpus]))
    text = "\n".join(text_report(found))
    assert f"{found.covered} of {len(found.lines)} lines matched" in text and "never: `permit` before it" in text
    plain = json.loads(json_report(found))
    assert sum(line["matched"] > 0 for line in plain["lines"]) == found.covered
    lcov = lcov_report(found, directory)
    assert f"SF:{directory}/bw\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n" in lcov


def test_the_command_has_a_limit(
    rules: Rules, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = str(rules("old", LISTS, FILES))
    arguments = ["coverage", directory, "--corpus", str(corpus), "--lcov", str(tmp_path / "x.info")]
    assert main(arguments) == 0 and (tmp_path / "x.info").exists()
    assert main([*arguments, "--fail-under", "90"]) == 1
    assert "lines matched" in capsys.readouterr().out
