"""The pytest plugin: ``--visionfmt-check`` collects data files as tests, one item each.

It adapts pytest to pure functions that live elsewhere, and imports nothing but pytest and the
standard library until a file is checked: a run without the flag pays for none of it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_visionfmt.plugin_assertions import pytest_assertrepr_compare, rewrite_assertions
from pytest_visionfmt.plugin_fixtures import (
    MARKER,
    pytest_generate_tests,
    visionfmt_assert_clean,
    visionfmt_dataset,
    visionfmt_record,
    visionfmt_samples,
)
from pytest_visionfmt.plugin_reports import Wanted, add_options, wanted

if TYPE_CHECKING:
    from pytest_visionfmt.format import Format, Profile
    from pytest_visionfmt.report import Report

# What pytest finds here by its name.
__all__ = [
    "pytest_assertrepr_compare",
    "pytest_generate_tests",
    "visionfmt_assert_clean",
    "visionfmt_dataset",
    "visionfmt_record",
    "visionfmt_samples",
]

rewrite_assertions()

_SECTION = "visionfmt"
_MARKUP = {
    "error": {"red": True, "bold": True},
    "warning": {"yellow": True, "bold": True},
    "note": {"cyan": True},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("visionfmt", "checking computer-vision data files")
    group.addoption(
        "--visionfmt-check",
        action="store_true",
        default=None,
        help="collect data files (.jsonl, .manifest, .json, also .gz) and check them",
    )
    group.addoption(
        "--visionfmt-profile", metavar="NAME", default=None, help="who judges: documented (default) or reader"
    )
    group.addoption("--visionfmt-strict", action="store_true", default=None, help="warnings fail as well")
    group.addoption(
        "--visionfmt-max-findings",
        metavar="N",
        type=int,
        default=None,
        help="how many findings of one code to keep for a file (default 1000)",
    )
    group.addoption(
        "--visionfmt-images",
        metavar="MODE",
        default=None,
        help="what to look at of the images that records name: off (default), headers or full",
    )
    group.addoption(
        "--visionfmt-image-root",
        metavar="FOLDER",
        default=None,
        help="the folder below which images are looked for, instead of that of the file; means images headers",
    )
    parser.addini("visionfmt_check", "collect data files and check them", type="bool", default=False)
    parser.addini("visionfmt_profile", "who judges: documented or reader", default="documented")
    parser.addini("visionfmt_strict", "warnings fail as well", type="bool", default=False)
    parser.addini(
        "visionfmt_max_findings", "how many findings of one code to keep for a file", type="int", default=1000
    )
    parser.addini("visionfmt_images", "what to look at of images: off, headers or full; empty is off", default="")
    parser.addini(
        "visionfmt_image_root",
        "the folder below which images are looked for, relative to the root folder of pytest",
        default="",
    )
    _add_fuzz_options(parser)
    parser.addini("visionfmt_formats", "lines of GLOB: FORMAT, the first match wins", type="linelist", default=[])
    add_options(group, parser)


# Of a converter that is named on the command line: what a line of visionfmt_fuzz says behind its formats.
_FUZZ_TEXTS = {
    "from": "the format that the converter reads",
    "to": "the format that it writes; without one, only laws that need none are judged",
    "unit": "what it is handed: record, dataset (default) or folder",
    "inverse": "package.module:name of a converter back",
    "losses": "what it may lose, joined by commas: crowd, folders, size, ...",
    "tolerance": "how many pixels coordinates may be off (default 0.5)",
    "raises": "what it raises on bad data, joined by commas (default ValueError)",
}
_FUZZ_NUMBERS = {
    "max_examples": (int, "how many examples of each law to try (default 200)"),
    "call_timeout": (float, "after how many seconds a call is given up (default 10)"),
    "fuzz_seed": (int, "makes the same run again"),
}


def _add_fuzz_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("visionfmt-fuzz", "fuzzing converters of computer-vision data")
    group.addoption(
        "--visionfmt-fuzz",
        metavar="CONVERTER",
        action="append",
        default=[],
        help="fuzz package.module:name, as one test for each law",
    )
    for name, help_ in _FUZZ_TEXTS.items():
        group.addoption(f"--visionfmt-{name}", metavar=name.upper(), default=None, help=help_)
        parser.addini(f"visionfmt_{name}", help_, default="")
    for name, (kind, help_) in _FUZZ_NUMBERS.items():
        option = f"--visionfmt-{name.replace('_', '-')}"
        group.addoption(option, metavar="N", type=kind, default=None, help=help_)
        parser.addini(f"visionfmt_{name}", help_, default="")
    parser.addini(
        "visionfmt_fuzz",
        "lines of package.module:name: SOURCE -> TARGET, converters to fuzz",
        type="linelist",
        default=[],
    )


@pytest.hookimpl(tryfirst=True)  # so that -k and -m choose among these too
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    named, lines = config.getoption("visionfmt_fuzz"), config.getini("visionfmt_fuzz")
    if not named and not lines:
        return
    from pytest_visionfmt.fuzz_items import converters
    from pytest_visionfmt.fuzzing.targets import FuzzTarget, parse_target

    texts = {name: str(_option(config, name)) for name in _FUZZ_TEXTS if _option(config, name)}
    source, target = texts.pop("from", ""), texts.pop("to", None)
    if named and not source:
        raise pytest.UsageError("--visionfmt-fuzz: name the format that the converter reads with --visionfmt-from")
    try:
        targets = [*(FuzzTarget(name, source, target, texts) for name in named), *map(parse_target, lines)]
        options = {
            name.removeprefix("fuzz_"): kind(_option(config, name))
            for name, (kind, _) in _FUZZ_NUMBERS.items()
            if _option(config, name) not in (None, "")
        }
    except ValueError as error:
        raise pytest.UsageError(f"visionfmt fuzz: {error}") from None
    items.extend(converters(session, targets, options))


class Settings(NamedTuple):
    """What the options and their ini twins come to."""

    profile: Profile
    strict: bool
    max_findings: int
    formats: tuple[tuple[str, Format], ...]
    rootpath: Path
    verbose: bool
    wanted: Wanted
    images: str | None = None
    image_root: Path | None = None

    def mapped(self, path: Path) -> Format | None:
        """Return the format that ``visionfmt_formats`` gives a file; a star crosses folders."""
        try:
            relative = path.relative_to(self.rootpath).as_posix()
        except ValueError:
            relative = path.as_posix()
        return next((format_ for glob, format_ in self.formats if fnmatchcase(relative, glob)), None)


_SETTINGS = pytest.StashKey[Settings]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if _option(config, "check"):
        config.stash[_SETTINGS] = _settings(config)


def _option(config: pytest.Config, name: str) -> Any:
    value = config.getoption(f"visionfmt_{name}")
    return config.getini(f"visionfmt_{name}") if value is None else value


def _settings(config: pytest.Config) -> Settings:
    from pytest_visionfmt.format import check_profile

    profile = _option(config, "profile")
    try:
        check_profile(profile)
    except ValueError as error:
        raise pytest.UsageError(f"--visionfmt-profile: {error}") from None
    try:
        most = _option(config, "max_findings")
    except (TypeError, ValueError, pytest.UsageError) as error:  # by version of pytest
        raise pytest.UsageError(f"visionfmt_max_findings: {error}") from None
    if most < 0:
        raise pytest.UsageError(f"--visionfmt-max-findings: {most} is negative")
    formats = tuple(_mapping(line) for line in config.getini("visionfmt_formats"))
    verbose = config.getoption("verbose", 0) > 0  # there is none with -p no:terminal
    images, image_root = _images(config)
    strict = _option(config, "strict")
    return Settings(profile, strict, most, formats, config.rootpath, verbose, wanted(config), images, image_root)


def _images(config: pytest.Config) -> tuple[str | None, Path | None]:
    """Return the mode and the folder of images; a folder on the command line is relative to the current one."""
    from pytest_visionfmt.checking_images import image_check

    mode: Any = _option(config, "images") or None
    given = config.getoption("visionfmt_image_root")
    folder = config.invocation_params.dir if given else config.rootpath
    name = given or config.getini("visionfmt_image_root")
    root = folder / name if name else None
    try:
        image_check(mode, root, folder)
    except ValueError as error:
        raise pytest.UsageError(f"visionfmt_images, visionfmt_image_root: {error}") from None
    return mode, root


def _mapping(line: str) -> tuple[str, Format]:
    """Return a line ``GLOB: FORMAT`` of visionfmt_formats, FORMAT an id or ``package.module:NAME``."""
    from pytest_visionfmt.checking import prepare
    from pytest_visionfmt.formats import imported

    glob, colon, name = line.rpartition(": ")
    if not colon or not glob.strip() or not name.strip():
        raise pytest.UsageError(f"visionfmt_formats: {line!r} is not of the form 'GLOB: FORMAT'")
    try:
        format_ = imported(name.strip())
        prepare(format_)
        return glob.strip(), format_
    except ValueError as error:
        raise pytest.UsageError(f"visionfmt_formats: {line!r}: {error}") from None


def pytest_report_header(config: pytest.Config) -> str | None:
    settings = config.stash.get(_SETTINGS, None)
    if settings is None:
        return None
    parts = [f"profile {settings.profile}"]
    if settings.strict:
        parts.append("strict")
    if settings.images != "off" and (settings.images or settings.image_root):
        parts.append(f"images {settings.images or 'headers'}")
    if settings.formats:
        parts.append(f"{len(settings.formats)} mapped")
    return f"visionfmt: {', '.join(parts)}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    settings = parent.config.stash.get(_SETTINGS, None)
    if settings is None:
        return None
    from pytest_visionfmt.data_files import has_data_name

    format_ = settings.mapped(file_path)
    if format_ is None and not has_data_name(file_path.name):
        return None
    file: DataFile = DataFile.from_parent(parent, path=file_path)
    file.format = format_
    file.named = format_ is not None or parent.session.isinitpath(file_path)
    return file


class DataFile(pytest.File):
    """A data file, with one item: the check of the whole of it."""

    format: Format | None
    named: bool

    def collect(self) -> Iterable[pytest.Item]:
        yield CheckItem.from_parent(self, name="visionfmt")


class FileFindings(Exception):
    """A file has findings that fail it."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.file)
        self.report = report


