"""The hostile cases: each has a session or a reason, each hostile session a twin that passes, a source and a validity."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def page() -> Any:
    """docs/cases.py, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("docs_cases", ROOT / "docs" / "cases.py")
    assert spec is not None and spec.loader is not None
    sys.modules[spec.name] = made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


PAGE = page()
TABLE, SESSIONS = PAGE.cases(), PAGE.sessions()


def complaints(table: Any = TABLE, sessions: Any = SESSIONS) -> list[str]:
    return list(PAGE.problems(table, sessions))


def test_every_case_has_a_session_or_a_reason_and_every_session_its_twin() -> None:
    assert complaints() == []


def test_the_page_of_cases_is_current() -> None:
    assert (ROOT / "docs" / "cases.md").read_text("utf-8") == PAGE.document(), "run nox -s docs"


def test_each_rule_is_held() -> None:
    """Take something away from one hostile session at a time."""
    one = PAGE.hostile(SESSIONS)[0]
    rest = tuple(session for session in SESSIONS if session != one)
    twin = next(session for session in SESSIONS if (session.file, session.id) == (one.file, one.twin))
    for change, said in (
        ({"twin": ""}, "no twin that is clean"),
        ({"validity": "valid"}, "validity is one of strict, lenient, broken, not 'valid'"),
        ({"refs": ()}, "no refs"),
        ({"tags": one.tags | {"SM-lf-dot"}}, "no case 'SM-lf-dot' in cases.tsv"),
    ):
        assert complaints(sessions=(*rest, replace(one, **change))) == [f"{one.file}: {one.id}: {said}"]
    worse = tuple(
        replace(session, tags=session.tags - {"clean"}) if session == twin else session for session in SESSIONS
    )
    assert f"{one.file}: {one.id}: no twin that is clean" in complaints(sessions=worse)


def test_a_case_whose_sessions_are_gone_is_missed() -> None:
    here = [case.id for case in TABLE if not case.absent]
    left = tuple(replace(session, tags=session.tags - set(here)) for session in SESSIONS)
    assert complaints(sessions=left) == [f"{case}: no session, no reason" for case in here]


def test_the_numbers_are_all_there_and_there_is_enough_that_is_hostile() -> None:
    assert {case.number for case in TABLE} == set(range(1, 153))
    assert len({case.id for case in TABLE}) == len(TABLE)
    hostile = PAGE.hostile(SESSIONS)
    assert len({(one.file, one.id) for one in hostile}) >= 150
    assert sum(bool(case.absent) for case in TABLE) <= 12, "a short list of what is not here"
