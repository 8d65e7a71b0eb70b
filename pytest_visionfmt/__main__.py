"""The command line: ``visionfmt check | fuzz | formats | schema | explain``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from pytest_visionfmt import fuzz_command
from pytest_visionfmt.checking import prepare
from pytest_visionfmt.checking_files import check_bytes, check_file, check_found
from pytest_visionfmt.data_files import walk
from pytest_visionfmt.format import PROFILES, Format, Rule
from pytest_visionfmt.formats import TABLE, imported
from pytest_visionfmt.report import MAX_FINDINGS, Report
from pytest_visionfmt.reports.text import concise, report_lines, shown, summary, table
from pytest_visionfmt.values import printable

__all__ = ["main"]

_COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[36m"}
_RESET = "\033[0m"


class _Usage(Exception):
    """The command line asks for something that there is not."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0 where all is clean, 1 where there are errors, 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        # Data may hold any character, a terminal or a pipe may not: never fail for that.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except (_Usage, fuzz_command.WrongCall) as error:
        print(f"visionfmt {options.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`); keep the interpreter from saying so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    from pytest_visionfmt import __version__

    parser = argparse.ArgumentParser(prog="visionfmt", description="Check data files of computer-vision formats.")
    parser.add_argument("--version", action="version", version=f"pytest-visionfmt {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="check files, and the data files of folders")
    check.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for standard input")
    check.add_argument(
        "--format", metavar="FORMAT", help="a format id, or package.module:NAME; told from the keys if left out"
    )
    check.add_argument("--profile", choices=PROFILES, default="documented", help="who judges (default: %(default)s)")
    check.add_argument("--strict", action="store_true", help="warnings fail as well")
    check.add_argument(
        "--max-findings",
        type=_count,
        default=MAX_FINDINGS,
        metavar="N",
        help="how many findings of one code to keep for a file (default: %(default)s)",
    )
    check.add_argument(
        "--output", choices=("text", "concise"), default="text", help="how to print (default: %(default)s)"
    )
    check.add_argument(
        "-v", "--verbose", action="store_true", help="show notes, and the files that are clean or skipped"
    )
    check.set_defaults(run=_check)

    fuzz_command.add_parser(commands)

    formats = commands.add_parser("formats", help="list the formats")
    formats.set_defaults(run=_formats)

    schema = commands.add_parser("schema", help="print the JSON Schema of a format")
    schema.add_argument("format", metavar="FORMAT", help="a format id, or package.module:NAME")
    schema.add_argument("--profile", choices=PROFILES, default="documented", help="who judges (default: %(default)s)")
    schema.set_defaults(run=_schema)

    explain = commands.add_parser("explain", help="say what a rule means and what the service does")
    explain.add_argument("code", metavar="CODE", help="a code or name, VF104 or box-order")
    explain.set_defaults(run=_explain)
    return parser


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of findings, 0 or more")
    return int(text)


def _format(name: str) -> Format:
    # As with `python -m`, a format of one's own is looked for from the current folder.
    if ":" in name and "" not in sys.path:
        sys.path.insert(0, "")
    try:
        format_ = imported(name)
        prepare(format_)
    except ValueError as error:
        raise _Usage(str(error)) from None
    return format_


def _check(options: argparse.Namespace) -> int:
    format_ = _format(options.format) if options.format else None
    reports = []
    for report in _reports(options, format_):
        reports.append(report)
        if options.output == "concise":
            _print(concise(shown(report, notes=options.verbose)))
        else:
            _print(_coloured(report, sys.stdout, options.verbose))
    if options.output == "text":
        if not reports:
            print("no data files found")
        why = "" if options.verbose or not any(report.skipped for report in reports) else " (-v says why)"
        print(f"{summary(reports)}{why}")
    return int(any(report.failed(strict=options.strict) for report in reports))


def _reports(options: argparse.Namespace, format_: Format | None) -> Iterator[Report]:
    limits: dict[str, Any] = {"profile": options.profile, "max_findings": options.max_findings}
    for name in dict.fromkeys(options.paths):
        path = Path(name)
        if name == "-":
            if format_ is None:
                raise _Usage("standard input has no name to go by: give its --format")
            yield check_bytes(sys.stdin.buffer.read(), format_, file="<stdin>", **limits)
        elif path.is_dir():
            for file in walk(path):
                yield check_file(file, format_, **limits) if format_ else check_found(file, **limits)
        elif not path.exists():
            raise _Usage(f"there is no file or folder {name!r}")
        else:
            yield check_file(path, format_, **limits)


def _coloured(report: Report, stream: IO[str], verbose: bool) -> Iterator[str]:
    colour = stream.isatty() and "NO_COLOR" not in os.environ
    for line, style in report_lines(report, notes=verbose):
        yield f"{_COLOURS[style]}{line}{_RESET}" if colour and style else line
    if verbose and report.skipped:
        yield f"{printable(report.file)}: skipped: {report.skipped}"
    elif verbose and not report.findings:
        yield f"{printable(report.file)}: clean {report.format}"


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line)


def _formats(options: argparse.Namespace) -> int:
    rows = [("format", "unit", "title"), *((f.id, f.unit, f.title) for f in TABLE.values())]
    _print(table(rows))
    return 0


def _schema(options: argparse.Namespace) -> int:
    import json

    print(json.dumps(_format(options.format).schema(options.profile), indent=2, ensure_ascii=False))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from pytest_visionfmt.reports.explain import UnknownRule, explanation, rule_named

    try:
        rule: Rule = rule_named(options.code)
    except UnknownRule as error:
        raise _Usage(str(error)) from None
    _print(explanation(rule))
    return 0


if __name__ == "__main__":
    sys.exit(main())
