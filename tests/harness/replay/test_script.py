"""script: the chat language, and what is wrong in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ScenarioError
from harness.replay.script import (
    dot_stuffed,
    duration,
    parse_chat,
    unescape,
    with_files,
)
from harness.replay.step import (
    AS_USUAL,
    Capture,
    DnsFault,
    Eof,
    Expect,
    HalfClose,
    Pace,
    Reconnect,
    Reset,
    Send,
    Silence,
    Sleep,
    Step,
    Within,
)
from harness.smtp.reply import reply


def steps(text: str, **procs: str) -> tuple[Step, ...]:
    return parse_chat(text, procs, "s.yaml", 10).steps


def test_each_token_is_a_step() -> None:
    made = steps("C: EHLO a\nC. x\\r\\n\nS! eof\nS! silence 800ms\nS! within 50ms\n!sleep 2s\n!rst\n!half-close\n# no")
    assert made == (
        Send(b"EHLO a\r\n", 10), Send(b"x\r\n", 11), Eof(12), Silence(0.8, 13), Within(0.05), Sleep(2.0), Reset(),
        HalfClose(),
    )  # fmt: skip
    (expect,) = steps("S: 250 2.1.0")
    assert isinstance(expect, Expect) and expect.line == 10 and not expect.optional
    (optional,) = steps("S? 221")
    assert isinstance(optional, Expect) and optional.optional
    (capture,) = steps("!capture id queued as (\\w+)")
    assert isinstance(capture, Capture) and capture.name == "id"


def test_the_network_is_a_step_too() -> None:
    made = steps("!pace segment=1 gap=1ms..3ms\n!pace slow gap=2ms\n!pace\n!reconnect\n!dns broken on\n!dns broken off")
    assert made == (
        Pace(1, (0.001, 0.003)), Pace(gap=(0.002, 0.002), slow=True), AS_USUAL, Reconnect(), DnsFault("broken", True, 14),
        DnsFault("broken", False, 15),
    )  # fmt: skip


def test_procs_repeats_and_pipelines_are_put_in_place() -> None:
    made = steps("!call hello\n!repeat 2 {\nC: NOOP\n}\n!pipeline {\nC: A\nC. B\n}", hello="C: EHLO a")
    assert [step.data for step in made if isinstance(step, Send)] == [
        b"EHLO a\r\n", b"NOOP\r\n", b"NOOP\r\n", b"A\r\nB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("C: a\n!slep 2s", r"s\.yaml:11: no chat token '!slep'; did you mean '!sleep'"),
        ("!call helo", r"s\.yaml:10: no proc 'helo'; did you mean 'hello'"),
        ("S: 9xx", r"s\.yaml:10: "),
        ("S~ (", r"s\.yaml:10: bad regex"),
        ("S! silense 1s", r"s\.yaml:10: S! 'silense'; did you mean 'silence'"),
        ("!sleep soon", r"s\.yaml:10: expects a time"),
        ("!sleep -1s", r"s\.yaml:10: expects a time"),
        ("!sleep nan", r"s\.yaml:10: expects a time"),
        ("!repeat \u00b2 {", r"s\.yaml:10: expects !repeat N"),
        ("!repeat x {", r"s\.yaml:10: expects !repeat N"),
        ("!pipeline {\nC: a", r"s\.yaml:10: '\{' is never closed"),
        ("}", r"s\.yaml:10: '\}' without"),
        ("!pipeline {\nS: 250\n}", r"only C: and C\."),
        ("C. a\\q", r"s\.yaml:10: no escape"),
        ("!call loop", r"calls itself"),
        ("!pace segments=1", r"s\.yaml:10: a pace has segment=BYTES, gap=TIME and slow, not 'segments=1'"),
        ("!pace gap=3ms..1ms", r"s\.yaml:10: '3ms\.\.1ms' ends before it begins"),
        ("!dns broken", r"s\.yaml:10: expects !dns NAME on"),
    ],
)
def test_mistakes_have_their_line(text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        steps(text, hello="C: x", loop="!call loop")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (r"a\r\n\t\0\\", b"a\r\n\t\0\\"),
        (r"\x80\xff", b"\x80\xff"),
        (r"\u{e9}", "é".encode()),
        (r"ab\*4c", b"abbbbc"),
        (r"\x00\*3", b"\0\0\0"),
        ("é", "é".encode()),
    ],
)
def test_escapes_are_exact_bytes(text: str, data: bytes) -> None:
    assert unescape(text) == data


@given(st.text(max_size=60))
def test_any_escaped_text_is_bytes_or_a_scenario_error(text: str) -> None:
    try:
        assert isinstance(unescape(text), bytes)
    except ScenarioError:
        pass


@given(st.binary(max_size=200))
def test_stuffing_makes_the_round_trip(data: bytes) -> None:
    content = data.replace(b"\r", b"").replace(b"\n", b"\r\n")
    stuffed = dot_stuffed(content)
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    lines = [line[1:] if line.startswith(b".") else line for line in stuffed.split(b"\r\n")]
    assert b"\r\n".join(lines).removesuffix(b"\r\n") == content.removesuffix(b"\r\n")


def test_files_are_put_in_stuffed_or_raw() -> None:
    script = parse_chat("C< a.eml\nC<! a.eml", {}, "s.yaml")
    made = with_files(script, lambda name: b".hidden")
    assert [step.data for step in made.steps if isinstance(step, Send)] == [b"..hidden\r\n", b".hidden"]


def test_durations_have_units() -> None:
    assert (duration("50ms"), duration("2s"), duration("1.5s")) == (0.05, 2.0, 1.5)


def test_a_pattern_of_a_chat_fits_replies() -> None:
    (expect,) = steps("S: 554 5.7.1 /Relay/")
    assert isinstance(expect, Expect)
    assert expect.pattern.matches(reply(554, "5.7.1", "<x>: Relay access denied"))  # type: ignore[union-attr]
