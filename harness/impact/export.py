"""export - every session's fate as JSON Lines or Parquet, written as it comes; the one home of Parquet writing. (IO)"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.impact.judge_shard import Row

_LISTS = (
    "recipients", "harms", "noise",
    *(f"{side}_{name}" for side in ("old", "new") for name in ("refused", "reached", "notices", "kept")),
)  # fmt: skip
_NUMBERS = ("old_code", "old_line", "new_code", "new_line")
_TEXTS = (
    "id", "origin", "label", "client", "client_name", "helo", "sender", "failure", "transition", "ticket",
    *(f"{side}_{name}" for side in ("old", "new") for name in ("verdict", "phase", "text", "file", "rule", "place")),
)  # fmt: skip


class Rows:
    """Writes rows to one file and to another, as asked; use it as a context.  Raises UsageError."""

    def __init__(self, jsonl: Path | None, parquet: Path | None) -> None:
        self._lines, self._table, self._writer = jsonl, parquet, None
        self._file: Any = None
        self.trouble = ""  # why rows are missing: a full disk must not end a run over a million sessions
        self.missing = 0

    @property
    def wanted(self) -> bool:
        """Does anybody want rows?"""
        return self._lines is not None or self._table is not None

    def __enter__(self) -> Rows:
        try:
            if self._lines is not None:
                self._file = self._lines.open("w", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise UsageError(f"{self._lines}: {error.strerror}") from None
        if self._table is not None:
            self._writer = _open(self._table)
        return self

    def __exit__(self, *error: object) -> None:
        for sink, path in ((self._file, self._lines), (self._writer, self._table)):
            try:
                if sink is not None:
                    sink.close()
            except OSError as closing:
                self.trouble = self.trouble or f"{path}: {closing.strerror or closing}"

    def write(self, rows: Sequence[Row]) -> None:
        """The rows of one shard; once they cannot be written, those that are missing are counted."""
        if self.trouble:
            self.missing += len(rows)
            return
        try:
            if self._file is not None:
                self._file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                self._file.flush()
            if self._writer is not None and rows:
                import pyarrow

                whole = [{name: row.get(name) for name in self._writer.schema.names} for row in rows]
                self._writer.write_table(pyarrow.Table.from_pylist(_clean(whole), schema=self._writer.schema))
        except OSError as error:
            self.trouble = f"{self._lines or self._table}: {error.strerror or error}"
            self.missing += len(rows)


def _open(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("--parquet needs pyarrow: pip install mailgauntlet[analytics]") from None
    names = [(name, pyarrow.string()) for name in _TEXTS]
    names += [(name, pyarrow.int32()) for name in _NUMBERS]
    names += [(name, pyarrow.list_(pyarrow.string())) for name in _LISTS]
    names.append(("changed", pyarrow.bool_()))
    try:
        return parquet.ParquetWriter(str(path), pyarrow.schema(names))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def _clean(rows: list[Row]) -> list[Row]:
    """Text that UTF-8 can hold: bytes of a peer that are none are shown as escapes."""
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_text(one) for one in value] if isinstance(value, list) else value
