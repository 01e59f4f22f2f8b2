from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.impact.agreement import Agreement
from harness.impact.judge_shard import Job, judge_shard
from harness.impact.source import shards_of

from .conftest import Rules

CORPUS = """
title: three mails
dns: {zone: "ok.test. MX 10 hop.ok.test.\\ngood.test. A 192.0.2.7\\n66.2.0.192.rbl.test. A 127.0.0.2"}
gateway: {config: .}
sessions:
  - {id: wanted, tags: [ham], client: {ip: 192.0.2.66}, send: {from: a@good.test, to: [b@ok.test]}, expect: {verdict: accept}}
  - {id: junk, tags: [spam], client: {ip: 192.0.2.66}, send: {from: a@good.test, to: [b@ok.test]}, expect: {verdict: accept}}
  - {id: other, client: {ip: 192.0.2.7}, send: {from: a@good.test, to: [b@ok.test]}, expect: {verdict: accept}}
"""
RBL = {"smtpd_recipient_restrictions": "reject_rbl_client rbl.test"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "scenarios" / "three.yaml"
    path.parent.mkdir()
    path.write_text(CORPUS)
    return path


@pytest.mark.parametrize("target", ["direct", "reference"])
def test_the_new_list_costs_one_wanted_mail(rules: Rules, corpus: Path, target: str) -> None:
    job = Job(str(rules("old")), str(rules("new", RBL)), rows=True, target=target)
    (shard,) = shards_of([corpus.parent])
    tally, rows = judge_shard(job, shard)
    assert (tally.sessions, tally.decided, tally.failed) == (3, 3, 0)
    assert dict(tally.transitions) == {
        ("accept -> reject", "blocked-legit"): 1, ("accept -> reject", "blocked-spam"): 1
    }  # fmt: skip
    assert [row["new_verdict"] for row in rows] == ["reject", "reject", "accept"]
    assert rows[0]["new_rule"] == "reject_rbl_client" and rows[0]["new_file"] == "main.cf"


def test_what_was_agreed_to_is_counted_apart(rules: Rules, corpus: Path) -> None:
    agreed = (Agreement("T-7", label="spam"),)
    tally, rows = judge_shard(
        Job(str(rules("old")), str(rules("new", RBL)), agreements=agreed, rows=True), next(shards_of([corpus]))
    )
    assert tally.agreed == {0: 1} and tally.changed == 1 and [row["ticket"] for row in rows] == [None, "T-7", None]


def test_what_old_contradicts_itself_in_is_noise(rules: Rules, corpus: Path) -> None:
    dice = {"smtpd_client_restrictions": "check_client_access randmap:{REJECT one, REJECT two, REJECT three}"}
    tally, _ = judge_shard(Job(str(rules("old", dice)), str(rules("new", dice)), again=30), next(shards_of([corpus])))
    assert tally.changed == 0
    assert {name for name, _ in tally.noise} <= {"text", "cause"}


def test_a_rule_set_that_does_not_load_says_so(rules: Rules, corpus: Path) -> None:
    new = rules("new", {"smtpd_delay_reject": "perhaps"})
    with pytest.raises(ConfigError, match="smtpd_delay_reject"):
        judge_shard(Job(str(rules("old")), str(new)), next(shards_of([corpus])))
