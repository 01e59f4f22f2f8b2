from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.corpus.store import write
from harness.impact.coverage import coverage_of
from harness.impact.source import shards_of

from .conftest import Rules, sample

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
ASKS_NOTHING = "check_client_access hash:/etc/postfix/gone"
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
    assert lines["main.cf", "reject_non_fqdn_sender"].never == "`permit` before it ends the list, always"
    assert lines["checks", "/^Never/ OK"].never == "the same pattern stands in line 2"


def test_a_table_that_is_not_there_matches_nothing(rules: Rules, corpus: Path) -> None:
    found = coverage_of(rules("old", {**LISTS, "smtpd_client_restrictions": ASKS_NOTHING}, FILES), shards_of([corpus]))
    (line,) = [line for line in found.lines.values() if line.text == ASKS_NOTHING]
    assert (line.asked, line.matched, line.decided, line.covered) == (2, 0, 0, False)
    assert "gone is unavailable" in line.shadowed and "No such file" in line.shadowed


def test_the_command_has_a_limit(
    rules: Rules, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = str(rules("old", LISTS, FILES))
    arguments = ["coverage", directory, "--corpus", str(corpus), "--lcov", str(tmp_path / "x.info")]
    assert main(arguments) == 0 and (tmp_path / "x.info").exists()
    assert main([*arguments, "--fail-under", "90", "--cobertura", str(tmp_path / "x.xml")]) == 1
    assert (tmp_path / "x.xml").read_text().startswith("<?xml")
    assert "lines matched" in capsys.readouterr().out


RAV = {
    "rav/global": "act_for_infected_files = delete, discard\nfilter_subject = cheap -> discard\nfilter_subject = never -> discard\nwarn_sender = yes\n",
    "rav/signatures/ours.ndb": "Ours.Hello:0:*:68656c6c6f2121\nOurs.Other:0:*:6162636465666768\n",
}
CONTENTS = ("Subject: cheap\r\n\r\nx\r\n", "Subject: x\r\n\r\nhello!!\r\n")


def test_filters_signatures_and_who_is_told_are_lines_too(rules: Rules, tmp_path: Path) -> None:
    directory = rules("rav", {}, RAV)
    mails = [sample(id=str(number), data=text.encode()) for number, text in enumerate(CONTENTS)]
    write(mails, tmp_path / "mails.jsonl")
    found = coverage_of(directory, shards_of([tmp_path / "mails.jsonl"]))
    matched = {(line.rule.file, line.rule.line): line.matched for line in found.lines.values()}
    assert (found.sessions, found.failed) == (2, 0)
    assert {place: matched[place] for place in matched if place[0] == "rav/global"} == {
        ("rav/global", 1): 1, ("rav/global", 2): 1, ("rav/global", 3): 0, ("rav/global", 4): 2
    }  # fmt: skip
    assert (matched["rav/signatures/ours.ndb", 1], matched["rav/signatures/ours.ndb", 2]) == (1, 0)


def test_a_session_is_counted_whatever_came_before_it(
    rules: Rules, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = rules("old", LISTS, FILES)
    whole = coverage_of(directory, [*shards_of([corpus])] * 5)
    monkeypatch.setattr("harness.impact.coverage._MOST_TRACES", 1)  # counted out after every session
    assert coverage_of(directory, [*shards_of([corpus])] * 5) == whole and whole.sessions == 10


@pytest.mark.slow
@pytest.mark.parametrize(("gateway", "never"), [("paper-2003-as-meant", 0), ("paper-2003", 1)])
def test_the_scenarios_reach_every_line_of_the_paper_that_can_be_reached(gateway: str, never: int) -> None:
    root = Path(__file__).parents[3]
    found = coverage_of(root / "corpus" / "gateways" / gateway, shards_of([root / "scenarios"]))
    left = [line for line in found.lines.values() if not line.covered]
    assert len(left) == never and all(line.never for line in left) and found.failed == 0
