"""Reports as JSON: one document, or a line for every finding and every file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pytest_visionfmt.findings import Finding
from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.text import shown

__all__ = ["as_document", "as_lines", "last_line"]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "path": finding.path,
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "excerpt": finding.excerpt,
        "reaction": finding.reaction.value,
        "evidence": finding.evidence.value,
        "consequence": finding.consequence,
    }


def _file(report: Report) -> dict[str, Any]:
    return {
        "file": report.file,
        "format": report.format,
        "also_fits": list(report.also_fits),
        "skipped": report.skipped,
        "lines": report.lines,
        "errors": report.errors,
        "warnings": report.warnings,
        "notes": report.notes,
        "counts": dict(report.counts),
    }


def as_document(reports: Sequence[Report], *, notes: bool, complete: bool) -> Iterator[str]:
    """Yield one JSON document; ``complete`` says that no file is left out."""
    files = [
        {**_file(report), "findings": [_finding(finding) for finding in shown(report, notes=notes)]}
        for report in reports
    ]
    yield json.dumps({"complete": complete, "files": files}, indent=2)


def as_lines(report: Report, *, notes: bool) -> Iterator[str]:
    """Yield JSON Lines of one file: its findings, of ``kind`` finding, and what it comes to, of ``kind`` file."""
    for finding in shown(report, notes=notes):
        yield json.dumps({"kind": "finding", **_finding(finding)})
    yield json.dumps({"kind": "file", **_file(report)})


def last_line(complete: bool) -> str:
    """Return the last line, of ``kind`` end: who reads it knows that nothing was cut off."""
    return json.dumps({"kind": "end", "complete": complete})
