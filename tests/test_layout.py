"""The tree keeps its promises: docstrings, mirrored tests, small files, families that load, no test file left whole."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from harness.registry import Registry

ROOT = Path(__file__).parent.parent
MODULES = sorted(p for package in ("harness", "fakedns") for p in (ROOT / package).rglob("*.py"))
CODE = [p for p in MODULES if p.name not in ("__init__.py", "__main__.py")]

# Contracts and frozen values: nothing in them can go wrong by itself; the tests of their members and users hold them.
NO_TEST_OF_ITS_OWN = {
    "harness/observation.py",
    "harness/result.py",
    "harness/scenario.py",
    "harness/expectation.py",
    "harness/target.py",
    "harness/report.py",
    "harness/bench/benchmark.py",
    "harness/replay/step.py",
    "harness/smtp/events.py",
    "harness/gateway/dns.py",
    "harness/gateway/rule.py",
    "harness/gateway/session.py",
    "harness/gateway/policy/verdict.py",
    "harness/corpus/generator.py",
    "harness/corpus/people.py",
    "harness/corpus/container.py",
}

# Modules whose behaviour shows only through another one: the test that holds them instead of a mirrored one.
TESTED_THROUGH = {
    "tests/harness/gateway/test_settings.py": [
        "harness/gateway/expand.py", "harness/gateway/lines.py", "harness/gateway/maincf.py",
        "harness/gateway/network.py", "harness/gateway/parameters.py",
    ],
    "tests/harness/gateway/tables": [
        "harness/gateway/fixedtable.py", "harness/gateway/patternline.py", "harness/gateway/patterntable.py", "harness/gateway/table.py",
        "harness/gateway/tablechain.py", "harness/gateway/tablefile.py",
    ],
    "tests/harness/gateway/test_mime.py": ["harness/gateway/mime_decode.py", "harness/gateway/mime_names.py"],
    "tests/harness/gateway/test_smtpd.py": [
        "harness/gateway/smtpd_commands.py", "harness/gateway/smtpd_mail.py", "harness/gateway/smtpd_settings.py",
        "harness/gateway/smtpd_xclient.py",
    ],
    "tests/harness/gateway/test_pipeline.py": ["harness/gateway/observer.py"],
    "tests/harness/gateway/policy/test_decide.py": [
        f"harness/gateway/policy/{name}.py"
        for name in ("address", "destination", "dnsxl", "known", "pause", "policy_client", "probe", "tablecheck",
                     "unlisted", "walk", "restrictions/pipelining")
    ],
    "tests/harness/gateway/cleanup/test_process.py": [
        f"harness/gateway/cleanup/{name}.py" for name in ("checks", "examine", "mime_state", "plain", "rewrite")
    ],
    "tests/harness/gateway/content/test_rav.py": [
        f"harness/gateway/content/{name}.py" for name in ("rav_group", "rav_keys", "rav_reader")
    ],
    "tests/harness/gateway/content/actions": ["harness/gateway/content/action.py"],
    "tests/harness/gateway/content/test_examine.py": [
        f"harness/gateway/content/{name}.py"
        for name in ("finding", "outcome")
    ],
    "tests/harness/bench/test_main.py": [
        f"harness/bench/benchmarks/{name}.py"
        for name in ("client", "content", "dns", "first_session", "gateway", "run", "startup", "throughput")
    ],
    "tests/harness/bench/test_loadtest.py": [f"harness/bench/{name}.py" for name in ("around", "peer", "rehearsal", "side", "table")],
}  # fmt: skip
ELSEWHERE = {module for modules in TESTED_THROUGH.values() for module in modules}

FAMILIES = {
    "harness.gateway.table": "tables",
    "harness.expectation": "expectations",
    "harness.target": "targets",
    "harness.bench.benchmark": "benchmarks",
    "harness.corpus.generator": "generators",
    "harness.corpus.family": "families",
    "harness.corpus.importer": "importers",
    "harness.impact.source": "sources",
    "harness.gateway.policy.restriction": "restrictions",
    "harness.gateway.content.archive": "archives",
    "harness.gateway.content.scanner": "scanners",
    "harness.gateway.content.action": "actions",
    "harness.corpus.container": "containers",
    "harness.corpus.payload": "payloads",
    "harness.corpus.craft": "crafts",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_module_begins_with_its_name_and_what_it_is_for() -> None:
    wrong = []
    for path in MODULES:
        name = path.parent.name if path.name == "__init__.py" else path.stem
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if docstring is None or not docstring.startswith(f"{name} - "):
            wrong.append(relative(path))
    assert not wrong, "the docstring begins with the module's name and a dash"


def test_no_file_is_longer_than_400_lines() -> None:
    files = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    long = {relative(path): lines for path in files if (lines := len(path.read_text("utf-8").splitlines())) > 400}
    assert not long


def test_every_module_has_a_test_at_the_mirrored_path() -> None:
    held = NO_TEST_OF_ITS_OWN | ELSEWHERE
    mirrored = {relative(path): f"tests/{relative(path.with_name(f'test_{path.name}'))}" for path in CODE}
    missing = {name: test for name, test in mirrored.items() if not (ROOT / test).exists() and name not in held}
    assert not missing


@pytest.mark.parametrize("contract", FAMILIES)
def test_every_member_of_every_family_loads(contract: str) -> None:
    registry = getattr(import_module(contract), FAMILIES[contract])
    assert isinstance(registry, Registry)
    members = list(registry)
    assert members
    for name in members:
        assert registry[name] is not None


def test_exceptions_from_the_rules_are_still_there() -> None:
    gone = [name for name in (*NO_TEST_OF_ITS_OWN, *TESTED_THROUGH, *ELSEWHERE) if not (ROOT / name).exists()]
    assert not gone


def test_no_anti_virus_test_file_lies_whole_in_the_tree() -> None:
    """EICAR and GTUBE are assembled at run time, so that a scanner on a developer's machine stays quiet."""
    whole = [b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE", b"GTUBE-STANDARD-ANTI-" + b"UBE-TEST-EMAIL*C.34X"]
    kept = [p for top in ("harness", "fakedns", "corpus", "scenarios", "tests") for p in (ROOT / top).rglob("*")]
    for path in kept:
        if path.is_file() and path.suffix != ".pyc":
            data = path.read_bytes()
            assert not any(mark in data for mark in whole), relative(path)
