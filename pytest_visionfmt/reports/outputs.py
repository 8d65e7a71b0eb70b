"""The outputs by name, for the command line, and by the ending of a file, for pytest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.as_json import as_document, as_lines, last_line
from pytest_visionfmt.reports.github import annotation, as_annotations
from pytest_visionfmt.reports.junit import as_junit
from pytest_visionfmt.reports.sarif import as_sarif
from pytest_visionfmt.reports.text import concise, report_lines, shown, summary

__all__ = ["ENDINGS", "OUTPUTS", "begin", "end", "output_for"]

OUTPUTS = ("text", "concise", "json", "jsonl", "github", "sarif", "junit")
ENDINGS = {".json": "json", ".jsonl": "jsonl", ".sarif": "sarif", ".xml": "junit", ".txt": "text"}
_INTERRUPTED = "interrupted: this is what was checked until then"


def output_for(name: str) -> str:
    """Return the output that a file's ending means. Raises ``ValueError`` where it means none."""
    for ending, output in ENDINGS.items():
        if name.lower().endswith(ending):
            return output
    raise ValueError(f"{name!r} has none of the endings of a report: {', '.join(ENDINGS)}")


def begin(output: str, report: Report, *, notes: bool) -> Iterator[str]:
    """Yield what an output says of one file as soon as it is checked."""
    match output:
        case "text":
            yield from (line for line, _ in report_lines(report, notes=notes))
        case "concise":
            yield from concise(shown(report, notes=notes))
        case "jsonl":
            yield from as_lines(report, notes=notes)
        case "github":
            yield from as_annotations(report, notes=notes)


def end(
    output: str, reports: Sequence[Report], *, notes: bool, strict: bool = False, complete: bool = True
) -> Iterator[str]:
    """Yield what an output says when all is checked, or, where not ``complete``, as much as was."""
    match output:
        case "text":
            yield summary(reports) if complete else f"{summary(reports)}; {_INTERRUPTED}"
        case "concise" if not complete:
            yield _INTERRUPTED
        case "json":
            yield from as_document(reports, notes=notes, complete=complete)
        case "jsonl":
            yield last_line(complete)
        case "github" if not complete:
            yield annotation("error", _INTERRUPTED)
        case "sarif":
            yield from as_sarif(reports, notes=notes, complete=complete)
        case "junit":
            yield from as_junit(reports, notes=notes, strict=strict, complete=complete)
