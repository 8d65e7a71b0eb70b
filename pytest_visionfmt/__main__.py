"""The command line: ``visionfmt check | check-bundle | generate | grade | fuzz | formats | schema | explain``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence

from pytest_visionfmt import fuzz_command
from pytest_visionfmt.checking import prepare
from pytest_visionfmt.commands import Unusable
from pytest_visionfmt.commands.check import add_check, checked, count
from pytest_visionfmt.commands.check_bundle import add_check_bundle, bundle_checked
from pytest_visionfmt.commands.generate import add_generate, generated
from pytest_visionfmt.format import PROFILES, Format, Rule
from pytest_visionfmt.formats import TABLE, imported
from pytest_visionfmt.reports.text import table

__all__ = ["main"]


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
    add_check(check)
    check.set_defaults(run=_check)

    bundle = commands.add_parser("check-bundle", help="check the files of a moderation training job beside each other")
    add_check_bundle(bundle)
    bundle.set_defaults(run=_check_bundle)

    generate = commands.add_parser("generate", help="write sample records to a folder, the same in every run")
    add_generate(generate)
    generate.set_defaults(run=_generate)

    grade = commands.add_parser("grade", help="measure a validator: what it catches and what it lets through")
    grade.add_argument("format", metavar="FORMAT", help="a format id, or package.module:NAME")
    grade.add_argument(
        "validator",
        metavar="VALIDATOR",
        help="package.module:function; it takes a record and rejects by raising, or by returning False",
    )
    grade.add_argument("--profile", choices=PROFILES, default="documented", help="who judges (default: %(default)s)")
    grade.add_argument(
        "--rule", action="append", metavar="RULE", help="a code or name to break; every error if left out; repeatable"
    )
    grade.add_argument(
        "--raises",
        action="append",
        metavar="EXCEPTION",
        help="what rejects, ValueError if left out: a built-in exception or package.module:NAME; repeatable",
    )
    grade.add_argument("--files", action="store_true", help="the function takes the content of a file, as bytes")
    grade.add_argument(
        "--draws", type=count, default=200, metavar="N", help="how many drawn values to try (default: %(default)s)"
    )
    grade.set_defaults(run=_grade)

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


def _look_here() -> None:
    """Look for modules from the current folder as well, as `python -m` does."""
    if "" not in sys.path:
        sys.path.insert(0, "")


def _format(name: str) -> Format:
    if ":" in name:
        _look_here()
    try:
        format_ = imported(name)
        prepare(format_)
    except ValueError as error:
        raise _Usage(str(error)) from None
    return format_


def _check(options: argparse.Namespace) -> int:
    try:
        return checked(_format(options.format) if options.format else None, options)
    except Unusable as error:
        raise _Usage(str(error)) from None


def _check_bundle(options: argparse.Namespace) -> int:
    try:
        return bundle_checked(options)
    except Unusable as error:
        raise _Usage(str(error)) from None


def _generate(options: argparse.Namespace) -> int:
    try:
        return generated(_format(options.format), options)
    except Unusable as error:
        raise _Usage(str(error)) from None


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line)


def _grade(options: argparse.Namespace) -> int:
    from pytest_visionfmt.commands.grade import graded

    _look_here()
    try:
        grade = graded(_format(options.format), options)
    except Unusable as error:
        raise _Usage(str(error)) from None
    _print(grade.lines())
    return int(not grade.passed)


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
