"""Reports as JUnit XML: a test case a file, as ``pytest --junit-xml`` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.text import plural, report_lines
from pytest_visionfmt.values import printable

__all__ = ["as_junit"]


def as_junit(reports: Sequence[Report], *, notes: bool, strict: bool, complete: bool) -> Iterator[str]:
    """Yield one XML document; a file fails as it fails the run, and one more case where files are left out."""
    suites = ElementTree.Element("testsuites")
    failed = [report for report in reports if report.failed(strict=strict)]
    numbers = {
        "tests": len(reports) + (not complete),
        "failures": len(failed),
        "errors": int(not complete),
        "skipped": sum(bool(report.skipped) for report in reports),
    }
    attributes = {"name": "visionfmt", **{name: str(number) for name, number in numbers.items()}}
    suite = ElementTree.SubElement(suites, "testsuite", attributes)
    for report in reports:
        case = ElementTree.SubElement(
            suite, "testcase", classname=report.format, name=printable(report.file) or "all files"
        )
        if report.skipped:
            ElementTree.SubElement(case, "skipped", message=printable(report.skipped))
            continue
        properties = ElementTree.SubElement(case, "properties")
        for name in ("format", "lines", "errors", "warnings", "notes"):
            ElementTree.SubElement(properties, "property", name=f"visionfmt_{name}", value=str(getattr(report, name)))
        text = "\n".join(line for line, _ in report_lines(report, notes=notes))
        if report.failed(strict=strict):
            found = plural(report.errors, "error") if report.errors else plural(report.warnings, "warning")
            ElementTree.SubElement(case, "failure", message=found).text = text
        elif text:
            ElementTree.SubElement(case, "system-out").text = text
    if not complete:
        case = ElementTree.SubElement(suite, "testcase", classname="visionfmt", name="interrupted")
        ElementTree.SubElement(case, "error", message="interrupted: the files after these were not checked")
    ElementTree.indent(suites)
    yield ElementTree.tostring(suites, encoding="unicode", xml_declaration=False)
