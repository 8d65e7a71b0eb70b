"""``visionfmt fuzz``: the options, what is printed, and the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from pytest_visionfmt.fuzzing.failures import FuzzReport

__all__ = ["WrongCall", "add_parser", "run"]

_CLEAR = "\r\033[K"


class WrongCall(ValueError):
    """The command asks for a converter, a format or a law that there is not."""


def add_parser(commands: Any) -> None:
    """Add the command to those of ``visionfmt``."""
    fuzz = commands.add_parser(
        "fuzz", help="find the smallest input on which a converter crashes, lies or loses something"
    )
    fuzz.add_argument(
        "converter", metavar="CONVERTER", help="package.module:name, looked for from the current folder too"
    )
    fuzz.add_argument("--from", dest="source", required=True, metavar="FORMAT", help="the format that it reads")
    fuzz.add_argument("--to", dest="target", metavar="FORMAT", help="the format that it writes")
    fuzz.add_argument("--unit", choices=("record", "dataset", "folder"), help="what it is handed (default: dataset)")
    fuzz.add_argument("--inverse", metavar="CONVERTER", help="the converter back, for the law round_trip")
    fuzz.add_argument("--losses", metavar="LIST", help="what it may lose, joined by commas: crowd, folders, size, ...")
    fuzz.add_argument("--tolerance", metavar="PIXELS", help="how far coordinates may be off (default: 0.5)")
    fuzz.add_argument("--raises", metavar="LIST", help="what it raises on bad data (default: ValueError)")
    fuzz.add_argument("--law", action="append", metavar="LAW", help="judge this law only; may be repeated")
    fuzz.add_argument("--max-examples", type=int, default=200, metavar="N", help="examples of each law (default: 200)")
    fuzz.add_argument("--max-failures", type=int, default=5, metavar="N", help="failures of each law (default: 5)")
    fuzz.add_argument("--call-timeout", type=float, default=10.0, metavar="S", help="seconds for a call (default: 10)")
    fuzz.add_argument("--max-time", type=float, metavar="S", help="seconds for everything")
    fuzz.add_argument("--seed", type=int, metavar="N", help="makes the same run again")
    fuzz.add_argument("--in-process", action="store_true", help="call it in this process, for a debugger")
    fuzz.add_argument("--corpus", metavar="FOLDER", help="where failures are kept (default: .visionfmt/corpus)")
    fuzz.add_argument("--no-corpus", action="store_true", help="keep no failures, and try none again")
    fuzz.add_argument("--write-test", metavar="FILE", help="write the failures as tests that need nothing else")
    fuzz.add_argument(
        "--output", choices=("text", "json", "junit"), default="text", help="how to print (default: text)"
    )
    fuzz.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fuzz; return 0 where no law is broken, 1 where one is. Raises ``WrongCall`` for a wrong call."""
    try:
        report = _fuzzed(options)
    except ValueError as error:
        raise WrongCall(str(error)) from error
    if sys.stderr.isatty():
        print(_CLEAR, end="", file=sys.stderr)
    if options.write_test and report.failures:
        Path(options.write_test).write_text(_tests(report), encoding="utf-8")
    writers: dict[str, Callable[[FuzzReport], str]] = {"text": str, "json": _json, "junit": _junit}
    print(writers[options.output](report))
    return int(not report.ok)


def _fuzzed(options: argparse.Namespace) -> FuzzReport:
    from pytest_visionfmt.fuzzing.corpus import DEFAULT_CORPUS
    from pytest_visionfmt.fuzzing.fuzz import fuzz
    from pytest_visionfmt.fuzzing.targets import SETTINGS, FuzzTarget

    if "" not in sys.path:
        sys.path.insert(0, "")
    settings = {name: text for name in SETTINGS if (text := getattr(options, name)) is not None}
    target = FuzzTarget(options.converter, options.source, options.target, settings)
    return fuzz(
        target.function(),
        **target.promise(),
        max_examples=options.max_examples,
        max_failures=options.max_failures,
        call_timeout=options.call_timeout,
        max_time=options.max_time,
        seed=options.seed,
        in_process=options.in_process,
        only=options.law,
        corpus=None if options.no_corpus else options.corpus or DEFAULT_CORPUS,
        progress=_progress if sys.stderr.isatty() else None,
    )


def _progress(law: str, report: FuzzReport) -> None:
    found = f", {len(report.failures)} found so far" if report.failures else ""
    print(f"{_CLEAR}{law} ...{found}", end="", file=sys.stderr, flush=True)


def _tests(report: FuzzReport) -> str:
    """Return one module of tests; each failure's imports stand at its top."""
    imports: dict[str, None] = {}
    bodies: list[str] = []
    for i, failure in enumerate(report.failures, 1):
        head, _, body = failure.reproduce.partition("\n\n\n")
        imports.update(dict.fromkeys(head.splitlines()))
        bodies.append(body.replace("():", f"_{i}():", 1).rstrip())
    head = f'"""Failures of {report.converter}, found by fuzzing it, on the smallest sources."""'
    return "\n".join([head, "", *sorted(imports), "", "", "\n\n\n".join(bodies), ""])


def _json(report: FuzzReport) -> str:
    failures = [
        {
            "law": failure.law,
            "kind": failure.kind,
            "message": failure.message,
            "source": failure.source,
            "output": failure.output,
            "examples": failure.examples,
            "reproduce": failure.reproduce,
        }
        for failure in report.failures
    ]
    found = {
        "converter": report.converter,
        "ok": report.ok,
        "seed": report.seed,
        "failures": failures,
        "examples": report.examples,
        "skipped": report.skipped,
        "fixed": report.fixed,
        "out_of_time": report.out_of_time,
    }
    return json.dumps(found, indent=2, default=repr)


def _junit(report: FuzzReport) -> str:
    suite = ElementTree.Element("testsuite", name=report.converter)
    laws = [*report.examples, *report.skipped]
    suite.set("tests", str(len(laws)))
    suite.set("failures", str(len({failure.law for failure in report.failures})))
    suite.set("skipped", str(len(report.skipped)))
    for law in laws:
        case = ElementTree.SubElement(suite, "testcase", classname=report.converter, name=law)
        case.set("time", f"{report.seconds.get(law, 0.0):.3f}")
        if law in report.skipped:
            ElementTree.SubElement(case, "skipped", message=report.skipped[law])
        for failure in report.failures:
            if failure.law == law:
                found = ElementTree.SubElement(case, "failure", message=_xml(failure.message), type=_xml(failure.kind))
                found.text = _xml(str(failure))
    return ElementTree.tostring(suite, encoding="unicode")


def _xml(text: str) -> str:
    """Return a text with what XML cannot hold written as escapes."""
    return "".join(c if c in "\n\t" or (c.isprintable() and ord(c) < 0xFFFE) else ascii(c)[1:-1] for c in text)
