"""Assertions for tests: they fail with the findings, each at its place."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.checking import check_record
from pytest_visionfmt.findings import InvalidRecord, Severity
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named

__all__ = ["assert_valid"]


def assert_valid(
    value: Any,
    format: str | Format,
    *,
    profile: Profile = "documented",
    strict: bool = False,
) -> None:
    """Fail unless a record or document has no error in its format; with ``strict``, no warning either.

    Raises ``InvalidRecord``, an ``AssertionError`` whose ``findings`` are the offending ones.
    """
    findings = check_record(value, format, profile=profile)
    worst = Severity.WARNING if strict else Severity.ERROR
    if offending := [finding for finding in findings if finding.severity.rank >= worst.rank]:
        raise InvalidRecord(f"not a valid {named(format).id} ({profile} profile):", offending)
