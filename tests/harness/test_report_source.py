"""report_source: logs and runs go in, a report comes out; mistakes are said in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main

SCENARIO = Path(__file__).parents[2] / "scenarios" / "content" / "actions.yaml"
LINE = "Feb  3 09:00:00 gw postfix/smtpd[1]: A1: client=m[192.0.2.1]\n"


def test_logs_are_read_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_bytes(LINE.encode() + b"Feb  3 09:00:00 gw postfix/smtpd[1]: warning: gr\xfc\xc3\xbc\n")
    two.write_text(LINE)
    assert main(["report", "pflogsumm", str(one), str(two)]) == 0
    out = capsys.readouterr().out
    assert "      2   received\n" in out and "gr\ufffdü" in out


def test_a_run_is_replayed_and_its_log_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "pflogsumm", str(SCENARIO)]) == 0
    assert "      0   received" not in capsys.readouterr().out
    assert main(["report", "spam-stats", str(SCENARIO)]) == 0
    assert "act_for_infected_files (Eicar-Test)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [(["pflogsum", "x"], 2, "did you mean 'pflogsumm'"), (["pflogsumm", "/nosuch/x.log"], 2, "/nosuch/x.log: No such file"),
     (["spam-stats", "/nosuch.yaml"], 2, "/nosuch.yaml: No such file"), (["spam-stats", str(SCENARIO), "--target", "nope"], 2, "no target 'nope'")],
)  # fmt: skip
def test_mistakes(capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, complaint: str) -> None:
    assert main(["report", *arguments]) == status
    said = capsys.readouterr().err
    assert complaint in said and said.count("\n") == 1
