"""template: variables are put in once, the longest first, and what they hold stays what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.rav_syntax import read_entries
from harness.gateway.content.template import DEFAULTS, LONGEST, Language, builtin_strings, plain

VALUES = {
    "TO_USER": "u@ok.test",
    "FROM_USER": "a@b",
    "ATTACH_NAME": "(part0001:x)",
    "VIRUS_NAME": "Eicar",
    "HOST": "gw",
}


def language(text: str, name: str = "english") -> Language:
    return Language.of(name, read_entries(text, f"rav/languages/{name}")[0])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("to TO_USER(S).", "to u@ok.test."),
        ("to TO_USER (S).", "to u@ok.test."),  # as the paper prints it
        ("to TO_USER.", "to u@ok.test."),
        ("ATTACH_NAME:VIRUS_NAME", "(part0001:x):Eicar"),
        ("MY_HOST HOSTS HOST", "MY_HOST HOSTS gw"),
        ("SUBJECT!", "!"),
    ],
)
def test_variables(written: str, read: str) -> None:
    assert language(f'infected_m_english = "{written}"').text("infected", VALUES) == read


def test_the_paper_s_template() -> None:
    text = 'infected_m_english = "\nThe file ATTACH_NAME attached to mail (with subject: SUBJECT) sent by\nFROM_USER to TO_USER (S)\nis infected with virus: VIRUS_NAME."\n'
    said = language(text).text("infected", {**VALUES, "SUBJECT": "Darling"})
    assert (
        said
        == "The file (part0001:x) attached to mail (with subject: Darling) sent by\na@b to u@ok.test\nis infected with virus: Eicar."
    )


def test_a_value_is_not_expanded_has_one_line_and_an_end() -> None:
    spoken = language('infected_m_english = "SUBJECT"')
    assert spoken.text("infected", {"SUBJECT": "VIRUS_NAME HOST", "VIRUS_NAME": "x", "HOST": "y"}) == "VIRUS_NAME HOST"
    assert spoken.text("infected", {"SUBJECT": "a\r\nBcc: x\0"}) == "a  Bcc: x "
    assert len(spoken.text("infected", {"SUBJECT": "x" * 5000})) == LONGEST


def test_an_event_without_a_template_has_words_of_ours_and_another_language_is_not_meant() -> None:
    spoken = language('infected_m_german = "nein"\nown_string = "mine"')
    assert spoken.text("infected", VALUES).startswith("The file (part0001:x)")
    assert spoken.strings["own_string"] == "mine" and spoken.rule("infected").line == 0
    assert language('infected_m_german = "HOST"', "german").rule("infected").line == 1


def test_every_string_of_the_shipped_antispam_file_is_there() -> None:
    strings = builtin_strings()
    assert {"bulk_header_low_english", "bulk_subject_low_english", "bulk_embedded_med_english"} <= set(strings)


@given(st.sampled_from(sorted(DEFAULTS)), st.dictionaries(st.sampled_from(["SUBJECT", "HOST", "TO_USER"]), st.text()))
def test_no_value_breaks_a_template(event: str, values: dict[str, str]) -> None:
    said = Language("english").text(event, values)
    assert said.count("\n") == DEFAULTS[event].count("\n")


@given(st.text())
def test_plain_prints(text: str) -> None:
    assert len(plain(text)) <= LONGEST and all(c.isprintable() for c in plain(text))
