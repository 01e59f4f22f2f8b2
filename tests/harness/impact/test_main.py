from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parent.parent.parent.parent
MEANT, PRINTED = (str(ROOT / "corpus" / "gateways" / name) for name in ("paper-2003-as-meant", "paper-2003"))
POLICY = str(ROOT / "scenarios" / "policy")


def impact(*arguments: str) -> int:
    return main(["impact", *arguments, "--corpus", POLICY, "--processes", "1"])


def test_the_same_rules_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert impact(MEANT, MEANT, "--fail-on", "blocked-legit,allowed-malware,lost-notification") == 0
    assert re.search(r"; 0 change, 0 change as agreed, [1-9]\d* do not", capsys.readouterr().out)


def test_a_greedy_pattern_is_forbidden_and_its_line_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("jsonl", "markdown", "json")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    assert impact(MEANT, PRINTED, "--fail-on", "blocked-legit", *options) == 10
    out = capsys.readouterr().out
    assert "mta_clients_dul.regexp:2" in out and "gauntlet: forbidden: blocked-legit" in out
    assert len(files["jsonl"].read_text().splitlines()) >= 78
    assert json.loads(files["json"].read_text())["sessions"] >= 78
    assert "**blocked-legit**" in files["markdown"].read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MEANT, "nowhere"), "nowhere: no configuration directory"),
        ((MEANT, MEANT, "--fail-on", "blocked-legal"), "no harm 'blocked-legal'; did you mean 'blocked-legit'?"),
        ((MEANT, MEANT, "--markdown", "/nowhere/x.md"), "/nowhere/x.md: No such file"),
        ((MEANT, MEANT, "--corpus", "/nowhere"), "/nowhere: no such corpus"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert impact(*arguments) == 2
    assert message in capsys.readouterr().err


def test_a_corpus_without_a_session_is_not_a_success(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("title: x\ngateway: {config: .}\nsessions: []\n")
    assert main(["impact", MEANT, MEANT, "--corpus", str(tmp_path)]) == 5
    for text in ("", "no session\n"):
        (tmp_path / "x.jsonl").write_text(text)
        assert main(["mutate", MEANT, "--corpus", str(tmp_path / "x.jsonl")]) == 5


def test_rules_that_leave_every_list_as_it_is_have_no_line_to_change_and_no_score(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\nmydestination = ok.test\n")
    assert main(["mutate", str(tmp_path), "--corpus", POLICY, "--fail-under", "90"]) == 5


def test_a_zone_that_is_not_there_is_told_whatever_the_corpus_brings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", MEANT, "--corpus", POLICY, "--zone", "nowhere.zone"]) == 2
    assert "--zone nowhere.zone: no such file" in capsys.readouterr().err


GOOD = '{"id": "%s", "client": "192.0.2.7", "sender": "a@b.test", "recipients": ["c@yourdomain.com"], "label": "%s"}\n'


def test_what_is_wrong_in_a_corpus_or_with_a_disk_is_counted_and_the_rest_is_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mail.jsonl").write_text(
        GOOD % ("one", "ham") + GOOD % ("two", "hamm") + '{"id": broken\n' + GOOD.replace("192.0.2.7", "nobody") % ("x", "ham")
        + GOOD % ("three", "spam") + GOOD[:30]
    )  # fmt: skip
    arguments = ["impact", MEANT, MEANT, "--corpus", str(tmp_path / "mail.jsonl"), "--processes", "1"]
    assert main([*arguments, "--jsonl", "/dev/full"]) == 1
    out = capsys.readouterr().out
    assert "6 sessions = 2 decided + 4 failed (ham 1, spam 1); 0 change" in out
    assert "no label 'hamm'; did you mean 'ham'?" in out and "'nobody' does not appear to be an IPv4" in out
    assert out.count("not a line of JSON") == 2
    assert "gauntlet: /dev/full: No space left on device: the rows of 6 sessions are missing" in out


def test_what_was_agreed_to_forbids_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "some.mix").write_text(
        "sessions: 20\nfamilies: {letter: 1}\npeople: {domain: yourdomain.com}\n"
    )  # fmt: skip
    (tmp_path / "expect.yaml").write_text(
        'expect:\n  - {ticket: MAIL-7, label: ham, new: "mta_clients_dul.regexp:*"}\n'
    )
    arguments = ["impact", MEANT, PRINTED, "--corpus", str(tmp_path / "some.mix"), "--fail-on", "blocked-legit"]
    assert main(arguments) == 10
    assert main([*arguments, "--expect", str(tmp_path / "expect.yaml")]) == 0
    assert "agreed in MAIL-7: 20 sessions" in capsys.readouterr().out
