"""Findings as a compiler would print them, one line each for machines, and a table of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_visionfmt.findings import Finding, Severity
from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.explain import all_rules
from pytest_visionfmt.values import printable

__all__ = ["Line", "concise", "finding_lines", "plural", "report_lines", "summary", "table"]

Line = tuple[str, str]
"""A line of text and its style: ``error``, ``warning``, ``note``, or nothing."""

_MOST_ALIKE = 3
_MOST_SHOWN = 50


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield the lines of one finding."""
    yield f"{finding.severity}[{finding.code}] {finding.name}: {finding.message}", finding.severity.value
    if finding.line:
        yield f"  --> {printable(finding.file)}:{finding.line}:{finding.column}  {printable(finding.path)}", ""
    else:
        yield f"  --> {printable(finding.path)}", ""
    if finding.excerpt:
        yield f"   |  {finding.excerpt}", ""
    yield f"   = {finding.consequence} [{finding.evidence}]", ""
    if finding.code in all_rules():  # a user's own rule is explained by its message alone
        yield f"   = help: visionfmt explain {finding.code}", ""


def shown(report: Report, *, notes: bool) -> list[Finding]:
    """Return the findings that a person is to see: notes only where asked for."""
    return [finding for finding in report.findings if notes or finding.severity != Severity.NOTE]


def report_lines(report: Report, *, notes: bool = False) -> Iterator[Line]:
    """Yield the findings of one file, a blank line after each.

    Of findings alike (one rule, one line of the file) the first three are shown and the rest counted,
    so that a polygon in pixels does not fill the screen.
    """
    if report.also_fits:
        also = ", ".join(report.also_fits)
        yield f"{printable(report.file)} was read as {report.format}; it also fits {also}: map it to be sure", ""
        yield "", ""
    findings = shown(report, notes=notes)
    groups: dict[tuple[str, str, int], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.file, finding.code, finding.line), []).append(finding)
    printed = 0
    for (_, code, line), alike in groups.items():
        if printed >= _MOST_SHOWN:
            break
        for finding in alike[:_MOST_ALIKE]:
            yield from finding_lines(finding)
            yield "", ""
        printed += len(alike)
        if (more := len(alike) - _MOST_ALIKE) > 0:
            yield f"... and {more} more {code} in line {line}", ""
            yield "", ""
    total = report.errors + report.warnings + (report.notes if notes else 0)
    if printed < total:
        yield f"... and {plural(total - printed, 'more finding')} in {printable(report.file) or 'all files'}", ""
        yield "", ""


def concise(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield ``path:line:column: code message``, a line for each finding."""
    for finding in findings:
        yield f"{printable(finding.file)}:{finding.line}:{finding.column}: {finding.code} {finding.message}"


def plural(count: int, noun: str) -> str:
    """Return "1 error", "2 errors"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(reports: Sequence[Report]) -> str:
    """Return one line on all files."""
    checked = [report for report in reports if not report.skipped]
    parts = [plural(sum(r.errors for r in checked), "error"), plural(sum(r.warnings for r in checked), "warning")]
    if notes := sum(r.notes for r in checked):
        parts.append(plural(notes, "note"))
    files = sum(bool(report.file) for report in checked)  # one on files beside each other has no name
    text = f"{', '.join(parts)} in {plural(files, 'file')}, {plural(sum(r.lines for r in checked), 'line')}"
    if passed_over := len(reports) - len(checked):
        text += f"; {plural(passed_over, 'file')} skipped"
    return text


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as columns, numbers to the right; the first row is the heading."""
    safe = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in safe) for i in range(len(safe[0]))]
    for row in safe:
        cells = [cell.rjust(w) if cell.isdigit() else cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