class CheckItem(pytest.Item):
    """The check of one data file; its findings are the failure."""

    parent: DataFile
    _first_bad_line: int | None = None

    def runtest(self) -> None:
        settings = self.config.stash[_SETTINGS]
        report = settings.wanted.of(self._check(settings), self.path)
        if gathered := self.config.pluginmanager.get_plugin("visionfmt-report"):
            gathered.add(report)
        if report.skipped:
            pytest.skip(report.skipped)
        for name in ("file", "format", "lines", "errors", "warnings", "notes"):
            self.user_properties.append((f"visionfmt_{name}", getattr(report, name)))
        if report.failed(strict=settings.strict):
            self._first_bad_line = _first_bad_line(report, settings)
            self.__dict__.pop("location", None)  # cached before the run, when the line was not known
            raise FileFindings(report)
        if text := _plain(_lines(report, settings)):
            self.add_report_section("call", _SECTION, text)

    def _check(self, settings: Settings) -> Report:
        from pytest_visionfmt.checking_files import check_file, check_found

        shown = _relative(self.path, self.config.invocation_params.dir)
        limits: Any = {
            "profile": settings.profile,
            "max_findings": settings.max_findings,
            "shown_as": shown,
            "images": settings.images,
            "image_root": settings.image_root,
        }
        if self.parent.named:
            return check_file(self.path, self.parent.format, **limits)
        return check_found(self.path, **limits)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, FileFindings):
            return FindingsRepr(excinfo.value.report, self.config.stash[_SETTINGS])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        # pytest counts lines from 0 here.
        line = self._first_bad_line
        return self.path, line - 1 if line else None, _relative(self.path, self.config.rootpath)


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return str(path)


