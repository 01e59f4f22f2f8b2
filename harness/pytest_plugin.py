"""pytest_plugin - scenario files as pytest items: one per session and matrix cell, and fixtures for tests in Python.

Loaded into every pytest run, so it imports nothing of ours until a scenario is collected or a fixture is used, and
takes no file that is not a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.cell import CellRun
    from harness.fixtures import Gateway, NextHop, World
    from harness.observation import SessionSeen
    from harness.result import ScenarioResult, SessionResult
    from harness.scenario import Session

_ROW, _EXIT, _FIRST_AT = "gauntlet", "gauntlet_exit", "gauntlet_first_at"
_MISTAKE = "scenario error: "
_KEYS = re.compile(rb"^(title|gateway|sessions)[ \t]*:", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gauntlet", "mail gateway scenarios")
    group.addoption("--gauntlet-target", action="append", default=[], metavar="TARGET", help="reference (default), ...")
    group.addoption("--gauntlet-jsonl", metavar="FILE", help="write one JSON object per session")
    group.addoption("--gauntlet-seed", type=int, metavar="N", help="instead of each scenario's own seed")
    group.addoption("--gauntlet-update-golden", action="store_true", help="write golden files anew")
    group.addoption(
        "--gauntlet-all", action="store_true", help="take every *.yaml for a scenario, as `gauntlet run` does"
    )


def pytest_configure(config: pytest.Config) -> None:
    results = _Results(config)
    results.prepare()
    config.pluginmanager.register(results, "gauntlet-results")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenarios: a *.yaml below a directory `scenarios`, or named on the command line, that has the keys of one.

    Two of `title`, `gateway`, `sessions` will do, so that a misspelt one is told and does not make the file vanish.
    """
    if file_path.suffix != ".yaml":
        return None
    if not parent.config.option.gauntlet_all:
        named = {str(Path(argument.partition("::")[0]).resolve()) for argument in parent.config.args}
        if str(file_path) not in named and "scenarios" not in file_path.parts:
            return None
        if len(set(_KEYS.findall(file_path.read_bytes()))) < 2:
            return None
    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Tell each cell which of its sessions -k and -m have chosen; what is said of the run goes with any of them."""
    ours = [item for item in items if isinstance(item, ScenarioItem)]
    cells = {id(item.run) for item in ours if item.session_id is not None}
    wholes = {id(item.run): item for item in ours if item.session_id is None and id(item.run) in cells}
    set_aside = set(map(id, wholes.values()))
    items[:] = [item for item in items if id(item) not in set_aside]
    yield
    last = {id(item.run): item for item in items if isinstance(item, ScenarioItem)}
    chosen: list[pytest.Item] = []
    for item in items:
        chosen.append(item)
        if isinstance(item, ScenarioItem) and item.session_id is not None:
            item.run.wanted.add(item.session_id)
            if item is last[id(item.run)] and id(item.run) in wholes:
                chosen.append(wholes[id(item.run)])
    items[:] = chosen


_MARKS = pytest.StashKey[dict[str, pytest.MarkDecorator]]()


def _mark(config: pytest.Config, name: str) -> pytest.MarkDecorator:
    """The mark of a tag, entered once: pytest looks through all that were entered each time it makes one."""
    marks = config.stash.setdefault(_MARKS, {})
    if name not in marks:
        config.addinivalue_line("markers", f"{name}: a tag of scenarios")
        marks[name] = getattr(pytest.mark, name)
    return marks[name]


class ScenarioFile(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterable[pytest.Item]:
        from harness.cell import CellRun, kind_of
        from harness.load import load

        loaded = load(shown(self.path))
        options = self.config.option
        names = options.gauntlet_target or ["reference"]
        for target in names:
            for cell in loaded.cells:
                scenario = loaded.scenario(cell)
                if scenario.targets and kind_of(target) not in scenario.targets:
                    continue
                loaded.require_sessions(cell)
                run = CellRun(
                    loaded, cell, target, seed=options.gauntlet_seed, update_golden=options.gauntlet_update_golden
                )
                label = "".join(f"[{name}={value}]" for name, value in cell) + (f"[{target}]" if names[1:] else "")
                sessions = loaded.sessions(cell)
                for index, session in sessions:
                    yield self._item(f"{session.id}{label}", run, index, session, [*scenario.tags, *session.tags])
                if scenario.dns.strict or scenario.after:
                    yield self._item(f"(after){label}", run, len(scenario.sessions), None, scenario.tags)

    def _item(self, name: str, run: CellRun, index: int, session: Session | None, tags: list[str]) -> pytest.Item:
        item = ScenarioItem.from_parent(self, name=name, run=run, index=index, session_asked=session)
        for tag in dict.fromkeys(tags):
            item.add_marker(_mark(self.config, tag))
        item.add_marker(_mark(self.config, "xdist_group")(item.group))
        return item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from harness.errors import HarnessError

        if isinstance(excinfo.value, HarnessError):
            return f"{_MISTAKE}{excinfo.value}"
        return super().repr_failure(excinfo)


class SessionFailed(Exception):
    """Carries the explanation of a session, or of a whole run, that did not come out as expected."""


class ScenarioItem(pytest.Item):
    """One session of one cell, or (session_asked None) what the scenario says about the whole run."""

    def __init__(self, *, run: CellRun, index: int, session_asked: Session | None, **more: Any) -> None:
        super().__init__(**more)
        self.run, self.index, self.session_asked = run, index, session_asked
        self.session_id = None if session_asked is None else session_asked.id
        self.group = f"{self.path}{run.cell}{run.target_name}"  # the worker that gets one item gets its whole cell

    def runtest(self) -> None:
        from harness.errors import HarnessError

        if reason := self.run.target.missing():
            pytest.skip(f"target {self.run.target_name}: {reason}")
        try:
            result = self.run.result()
        except HarnessError as error:
            self._tell(_EXIT, error.exit_status)
            if self.session_asked is not None:
                self._judge_session(self.run.unrun(self.session_asked, error), error)
            raise
        self._tell(_FIRST_AT, self.run.first_at)
        if self.session_id is None:
            self._judge_whole(result)
        else:
            self._judge_session(next(one for one in result.sessions if one.session == self.session_id))

    def _judge_session(self, result: SessionResult, error: Exception | None = None) -> None:
        from harness.failure import explain_failure
        from harness.reports.json_lines import row
        from harness.result import Status

        self._tell(_ROW, row(result, self.index))
        match result.status:
            case _ if error is not None:
                raise error
            case Status.FAILED | Status.ERROR | Status.XPASSED:
                raise SessionFailed(explain_failure(result, str(shown(self.path))))
            case Status.SKIPPED:
                pytest.skip(f"not checked: {result.findings[0].seen}")
            case Status.XFAILED:
                pytest.xfail("as expected")

    def _judge_whole(self, result: ScenarioResult) -> None:
        from harness.errors import TargetError
        from harness.failure import explain_finding
        from harness.reports.json_lines import row_of_whole
        from harness.result import Status, status_of

        self._tell(_ROW, row_of_whole(result, self.index, self.run.plan.scenario.tags))
        if any(finding.expectation == "target" for finding in result.findings):
            self._tell(_EXIT, TargetError.exit_status)
        wrong = [finding for finding in result.findings if finding.status in (Status.FAILED, Status.ERROR)]
        if wrong:
            lines = [line for finding in wrong for line in explain_finding(finding, str(shown(self.path)))]
            raise SessionFailed("\n".join([f"{result.scenario}: the run as a whole", *lines]))
        if status_of(result.findings) is Status.SKIPPED:
            pytest.skip("not checked: nothing this scenario says of its whole run could be")

    def _tell(self, name: str, value: object) -> None:
        """Tell the process that talks to the user."""
        self.user_properties.append((name, value))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from harness.errors import HarnessError

        match excinfo.value:
            case SessionFailed() as failed:
                return str(failed)
            case HarnessError() as error:
                return f"{_MISTAKE}{error if error.file else f'{shown(self.path)}: {error}'}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def shown(path: Path) -> Path:
    """The path as the user would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


