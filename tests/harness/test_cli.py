"""cli: what a user sees of `gauntlet` - the exit statuses, and one clear line for each mistake, never a traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .zygote import command

SCENARIO = """title: one mail
dns:
  zone: |
    ok.test.      SOA ns.ok.test. hostmaster.ok.test. 1 3600 900 604800 300
    ok.test.      MX 10 gw.ok.test.
    gw.ok.test.   A 192.0.2.1
    good.test.    SOA ns.ok.test. hostmaster.ok.test. 1 3600 900 604800 300
    good.test.    A 192.0.2.7
gateway:
  config: gw
sessions:
  - id: good
    client: {ip: 192.0.2.7, name: good.test, reverse_name: good.test}
    send: {from: a@good.test, to: [u@ok.test]}
    expect: {verdict: accept, deliveries: 1}
"""
MAIN_CF = "myhostname = gw.ok.test\nmydestination =\nrelay_domains = ok.test\nlocal_recipient_maps =\nsmtpd_relay_restrictions = reject_unauth_destination\n"


def gauntlet(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = command("harness", arguments, directory)
    assert "Traceback (most recent call last)" not in done.stdout + done.stderr
    return done


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return tmp_path


def change(place: Path, old: str, new: str, file: str = "s.yaml") -> Path:
    text = (place / file).read_text()
    assert old in text
    (place / file).write_text(text.replace(old, new))
    return place


def test_a_scenario_that_holds_passes_and_says_so_in_json(place: Path) -> None:
    done = gauntlet(place, "run", "s.yaml", "--jsonl", "out.jsonl")
    assert done.returncode == 0, done.stdout
    lines = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert any(line.get("session") == "good" for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ("verdict: accept", "verdict: reject", 1, "verdict"),
        ("deliveries: 1", "deliveries: 2", 1, "deliveries"),
        ("deliveries: 1", "delivreies: 1", 3, "did you mean 'deliveries'"),
        ("    expect: {verdict: accept, deliveries: 1}\n", "", 1, "assert"),
        ("verdict: accept, deliveries: 1", "rcpt: 550", 1, "550"),
        ("sessions:", "sesions:", 3, "did you mean 'sessions'"),
        ("config: gw", "config: nowhere", 3, "nowhere"),
        ("a@good.test", "a@undeclared.example", 1, "undeclared.example"),
    ],
)  # fmt: skip
def test_what_does_not_hold_fails(place: Path, old: str, new: str, status: int, said: str) -> None:
    if "undeclared" in new:
        change(
            place,
            "local_recipient_maps =",
            "smtpd_sender_restrictions = reject_unknown_sender_domain\nlocal_recipient_maps =",
            "gw/main.cf",
        )
    done = gauntlet(change(place, old, new), "run", "s.yaml")
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("expect", "status"),
    [
        ("    expect: {verdict: reject}\n", 0),
        ("    expect: {verdict: accept}\n", 1),
        ("", 1),
    ],
)
def test_xfail_expects_a_failure_and_hides_no_error(place: Path, expect: str, status: int) -> None:
    change(place, "    expect: {verdict: accept, deliveries: 1}\n", f"    xfail: known\n{expect}")
    done = gauntlet(place, "run", "s.yaml")
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("smtpd_helo_required = perhaps", "smtpd_helo_required"),
        ("smtpd_recipient_restrictions = permit_mynetworks", "smtpd_recipient_restrictions"),
        ("message_size_limit = ten", "message_size_limit"),
    ],
)
def test_a_configuration_postfix_refuses_is_refused_in_one_line(place: Path, line: str, said: str) -> None:
    (place / "gw" / "main.cf").write_text(f"{MAIN_CF}{line}\nsmtpd_relay_restrictions =\n")
    done = gauntlet(place, "run", "s.yaml")
    assert done.returncode in (3, 4), done.stdout + done.stderr
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["rnu"], 2, "did you mean 'run'?"),
        (["serve", "s.yaml", "--smtp", "nowhere"], 2, "HOST:PORT"),
        (["bench", "--only", "gatway"], 2, "did you mean 'gateway'?"),
        (["explain", "s.yaml", "god"], 2, "did you mean 'good'?"),
        (["explain", "nosuch.yaml", "good"], 2, "nosuch.yaml"),
        (["run", "nosuch.yaml"], 2, "nosuch.yaml"),
        (["bench", "nosuch.yaml"], 2, "nosuch.yaml"),
        (["import", "s.yaml", "--form", "mbx", "--output", "x.jsonl"], 2, "did you mean 'mbox'?"),
        (["run", "s.yaml", "--known", "k.yaml"], 2, "a second --target"),
        (
            ["run", "s.yaml", "--target", "reference", "--target", "postfix", "--jsonl", "x"],
            2,
            "--jsonl: of one target",
        ),
    ],
)
def test_a_wrong_command_line(place: Path, arguments: list[str], status: int, said: str) -> None:
    done = gauntlet(place, *arguments)
    assert said in done.stdout + done.stderr
    assert done.returncode == status


def test_explain_names_the_rule_that_decided(place: Path) -> None:
    change(place, "local_recipient_maps =", "smtpd_sender_restrictions = check_sender_access inline:{good.test=REJECT}\nlocal_recipient_maps =", "gw/main.cf")  # fmt: skip
    done = gauntlet(place, "explain", "s.yaml", "good")
    assert "check_sender_access" in done.stdout and "554 5.7.1" in done.stdout


def test_doctor_and_schema_answer(place: Path) -> None:
    assert "target reference: ready" in gauntlet(place, "doctor").stdout
    assert "sessions" in json.loads(gauntlet(place, "schema").stdout)["properties"]
