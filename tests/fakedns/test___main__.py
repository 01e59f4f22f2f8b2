"""__main__: what is wrong is said in one line, with the right exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakedns.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["none.zone"], "none.zone: No such file"),
        (["--fault", "x"], "expects NAME"),
        (["--fault", "x=nosuch"], "unknown rcode 'nosuch'"),
        (["--listen", "nowhere"], "expects HOST:PORT"),
    ],
)
def test_a_mistake_is_one_line_and_status_3(
    arguments: list[str],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 3
    printed = capsys.readouterr().err
    assert complaint in printed and printed.count("\n") == 1
