"""pytest_plugin - scenario files as pytest items: one per session and matrix cell, and fixtures for tests in Python.

Loaded into every pytest run, so it imports nothing of ours until a scenario is collected or a fixture is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.cell import CellRun
    from harness.fixtures import Gateway, NextHop, World
    from harness.observation import SessionSeen

_PROPERTY, _EXIT = "gauntlet", "gauntlet_exit"
_SCENARIO_ERROR = "scenario error: "


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gauntlet", "mail gateway scenarios")
    group.addoption("--gauntlet-target", action="append", default=[], metavar="TARGET", help="reference (default), ...")
    group.addoption("--gauntlet-jsonl", metavar="FILE", help="write one JSON object per session")
    group.addoption("--gauntlet-seed", type=int, metavar="N", help="instead of each scenario's own seed")
    group.addoption("--update-golden", action="store_true", help="write golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Results(config), "gauntlet-results")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Files *.yaml below a directory `scenarios`, and any that is named on the command line."""
    if file_path.suffix != ".yaml":
        return None
    named = str(file_path) in {str(Path(a.partition("::")[0]).resolve()) for a in parent.config.args}
    if not named and "scenarios" not in file_path.parts:
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell each cell, after -k and -m have chosen, which of its sessions to replay."""
    for item in items:
        if isinstance(item, ScenarioItem):
            item.run.wanted.update(item.needs)


class ScenarioFile(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterable[pytest.Item]:
        from harness.cell import CellRun
        from harness.load import load

        loaded = load(self.path)
        options = self.config.option
        names = options.gauntlet_target or ["reference"]
        for target in names:
            for cell in loaded.cells:
                scenario = loaded.scenario(cell)
                if scenario.targets and target not in scenario.targets:
                    continue
                run = CellRun(loaded, cell, target, seed=options.gauntlet_seed, update_golden=options.update_golden)
                label = "".join(f"[{name}={value}]" for name, value in cell) + (f"[{target}]" if names[1:] else "")
                sessions = loaded.sessions(cell)
                everything = [session.id for _, session in sessions]
                for index, session in sessions:
                    yield self._item(f"{session.id}{label}", run, index, [session.id], session.id,
                                     [*scenario.tags, *session.tags])  # fmt: skip
                yield self._item(f"(after){label}", run, len(everything), everything, None, scenario.tags)

    def _item(
        self, name: str, run: CellRun, index: int, needs: list[str], session: str | None, tags: list[str]
    ) -> pytest.Item:
        item = ScenarioItem.from_parent(self, name=name, run=run, index=index, needs=needs, session_id=session)
        for tag in dict.fromkeys(tags):
            self.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
            item.add_marker(getattr(pytest.mark, tag))
        with contextlib.suppress(ValueError, AttributeError):  # the worker that gets one item gets its whole cell
            self.config.addinivalue_line("markers", "xdist_group: of pytest-xdist")
            item.add_marker(pytest.mark.xdist_group(f"{self.path}{run.cell}{run.target_name}"))
        return item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from harness.errors import HarnessError

        if isinstance(excinfo.value, HarnessError):
            return f"{_SCENARIO_ERROR}{excinfo.value}"
        return super().repr_failure(excinfo)


class SessionFailed(Exception):
    """Carries the explanation of a session, or of a whole run, that did not come out as expected."""


class ScenarioItem(pytest.Item):
    """One session of one cell, or (session_id None) what the scenario says about the whole run."""

    def __init__(self, *, run: CellRun, index: int, needs: list[str], session_id: str | None, **more: Any) -> None:
        super().__init__(**more)
        self.run, self.index, self.needs, self.session_id = run, index, needs, session_id

    def runtest(self) -> None:
        from harness.errors import HarnessError

        if reason := self.run.target.missing():
            pytest.skip(f"target {self.run.target_name}: {reason}")
        try:
            result = self.run.result()
        except HarnessError as error:
            self.user_properties.append((_EXIT, error.exit_status))
            raise
        if self.session_id is None:
            self._judge_whole(result)
        else:
            self._judge_session(next(one for one in result.sessions if one.session == self.session_id))

    def _judge_session(self, result: Any) -> None:
        from harness.failure import explain_failure
        from harness.reports.json_lines import row
        from harness.result import Status

        self.user_properties.append((_PROPERTY, row(result, self.index)))
        match result.status:
            case Status.FAILED | Status.ERROR | Status.XPASSED:
                raise SessionFailed(explain_failure(result, self._file))
            case Status.SKIPPED:
                pytest.skip("not checked: the target cannot show anything this session asserts")
            case Status.XFAILED:
                pytest.xfail("as expected")

    def _judge_whole(self, result: Any) -> None:
        from harness.failure import explain_finding
        from harness.result import Status

        wrong = [finding for finding in result.findings if finding.status in (Status.FAILED, Status.ERROR)]
        if wrong:
            lines = [line for finding in wrong for line in explain_finding(finding, self._file)]
            raise SessionFailed("\n".join([f"{result.scenario}: the run as a whole", *lines]))

    @property
    def _file(self) -> str:
        with contextlib.suppress(ValueError):
            return self.path.relative_to(Path.cwd()).as_posix()
        return str(self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from harness.errors import HarnessError

        if isinstance(excinfo.value, SessionFailed):
            return str(excinfo.value)
        if isinstance(excinfo.value, HarnessError):
            return f"{self._file}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class _Results:
    """Gathers what the items report, in the process that talks to the user, and ends the run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: list[dict[str, Any]] = []
        self.exits: list[int] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == _PROPERTY:
                    assert isinstance(value, dict)
                    self.rows.append(value)
                elif name == _EXIT:
                    self.exits.append(int(str(value)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and str(report.longrepr).startswith(_SCENARIO_ERROR):
            self.exits.append(3)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.rows:
            from harness.reports.terminal import terminal

            terminalreporter.write_line("")
            terminalreporter.write(terminal(self.rows))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workerinput"):
            return
        if (path := self.config.option.gauntlet_jsonl) and (self.rows or not self.exits):
            from harness.reports.json_lines import json_lines

            whole = Path(path).with_name(f".{Path(path).name}.part")  # the whole file, or none
            whole.write_text(
                json_lines(self.rows), "utf-8", "backslashreplace"
            )  # 8-bit bytes of a reply become escapes
            whole.replace(path)
        if self.exits:
            session.exitstatus = max(self.exits)


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
