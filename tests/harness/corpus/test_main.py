from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parent.parent.parent.parent
MIX = str(ROOT / "corpus" / "mixes" / "paper.mix")
MEANT = str(ROOT / "corpus" / "gateways" / "paper-2003-as-meant")
MAIL = "Received: from h (m.x.test [192.0.2.7]) by us for <user@yourdomain.com>\nFrom: <a@x.test>\nSubject: x\n\ntext\n"


def test_imported_mail_is_a_corpus_with_its_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eml").write_text(MAIL)
    (tmp_path / "in" / "b.eml").write_text("nothing\n")
    out = tmp_path / "c.jsonl"
    assert main(["import", str(tmp_path / "in"), "--output", str(out), "--label", "ham"]) == 1
    assert "2 mails = 1 sessions" in capsys.readouterr().out
    assert "x.test. MX 10 mx.x.test." in (tmp_path / "c.zone").read_text()
    assert main(["impact", MEANT, MEANT, "--corpus", str(out)]) == 0
    assert "1 sessions = 1 decided + 0 failed (ham 1)" in capsys.readouterr().out


def test_a_generated_corpus_and_its_mix_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = tmp_path / "small.mix"
    small.write_text(Path(MIX).read_text().replace("sessions: 10000", "sessions: 120"))
    assert main(["generate", "--mix", str(small), "--output", str(tmp_path / "c.jsonl")]) == 0
    said = []
    for corpus in (small, tmp_path / "c.jsonl"):
        capsys.readouterr()
        assert main(["impact", MEANT, MEANT, "--corpus", str(corpus), "--shard", "50"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and "120 sessions = 120 decided + 0 failed" in said[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "/nowhere", "--output", "x.jsonl"], "/nowhere: no such file"),
        (["import", "/etc/hostname", "--output", "x.jsonl", "--label", "hamm"], "no label 'hamm'; did you mean 'ham'?"),
        (["import", "/etc/hostname", "--output", "x.csv"], "a corpus is a .jsonl or a .parquet file"),
        (["import", "/etc/hostname", "--output", "x.jsonl", "--inside", "x"], "--inside: "),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
