"""report_line: every line is words, whatever strangers write into names."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.finding import Finding
from harness.gateway.content.outcome import Mail
from harness.gateway.content.rav import load_rav
from harness.gateway.content.report_line import finding_line, refused_line, word
from harness.gateway.rule import Rule

MAIL = Mail("4F2A1C", "a b@good.test", ("u@ok.test",), "192.0.2.7", "mail.good.test", b"")


def test_a_finding() -> None:
    found = Finding("infected", "Eicar Test", "part0002:a b.zip/x y.com", Rule("rav/signatures/own.txt", 3, "x"), 2)
    assert finding_line(MAIL, found) == (
        "4F2A1C: found class=infected name=Eicar_Test object=part0002:a_b.zip/x_y.com rule=rav/signatures/own.txt:3"
    )


def test_a_refusal(tmp_path: Path) -> None:
    (group,) = load_rav(tmp_path, {}).groups
    assert refused_line(MAIL, 7, group, ["u@ok.test"], "rbl_site:rbl.test") == (
        "4F2A1C: gen=7 client=mail.good.test[192.0.2.7] from=<a_b@good.test> nrcpt=1 group=global "
        "verdict=refused name=rbl_site:rbl.test outcome=reject"
    )
    null = Mail("Q", "", ("u@ok.test",), "192.0.2.7", "unknown", b"")
    assert "from=<> " in refused_line(null, 7, group, ["u@ok.test"], "x")


@given(st.text())
def test_a_word_is_one(text: str) -> None:
    assert len(word(text).split()) == 1 and len(word(text)) <= 200
