"""load: a scenario file as values, and every mistake with its line and the nearest right name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ScenarioError
from harness.load import find_scenarios, load

GOOD = """\
title: t
gateway: {config: gw}
vars: {to: user@gw.test}
matrix: {delay: ["yes", "no"]}
sessions:
  - id: one
    send: {from: a@ok.test, to: ["{{ to }}"]}
    expect: {rcpt: 250}
  - id: two
    when: {delay: "no"}
    chat: |
      S: 220
      C: QUIT
    expect: {connect: 220}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    return file


def test_a_good_file_gives_cells_sessions_and_expectations(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, GOOD))
    assert loaded.cells == ((("delay", "yes"),), (("delay", "no"),))
    scenario = loaded.scenario(loaded.cells[0])
    assert scenario.sessions[0].send is not None
    assert scenario.sessions[0].send.sender == "a@ok.test"
    assert scenario.sessions[0].send.to == ["user@gw.test"]
    assert [session.id for _, session in loaded.sessions(loaded.cells[0])] == ["one"]
    assert [session.id for _, session in loaded.sessions(loaded.cells[1])] == ["one", "two"]
    (planned,) = loaded.expectations(scenario.sessions[0].expect, ("sessions", 0, "expect"))
    assert (planned.key, planned.line) == ("rcpt", 8)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title: t", "titel: t"), r"s\.yaml:1: titel: no such key 'titel'; did you mean 'title'\?"),
        (("send: {from: a@ok.test", "send: {form: a@ok.test"), r":7: .*no such key 'form'; did you mean 'from'"),
        (("expect: {rcpt: 250}", "expect: {rctp: 250}"), r":8: .*no expectation 'rctp'; did you mean 'rcpt'"),
        (("expect: {rcpt: 250}", "expect: {rcpt: nonsense}"), r":8: "),
        (("gateway: {config: gw}", "gateway: {}"), r":2: .*'config' is required"),
        (("gateway: {config: gw}\n", ""), r"'gateway' is required"),
        (("title: t", "schema: 2\ntitle: t"), r":1: schema: expects 1"),
        (('when: {delay: "no"}', 'when: {dealy: "no"}'), r":10: .*no matrix name 'dealy'; did you mean 'delay'"),
        (("      S: 220", "      Z: 220"), r"s\.yaml:12: "),
        (("id: two", "id: one"), r":9: .*a second session 'one'"),
        (('["{{ to }}"]', '["{{ tu }}"]'), r":7: .*no variable 'tu'"),
        (("    expect: {rcpt: 250}", "    twin: tow\n    expect: {rcpt: 250}"), r":8: .*no session 'tow'.*'two'"),
        (("matrix: {delay: [\"yes\", \"no\"]}", "matrix: {delay: []}"), r":4: matrix: each name takes a list"),
        (("  - id: two\n", "  - id: two\n    send: {}\n"), r":9: .*exactly one of `send` and `chat`"),
        (("to: [\"{{ to }}\"]", "to: x"), r":7: .*expects a list, got 'x'"),
        (("send: {from", "send: {message: {file: a, raw: b}, from"), r":7: .*takes one of file, generate, raw"),
        (("gateway:", "dns: {faults: [{match: {}, do: {}}]}\ngateway:"), r":2: .*exactly one of rcode, delay"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(ScenarioError, match=complaint):
        load(write(tmp_path, GOOD.replace(*change, 1)))


def test_directories_are_searched_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b/two.yaml", "a/one.yaml", ".nox/three.yaml", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [p.relative_to(tmp_path).as_posix() for p in find_scenarios([tmp_path])] == ["a/one.yaml", "b/two.yaml"]
    with pytest.raises(ScenarioError, match="no such scenario file or directory"):
        find_scenarios([tmp_path / "c"])
