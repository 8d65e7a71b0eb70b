"""Reports as SARIF 2.1.0, the OASIS format that code scanning services read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from pytest_visionfmt.findings import Finding
from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.explain import all_rules, explanation
from pytest_visionfmt.reports.text import shown

__all__ = ["as_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(reports: Sequence[Report], *, notes: bool, complete: bool) -> Iterator[str]:
    """Yield one SARIF log of one run; ``complete`` says that no file is left out."""
    from pytest_visionfmt import __version__

    findings = [finding for report in reports for finding in shown(report, notes=notes)]
    names = {finding.code: finding.name for finding in findings}
    indices = {code: index for index, code in enumerate(sorted(names))}
    driver = {
        "name": "visionfmt",
        "semanticVersion": __version__,
        "rules": [_rule(code, names[code]) for code in indices],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": complete}],
        "results": [_result(finding, indices) for finding in findings],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, name: str) -> dict[str, Any]:
    rule = all_rules().get(code)  # None for a user's own, of which no more than its name is known here
    short, whole, more = name, name, name
    if rule:
        short, whole, more = rule.title, f"{rule.title} Source: {rule.source}", "\n".join(explanation(rule))
    # GitHub's code scanning asks for all three texts.
    texts = {"shortDescription": short, "fullDescription": whole, "help": more}
    return {"id": code, "name": name, **{key: {"text": text} for key, text in texts.items()}}


def _result(finding: Finding, indices: dict[str, int]) -> dict[str, Any]:
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(finding.file.replace("\\", "/"))},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        },
        "logicalLocations": [{"fullyQualifiedName": finding.path}],
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": indices[finding.code],
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}; {finding.consequence} [{finding.evidence}]"},
        "locations": [location],
    }
