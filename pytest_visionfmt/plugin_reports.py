"""What ``pytest --visionfmt-check`` selects, what it knows already, and the report it writes to a file.

Imports pytest and the standard library alone until it is used, as the plugin itself does.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from pytest_visionfmt.report import Report
    from pytest_visionfmt.reports.baseline import Baseline
    from pytest_visionfmt.reports.selection import Selection

__all__ = ["ReportFile", "Wanted", "add_options", "wanted"]

_SENT = "visionfmt_reports"


def add_options(group: pytest.OptionGroup, parser: pytest.Parser) -> None:
    """Add the options and their ini twins."""
    for name, metavar, what in (
        ("select", "CODES", "only these codes or names; VF6 means all that begin so"),
        ("ignore", "CODES", "all but these codes or names"),
        ("baseline", "FILE", "known findings, which pass, as visionfmt check --write-baseline writes them"),
        ("report", "FILE", "write a report, by its ending: .json, .jsonl, .sarif, .xml (JUnit) or .txt"),
    ):
        group.addoption(f"--visionfmt-{name}", metavar=metavar, default=None, help=what)
        parser.addini(f"visionfmt_{name}", what, default="")
    parser.addini(
        "visionfmt_per_file_ignores",
        "lines of GLOB: CODES, ignored in the files that match",
        type="linelist",
        default=[],
    )


class Wanted(NamedTuple):
    """Which findings of a file are wanted: those of the selected codes that are not known."""

    selection: Selection
    baseline: Baseline | None
    rootpath: Path

    def of(self, report: Report, path: Path) -> Report:
        """Return what is wanted of the report on a file; globs and the baseline see it relative to the root folder."""
        try:
            name = path.relative_to(self.rootpath).as_posix()
        except ValueError:
            name = path.as_posix()
        report = self.selection.of(report, name)
        return self.baseline.new_in(report, name) if self.baseline else report


def wanted(config: pytest.Config) -> Wanted:
    """Return what the options and their ini twins want. Raises ``pytest.UsageError``."""
    from pytest_visionfmt.reports.baseline import Baseline
    from pytest_visionfmt.reports.outputs import output_for
    from pytest_visionfmt.reports.selection import Selection, codes_of

    try:
        selection = Selection(
            codes_of(_text(config, "select")),
            codes_of(_text(config, "ignore")),
            [_per_file(line) for line in config.getini("visionfmt_per_file_ignores")],
        )
        baseline = _path(config, "baseline")
        known = Baseline.read(baseline) if baseline else None
        if report := _path(config, "report"):
            output_for(report.name)
            config.pluginmanager.register(ReportFile(config, report), "visionfmt-report")
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"visionfmt: {error}") from None
    return Wanted(selection, known, config.rootpath)


def _text(config: pytest.Config, name: str) -> str:
    value = config.getoption(f"visionfmt_{name}")
    return str(config.getini(f"visionfmt_{name}") if value is None else value)


def _path(config: pytest.Config, name: str) -> Path | None:
    """Return the path that an option gives from the current folder, or its ini twin from the root folder."""
    given = config.getoption(f"visionfmt_{name}")
    folder = config.rootpath if given is None else config.invocation_params.dir
    text = _text(config, name)
    return folder / text if text else None


def _per_file(line: str) -> tuple[str, tuple[str, ...]]:
    from pytest_visionfmt.reports.selection import codes_of

    glob, colon, codes = line.rpartition(": ")
    if not colon or not glob.strip() or not codes.strip():
        raise ValueError(f"visionfmt_per_file_ignores: {line!r} is not of the form 'GLOB: CODES'")
    return glob.strip(), codes_of(codes)


class ReportFile:
    """Gathers the reports of a run and writes them, from pytest-xdist's workers as well."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        self._path = path
        self._reports: list[Report] = []

    def add(self, report: Report) -> None:
        """Take the report on a file."""
        self._reports.append(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        sent: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if sent is not None:
            import base64
            import pickle

            # Text is what a worker can send; it was pickled by this very version of the package.
            sent[_SENT] = base64.b64encode(pickle.dumps(self._reports)).decode()
            return
        self._write(complete=exitstatus != pytest.ExitCode.INTERRUPTED)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        if sent := getattr(node, "workeroutput", {}).get(_SENT):
            import base64
            import pickle

            self._reports += pickle.loads(base64.b64decode(sent))

    def _write(self, *, complete: bool) -> None:
        from pytest_visionfmt.reports.outputs import begin, end, output_for

        output = output_for(self._path.name)
        reports = sorted(self._reports, key=lambda report: report.file)
        strict = bool(self._config.getoption("visionfmt_strict") or self._config.getini("visionfmt_strict"))
        lines: list[str] = []
        for report in reports:
            lines += begin(output, report, notes=True)
        lines += end(output, reports, notes=True, strict=strict, complete=complete)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(_joined(lines), encoding="utf-8", errors="backslashreplace")


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
