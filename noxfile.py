"""noxfile - every job a developer or CI runs, one short function each.  `nox -l` lists them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable

import nox

# Start-up time is one of the things measured here, so compiled modules are kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.sessions = ["gate", "tests", "lint", "types", "floors"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

TESTING = ["pytest>=8.3", "pytest-xdist>=3.6", "hypothesis>=6.100", "dnspython>=2.7", "jsonschema>=4.20",
           "hdrhistogram>=0.10.8"]  # fmt: skip


def job(function: Callable[[nox.Session], None]) -> object:
    """A session without PYTHONPATH: the README's tool directory is for nox and virtualenv alone."""

    @nox.session
    @functools.wraps(function)
    def run(session: nox.Session) -> None:
        session.env["PYTHONPATH"] = ""
        function(session)

    return run


@job
def gate(session: nox.Session) -> None:
    """The main job: replay every scenario against the embedded reference gateway; the exit status gates the merge."""
    session.install(".")
    session.run("gauntlet", "run", "-n", "auto", *session.posargs)


@job
def tests(session: nox.Session) -> None:
    """The quick tests: every module by itself, no real Postfix, nothing slow, under two minutes."""
    session.install("-e", ".[analytics,lmdb]", *TESTING)
    session.run("pytest", "-n", "2", "-m", "not witness and not slow", *session.posargs)


@job
def lint(session: nox.Session) -> None:
    """ruff: the rules of pyproject.toml, and the format."""
    session.install("ruff>=0.14")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@job
def types(session: nox.Session) -> None:
    """mypy --strict over both packages."""
    session.install("-e", ".[fuzz]", "mypy>=1.18", "types-PyYAML")
    session.run("mypy", *session.posargs)


@job
def floors(session: nox.Session) -> None:
    """import-linter: each module imports only what lies below it; no cycles; no sockets in pure modules."""
    session.install("-e", ".", "import-linter>=2.5")
    session.run("lint-imports", "--no-cache", *session.posargs)


@job
def witness(session: nox.Session) -> None:
    """Against the real thing: Postfix, pflogsumm, swaks, dig and postmap judge what we do.  And what takes long."""
    session.install("-e", ".[analytics,cluster,lmdb]", *TESTING)
    session.run("pytest", "-n", "2", "-m", "witness or slow", "-rs", *session.posargs)


@job
def fuzz(session: nox.Session) -> None:
    """Random configurations and sessions, on the reference gateway and a real Postfix: -- --sessions 5000 --seed 1."""
    session.install("-e", ".[fuzz]")
    session.run("gauntlet", "fuzz", "--known", "tests/witness/differences.yaml", *session.posargs)


@job
def properties(session: nox.Session) -> None:
    """Hypothesis, long: the properties of the quick tests with many more examples."""
    session.install("-e", ".", *TESTING)
    session.run("pytest", "-n", "2", "-m", "not witness and not slow", "--hypothesis-profile=long",
                "-k", "any or never or round", *session.posargs)  # fmt: skip


@job
def fuzz_content(session: nox.Session) -> None:
    """The content engine on mutated mails, archives and documents, other readers as judges; ten minutes, half of them
    guided by coverage (atheris).
    """
    session.install("-e", ".", "atheris>=3.0")
    program = ("python", "tests/fuzz/fuzz_content.py")
    session.run(*program, "--seconds", "300", *session.posargs)
    session.run(*program, "--atheris", "-max_total_time=300", "-max_len=60000", "-rss_limit_mb=1500", "-timeout=40")


@job
def bench(session: nox.Session) -> None:
    """Ratios to the peers in the same run: smtp-sink, dnsperf with rbldnsd, start-up time, the whole scenario run."""
    session.install(".")
    session.run("gauntlet", "bench", *session.posargs)


@job
def sensitivity(session: nox.Session) -> None:
    """How often `bench --compare` catches a gateway a fifth slower, or cries wolf: 40 runs, half an hour."""
    session.install("-e", ".")
    session.run("python", "tests/sensitivity/runs.py", "--markdown", "docs/sensitivity.md", *session.posargs)


@job
def figures(session: nox.Session) -> None:
    """docs/bench.md anew: one load on the reference gateway and on a real Postfix, in turns."""
    session.install("-e", ".")
    session.run("gauntlet", "bench", "scenarios/bench/throughput.yaml", "--target", "reference", "--target", "postfix",
                "--pairs", "12", "--markdown", "docs/bench.md", *session.posargs)  # fmt: skip


@job
def golden(session: nox.Session) -> None:
    """Write the golden transcripts and mails anew; read the diff before you commit it."""
    session.install("-e", ".", *TESTING)
    session.run("gauntlet", "run", "scenarios", "tests/golden", "--update-golden", *session.posargs)


@job
def docs(session: nox.Session) -> None:
    """Print what documents itself: the expectations, restrictions and scenario schema that are there."""
    session.install("-e", ".")
    session.run("python", "docs/formats.py", env={"PYTHONPATH": "."})
    session.run("python", "docs/faults.py", env={"PYTHONPATH": "."})
    session.run("python", "docs/cases.py")
    session.run("gauntlet", "schema", *session.posargs)
