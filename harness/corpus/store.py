"""store - samples as JSON Lines or Parquet, written and read one after the other. (IO)

Content is text where it is UTF-8 and base64 where it is not.  A line that makes no session is a Broken, not an error.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from harness.corpus.sample import LABELS, Broken, Sample
from harness.errors import TargetError, UsageError, did_you_mean

_TEXTS = ("id", "client", "sender", "label", "helo", "name", "reverse_name", "params", "login", "origin")
_OPTIONAL = ("name", "reverse_name", "login")
_KNOWN = (*_TEXTS, "recipients", "data", "data_base64")
MOST_LINE = 192 << 20  # bytes: the largest message that is imported, in base64, and room
GROUP = 2000  # rows of one Parquet row group


def to_row(sample: Sample) -> dict[str, Any]:
    """A sample as plain values; what is not said is left out.  A script cannot be written."""
    assert sample.script is None
    row: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(sample, name)) not in (None, "")}
    row["recipients"] = list(sample.recipients)
    try:
        row["data"] = sample.data.decode("utf-8")
    except UnicodeDecodeError:
        row["data_base64"] = base64.b64encode(sample.data).decode("ascii")
    return row


def from_row(row: Any, where: str) -> Sample | Broken:
    """The sample of such a row; `where` names it if it has no id."""
    if not isinstance(row, dict):
        return Broken(where, f"expects an object, got {type(row).__name__}")
    name = str(row.get("id") or where)
    for key in row:
        if key not in _KNOWN:
            return Broken(name, f"no such key {key!r}{did_you_mean(str(key), _KNOWN)}")
    for key in _TEXTS:
        if row.get(key) is not None and not isinstance(row[key], str):
            return Broken(name, f"{key}: expects text, got {row[key]!r}")
    recipients = row.get("recipients")
    if not isinstance(recipients, list) or not recipients or not all(isinstance(one, str) for one in recipients):
        return Broken(name, "recipients: expects a list of at least one address")
    if not row.get("client"):
        return Broken(name, "client: expects the address of the client")
    label = row.get("label") or "unknown"
    if label not in LABELS:
        return Broken(name, f"no label {label!r}{did_you_mean(label, LABELS)}")
    data = _data(row)
    if isinstance(data, Broken):
        return Broken(name, data.why)
    texts = {key: row[key] for key in _TEXTS if row.get(key) is not None}
    texts |= {"id": name, "label": label, "origin": texts.get("origin") or where}
    return Sample(**texts, recipients=tuple(recipients), data=data)


def _data(row: dict[str, Any]) -> bytes | Broken:
    text, encoded = row.get("data"), row.get("data_base64")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except ValueError as error:
            return Broken("", f"data_base64: {error}")
    if isinstance(text, bytes):
        return text
    if text is None or isinstance(text, str):
        return (text or "").encode("utf-8", "surrogatepass")
    return Broken("", f"data: expects text, got {type(text).__name__}")


# -- JSON Lines


def read_lines(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Sample | Broken]:
    """The samples of the lines that begin between two byte offsets; `start` is where a line begins."""
    with path.open("rb") as file:
        file.seek(start)
        at = start
        while (stop is None or at < stop) and (line := file.readline(MOST_LINE)):
            where, at = f"{path.name}@{at}", at + len(line)
            if len(line) == MOST_LINE and not line.endswith(b"\n"):
                size = len(line)
                while rest := file.readline(MOST_LINE):
                    size += len(rest)
                    if rest.endswith(b"\n"):
                        break
                at += size - len(line)
                yield Broken(where, f"a line of {size} bytes: more than the {MOST_LINE} that are read")
            elif line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    yield Broken(where, f"not a line of JSON: {error}")
                else:
                    yield from_row(row, where)


def cut_lines(path: Path, size: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of parts of about `size` lines each, found without reading all of the file's bytes twice."""
    with path.open("rb") as file:
        begin = at = count = 0
        while line := file.readline(MOST_LINE):
            at += len(line)
            count += line.endswith(b"\n")
            if count == size:
                yield begin, at
                begin, count = at, 0
        if at > begin:
            yield begin, at


# -- Parquet


def read_parquet(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Sample | Broken]:
    """The samples of row groups `start` to `stop`, one group in memory at a time.  Raises UsageError."""
    file = _parquet(path)
    groups = file.num_row_groups if stop is None else min(stop, file.num_row_groups)
    for group in range(start, groups):
        for number, row in enumerate(file.read_row_group(group).to_pylist()):
            yield from_row(row, f"{path.name}@{group}.{number}")


def cut_parquet(path: Path, size: int) -> Iterator[tuple[int, int]]:
    """(first row group, the one after the last) of parts of about `size` rows.  Raises UsageError."""
    metadata = _parquet(path).metadata
    begin = rows = 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows >= size:
            yield begin, group + 1
            begin, rows = group + 1, 0
    if rows:
        yield begin, metadata.num_row_groups


def _parquet(path: Path) -> Any:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise UsageError(f"{path}: Parquet needs pyarrow: pip install mailgauntlet[analytics]") from None
    try:
        return parquet.ParquetFile(str(path))
    except (OSError, ArrowException) as error:
        raise UsageError(f"{path}: {str(error).splitlines()[0]}") from None


# -- writing


def write(samples: Iterable[Sample | Broken], path: Path) -> tuple[int, list[Broken]]:
    """Write samples as they come, to PATH.jsonl or PATH.parquet; (how many, what made none).

    The file appears under its name only when it is whole.  Raises UsageError, TargetError (the disk is full).
    """
    if path.suffix not in (".jsonl", ".parquet"):
        raise UsageError(f"{path}: a corpus is a .jsonl or a .parquet file")
    part = path.with_name(f".{path.name}.part")
    try:
        opened = part.open("wb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    try:
        with opened as file:
            done = _write_lines(samples, file) if path.suffix == ".jsonl" else _write_parquet(samples, file)
        part.replace(path)
        return done
    except OSError as error:
        raise TargetError(f"{path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_lines(samples: Iterable[Sample | Broken], file: BinaryIO) -> tuple[int, list[Broken]]:
    count, broken = 0, list[Broken]()
    for sample in samples:
        if isinstance(sample, Broken):
            broken.append(sample)
            continue
        text = json.dumps(to_row(sample), ensure_ascii=False)
        file.write(text.encode("utf-8", "backslashreplace") + b"\n")
        count += 1
    return count, broken


def _write_parquet(samples: Iterable[Sample | Broken], file: BinaryIO) -> tuple[int, list[Broken]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install mailgauntlet[analytics]") from None
    fields = [(name, pyarrow.string()) for name in _TEXTS]
    fields += [("recipients", pyarrow.list_(pyarrow.string())), ("data", pyarrow.binary())]
    schema = pyarrow.schema(fields)
    count, broken, rows = 0, list[Broken](), list[dict[str, Any]]()
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for sample in samples:
            if isinstance(sample, Broken):
                broken.append(sample)
                continue
            row = {name: _utf8(getattr(sample, name)) for name in _TEXTS}
            rows.append({**row, "recipients": [_utf8(one) for one in sample.recipients], "data": sample.data})
            count += 1
            if len(rows) == GROUP:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                rows.clear()
        if rows:
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
    return count, broken


def _utf8(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")