def _first_bad_line(report: Report, settings: Settings) -> int | None:
    fatal = ("error", "warning") if settings.strict else ("error",)
    return next((finding.line for finding in report.findings if finding.severity in fatal), None)


def _lines(report: Report, settings: Settings) -> list[tuple[str, str]]:
    """Return the findings as lines with their styles, without the blank line after the last."""
    from pytest_visionfmt.reports.text import report_lines

    return list(report_lines(report, notes=settings.verbose))[:-1]


def _plain(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(line for line, _ in lines)


class _Crash(NamedTuple):
    """What pytest prints behind FAILED in its short summary."""

    message: str

    def __str__(self) -> str:
        return self.message


class FindingsRepr:
    """The findings of a file as a failure: in colour on a terminal, plain everywhere else."""

    def __init__(self, report: Report, settings: Settings) -> None:
        from pytest_visionfmt.reports.text import plural

        self._lines = _lines(report, settings)
        codes = ", ".join(f"{code} x{count}" if count > 1 else code for code, count in report.counts.items())
        found = plural(report.errors, "error") if report.errors else plural(report.warnings, "warning")
        self.reprcrash = _Crash(f"{found}: {codes}")

    def __str__(self) -> str:
        return _plain(self._lines)

    def toterminal(self, tw: Any) -> None:
        for line, style in self._lines:
            tw.line(line, **_MARKUP.get(style, {}))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, CheckItem) and report.skipped and isinstance(report.longrepr, tuple):
        # A skip is shown at its place: that is the data file, not the line of this module that skips.
        report.longrepr = (_relative(item.path, item.config.rootpath), 1, report.longrepr[2])
    return report


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None]:
    yield
    settings = config.stash.get(_SETTINGS, None)
    if settings is None:
        return
    reports = list(_item_reports(terminalreporter))
    if not reports:
        return
    from pytest_visionfmt.reports.text import table

    terminalreporter.section("visionfmt")
    for report in reports:
        for title, content in report.sections:
            if title == f"Captured {_SECTION} call":
                terminalreporter.write_line(content)
                terminalreporter.write_line("")
    heading = ("file", "format", "lines", "errors", "warnings")
    rows = []
    for report in reports:
        properties = dict(report.user_properties)
        rows.append(tuple(str(properties[f"visionfmt_{name}"]) for name in heading))
    for line in table([heading, *sorted(rows)]):
        terminalreporter.write_line(line)


def _item_reports(terminalreporter: Any) -> Iterator[Any]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            if any(name == "visionfmt_format" for name, _ in getattr(report, "user_properties", ())):
                yield report
