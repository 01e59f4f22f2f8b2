"""history - every run that was saved, in one SQLite file (DuckDB opens it with its sqlite extension). (IO)

One row of `run` for each; its figures, the blocks it was measured in, and the latencies of each block as HdrHistogram
V2 (what a line of an HdrHistogram log ends with).  Of the configuration all is kept that is needed to run it again.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.block import Block
from harness.bench.histogram import decode
from harness.errors import HarnessError, did_you_mean
from harness.output import writable

DEFAULT = "gauntlet-bench.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,            -- of --save
  at TEXT NOT NULL,              -- ISO 8601, UTC
  scenario TEXT NOT NULL,
  target TEXT NOT NULL,
  status INTEGER NOT NULL,       -- what the run ended with: 0, 4, 6, 99
  machine TEXT NOT NULL,         -- JSON: host, processor, processors, system, python
  program TEXT NOT NULL,         -- JSON: path and version of the gateway that ran
  gateway TEXT NOT NULL,         -- JSON: set, rav, files of the scenario
  configuration TEXT NOT NULL REFERENCES configuration(sha256)
);
CREATE TABLE IF NOT EXISTS figure (run INTEGER NOT NULL REFERENCES run(id), metric TEXT NOT NULL, value REAL NOT NULL);
CREATE TABLE IF NOT EXISTS block (
  run INTEGER NOT NULL REFERENCES run(id), place INTEGER NOT NULL,
  amounts TEXT NOT NULL,         -- JSON: seconds, sessions, messages, bytes, cpu_s, rss, files, speed, ...
  unfit TEXT NOT NULL            -- why it cannot be compared; mostly ''
);
CREATE TABLE IF NOT EXISTS latency (
  run INTEGER NOT NULL REFERENCES run(id), place INTEGER NOT NULL, phase TEXT NOT NULL,
  hdr TEXT NOT NULL              -- HdrHistogram V2, compressed, base64; ns
);
CREATE TABLE IF NOT EXISTS configuration (sha256 TEXT PRIMARY KEY, tar BLOB NOT NULL);
"""
_VERSION, _APPLICATION = 1, 0x6761756E  # "gaun"


@dataclass(frozen=True)
class Saved:
    """A run as it is kept."""

    name: str
    at: str
    scenario: str
    target: str
    status: int
    machine: dict[str, str]
    program: dict[str, str]
    gateway: dict[str, Any]
    configuration: bytes  # a tar file
    figures: dict[str, float]
    blocks: tuple[Block, ...]


def openable(file: Path) -> None:
    """See that a run can be added.  Raises HarnessError as `save`, UsageError for a place where no file can be."""
    writable(file)
    if file.exists():
        with _opened(file) as base:
            base.execute("BEGIN IMMEDIATE")


def save(file: Path, run: Saved) -> None:
    """Add a run.  Raises HarnessError for a file that is no history or cannot be written."""
    sha256 = hashlib.sha256(run.configuration).hexdigest()
    with _opened(file) as base:
        base.execute("INSERT OR IGNORE INTO configuration VALUES (?, ?)", (sha256, run.configuration))
        words = (json.dumps(part, sort_keys=True) for part in (run.machine, run.program, run.gateway))
        number = base.execute(
            "INSERT INTO run (name, at, scenario, target, status, machine, program, gateway, configuration) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run.name, run.at, run.scenario, run.target, run.status, *words, sha256),
        ).lastrowid
        base.executemany("INSERT INTO figure VALUES (?, ?, ?)", ((number, *one) for one in run.figures.items()))
        for place, block in enumerate(run.blocks):
            base.execute(
                "INSERT INTO block VALUES (?, ?, ?, ?)", (number, place, json.dumps(dict(block.amounts)), block.unfit)
            )
            base.executemany(
                "INSERT INTO latency VALUES (?, ?, ?, ?)",
                ((number, place, phase, histogram.encode()) for phase, histogram in block.latency.items()),
            )


def recall(file: Path, name: str, scenario: str, target: str) -> Saved:
    """The latest run of this name.  Raises HarnessError, with the nearest right name, where there is none."""
    if not file.exists():
        raise HarnessError("no such history; `--save NAME` begins one", file=str(file))
    with _opened(file) as base:
        found = base.execute(
            "SELECT id, name, at, scenario, target, status, machine, program, gateway, tar FROM run JOIN configuration "
            "ON configuration = sha256 WHERE name = ? AND scenario = ? AND target = ? ORDER BY id DESC LIMIT 1",
            (name, scenario, target),
        ).fetchone()
        if found is None:
            others = [row[0] for row in base.execute(
                "SELECT DISTINCT name FROM run WHERE scenario = ? AND target = ?", (scenario, target)
            )]  # fmt: skip
            raise HarnessError(f"no run {name!r} of {scenario} on {target}{did_you_mean(name, others)}", file=str(file))
        number, *plain, machine, program, gateway, tar = found
        figures = dict(base.execute("SELECT metric, value FROM figure WHERE run = ?", (number,)))
        latency = base.execute("SELECT place, phase, hdr FROM latency WHERE run = ?", (number,)).fetchall()
        blocks = tuple(
            Block(json.loads(amounts), {phase: decode(hdr) for at, phase, hdr in latency if at == place}, unfit)
            for place, amounts, unfit in base.execute(
                "SELECT place, amounts, unfit FROM block WHERE run = ? ORDER BY place", (number,)
            ).fetchall()
        )
    name, at, scenario, target, status = plain
    parts = [json.loads(part) for part in (machine, program, gateway)]
    return Saved(name, at, scenario, target, status, parts[0], parts[1], parts[2], tar, figures, blocks)


def packed(directory: Path) -> bytes:
    """A configuration directory as a tar file; the same bytes for the same files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(path.relative_to(directory).as_posix())
                entry.size = len(content := path.read_bytes())
                tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def unpack(tar: bytes, directory: Path) -> None:
    """The files of a configuration, put there."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        opened.extractall(directory, filter="data")


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(file)) as base, base:
            version = base.execute("PRAGMA user_version").fetchone()[0]
            tables = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if (tables and base.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION) or version > _VERSION:
                raise HarnessError("is no history of `gauntlet bench`, or one of a later version", file=str(file))
            base.executescript(f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_VERSION}; {SCHEMA}")
            yield base
    except (sqlite3.Error, OSError) as error:
        raise HarnessError(f"is no history of `gauntlet bench`: {error}", file=str(file)) from None
