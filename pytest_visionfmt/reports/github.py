"""Findings as GitHub annotates a pull request with them: workflow commands, one line each."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_visionfmt.findings import Severity
from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.text import shown

__all__ = ["annotation", "as_annotations"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_annotations(report: Report, *, notes: bool) -> Iterator[str]:
    """Yield a workflow command for every finding of a file."""
    for finding in shown(report, notes=notes):
        message = f"{finding.message}; {finding.consequence} [{finding.evidence}]"
        place = {
            "file": finding.file,
            "line": str(finding.line),
            "col": str(finding.column),
            "title": f"{finding.code} {finding.name}",
        }
        yield annotation(_COMMANDS[finding.severity], message, **place)


def annotation(command: str, message: str, **properties: str) -> str:
    """Return one workflow command, with what would end it early escaped."""
    listed = ",".join(f"{name}={_escaped(value, property_=True)}" for name, value in properties.items())
    return f"::{command} {listed}::{_escaped(message)}" if listed else f"::{command}::{_escaped(message)}"


def _escaped(text: str, *, property_: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
