from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.corpus.store import write
from harness.impact.mutate import Mutant, Outcome, judge_mutant, mutants_of, run_all, score, text_report
from harness.impact.source import shards_of

from .conftest import Rules, sample
from .test_coverage import CORPUS

ROOT = Path(__file__).parent.parent.parent.parent
LISTS = {
    "smtpd_recipient_restrictions": "\n  check_client_access hash:/etc/postfix/bw,\n  reject_non_fqdn_sender, permit"
}
FILES = {"bw": "192.0.2.66 554 no\n192.0.2.99 REJECT\n", "checks": "/^Subject: x/ REJECT\n"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "c.yaml").write_text(CORPUS)
    return tmp_path / "c.yaml"


def test_each_line_has_its_mutants(rules: Rules) -> None:
    directory = rules(
        "old", LISTS | {"smtpd_helo_required": "yes", "header_checks": "regexp:/etc/postfix/checks"}, FILES
    )
    done = {(one.file, one.done) for one in mutants_of(directory)}
    assert {
        ("main.cf", "delete check_client_access hash:/etc/postfix/bw"), ("main.cf", "delete reject_non_fqdn_sender"),
        ("main.cf", "swap with line 10"), ("main.cf", "yes -> no"), ("bw", "delete"), ("bw", "554 -> OK"),
        ("bw", "554 -> 454"), ("bw", "REJECT -> OK"), ("checks", "match anything"), ("checks", "match nothing"),
    } <= done  # fmt: skip


def test_a_line_that_a_session_needs_is_noticed_and_another_is_not(rules: Rules, corpus: Path) -> None:
    directory = rules("old", LISTS, FILES)
    before = (directory / "main.cf").read_text()
    outcomes = {
        (o.mutant.file, o.mutant.line, o.mutant.done): o for o in run_all(directory, list(shards_of([corpus])), 1)
    }
    assert outcomes["bw", 1, "delete"].killer.endswith("/one")
    assert outcomes["bw", 1, "554 -> 454"].killer.endswith("/one")
    survivor = outcomes["bw", 2, "delete"]
    assert survivor.killer == "" and survivor.suggestion.startswith("client: {ip: 192.0.2.99}")
    assert json.loads(survivor.session)["client"] == "192.0.2.99"
    assert outcomes["main.cf", 9, "swap with line 10"].killer == ""
    assert (directory / "main.cf").read_text() == before


def test_the_order_of_the_papers_rules_is_held_by_a_scenario() -> None:
    directory = ROOT / "corpus" / "gateways" / "paper-2003-as-meant"
    shards = tuple(shards_of([ROOT / "scenarios" / "policy" / "order.yaml"]))
    swaps = [one for one in mutants_of(directory) if one.done.startswith("swap")]
    unnoticed = {one.before.split()[0] for one in swaps if not judge_mutant(str(directory), shards, one).killer}
    # What others hold: inside people, and the second blocklist; lists of senders refuse in the same words.
    assert len(swaps) == 14 and unnoticed == {"permit_mynetworks,", "check_sender_access", "reject_rbl_client"}


def test_the_score_counts_only_what_loads() -> None:
    mutant = Mutant("main.cf", 1, "delete x", "x", "")
    outcomes = [Outcome(mutant, "a"), Outcome(mutant, "", "hint"), Outcome(mutant, "does not load")]
    assert score(outcomes) == 50.0 and score([]) == 100.0
    text = "\n".join(text_report(outcomes))
    assert "survived  main.cf:1: delete x: x" in text and "2 mutants, 1 noticed, 1 survived; 1 more do not load" in text


def test_the_command_has_a_limit(rules: Rules, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["mutate", str(rules("old", LISTS, FILES)), "--corpus", str(corpus), "--processes", "1"]
    assert main(arguments) == 0 and main([*arguments, "--fail-under", "99"]) == 1
    assert "survived" in capsys.readouterr().out


def test_a_session_that_cannot_be_read_is_counted(
    rules: Rules, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write([sample(id="good")], tmp_path / "mails.jsonl")
    with (tmp_path / "mails.jsonl").open("a") as file:
        file.write("no session\n")
    both = ["--corpus", str(corpus), "--corpus", str(tmp_path / "mails.jsonl")]
    assert main(["mutate", str(rules("old", LISTS, FILES)), *both, "--processes", "1"]) == 1
    assert "sessions = 3 decided + 1 failed" in capsys.readouterr().out
