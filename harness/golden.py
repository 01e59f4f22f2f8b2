"""golden - files that hold what was seen once and must be seen again: in `__golden__` beside the scenario. (IO)

`gauntlet run --update-golden` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

from harness.observation import Observation

NONE = "(no golden file; --update-golden writes it)"


def golden(whole: Observation, name: str, seen: str) -> str:
    """The text that is kept under this name for a scenario; NONE where there is none.

    Written anew first, from what was seen, when the run is told to.  Any bytes keep their values, bare CRs too.
    """
    path = Path(whole.extra["file"]).parent / "__golden__" / name
    if whole.extra.get("update_golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(seen.encode("utf-8", "surrogateescape"))
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else NONE


def golden_name(whole: Observation, session_id: str, suffix: str) -> str:
    """`dialogues.smuggled[delay=no].transcript`: the scenario's file, the session, its cell."""
    cell = "".join(f"[{name}={value}]" for name, value in whole.cell)
    return f"{Path(whole.extra['file']).stem}.{session_id}{cell}.{suffix}"