class _Results:
    """Gathers what the items report, in the process that talks to the user, and writes the JSON lines."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: list[dict[str, Any]] = []
        self.exits: list[int] = []  # of what kept scenarios from running; `gauntlet run` exits with the worst
        self.first_at: float | None = None  # when the first session was over, in s since the epoch
        path = config.option.gauntlet_jsonl
        self.path = Path(path) if path and not hasattr(config, "workerinput") else None

    def prepare(self) -> None:
        """See that the JSON lines can be written.  Raises pytest.UsageError."""
        if self.path is not None:
            from harness.errors import UsageError
            from harness.output import writable

            try:
                writable(self.path)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from None

    def mistake(self, report: pytest.CollectReport | pytest.TestReport) -> str:
        """The one line of a user's mistake, or "" if the report tells of something else."""
        kind, mark, text = report.longreprtext.partition(_MISTAKE)
        return text.strip() if mark and not kind else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == _ROW:
                    assert isinstance(value, dict)
                    self.rows.append(value)
                elif name == _EXIT:
                    self.exits.append(int(str(value)))
                elif name == _FIRST_AT and isinstance(value, float):
                    self.first_at = min(value, self.first_at or value)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.mistake(report):
            self.exits.append(3)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.rows and not self.config.option.gauntlet_all:  # `gauntlet run` prints it itself
            from harness.reports.terminal import terminal

            terminalreporter.write_line("")
            terminalreporter.write(terminal(self.rows))

    def pytest_unconfigure(self) -> None:
        """Write the rows so far, whatever ended the run: the whole file, or none where nothing was replayed."""
        if self.path is not None and self.rows:
            from harness.output import write
            from harness.reports.json_lines import json_lines

            write(self.path, json_lines(self.rows))


# -- fixtures for tests written in Python --------------------------------------------------------------------------


@pytest.fixture
def _gauntlet_world(tmp_path: Path) -> Iterator[World]:
    from harness.fixtures import World

    with World(tmp_path) as world:
        yield world


@pytest.fixture
def fakedns(_gauntlet_world: World) -> World:
    """The DNS world: `fakedns.zone(text)`, `.list(zone, address)`, `.fault(name, type, action)`, `.asked`."""
    return _gauntlet_world


@pytest.fixture
def next_hop(_gauntlet_world: World) -> NextHop:
    """Where accepted mail goes: `next_hop.deliveries`, and `.replies` to refuse some of it."""
    return _gauntlet_world.next_hop


@pytest.fixture
def gateway(_gauntlet_world: World) -> Gateway:
    """The reference gateway: `gateway.start(config, set={...})` starts it, in front of the DNS and next hop above."""
    return _gauntlet_world.gateway


@pytest.fixture
def replay(_gauntlet_world: World) -> Callable[..., SessionSeen]:
    """Send one mail, or play one chat: `seen = replay(client={"ip": ...}, send={...})`."""
    return _gauntlet_world.replay
