"""What was found in a file: exact counts, and the first findings of every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pytest_visionfmt.findings import Finding, Severity

__all__ = ["MAX_FINDINGS", "Report"]

MAX_FINDINGS = 1000
"""How many findings of one code a report keeps by default; beyond it they are only counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check.

    ``lines`` counts the lines read. ``errors``, ``warnings``, ``notes`` and ``counts`` (by code)
    are exact; ``findings`` holds the first ``max_findings`` of each code in file order. Where the
    format was recognised, ``also_fits`` names the other formats it could have been; where the
    file was passed over, ``skipped`` says why and ``format`` is empty. A report on several files has an
    empty ``file``. ``tallied`` has the exact numbers by code and severity.
    """

    file: str = ""
    format: str = ""
    lines: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    max_findings: int = MAX_FINDINGS
    also_fits: tuple[str, ...] = ()
    skipped: str = ""
    tallied: Mapping[tuple[str, Severity], int] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Iterable[Finding], *, max_findings: int = MAX_FINDINGS, **rest: object) -> Report:
        """Return the report on these findings, which are in file order."""
        tally = Tally(max_findings)
        for finding in findings:
            tally.add(finding)
        return tally.report(**rest)

    def failed(self, *, strict: bool = False) -> bool:
        """Whether there is an error, or under ``strict`` a warning."""
        return bool(self.errors or (strict and self.warnings))

    def only(self, wanted: Callable[[str], bool]) -> Report:
        """Return the report without the findings of the codes that are not wanted."""
        tally = Tally(self.max_findings)
        tally.tallied.update({key: number for key, number in self.tallied.items() if wanted(key[0])})
        tally.findings = [finding for finding in self.findings if wanted(finding.code)]
        return self.with_tally(tally)

    def with_tally(self, tally: Tally) -> Report:
        """Return the report with other findings."""
        kept = tally.report()
        return replace(
            self,
            errors=kept.errors,
            warnings=kept.warnings,
            notes=kept.notes,
            counts=kept.counts,
            findings=kept.findings,
            tallied=kept.tallied,
        )

    def with_more(self, tally: Tally) -> Report:
        """Return the report with more findings on the same file, all in the order of the file."""
        same = {"file": self.file, "format": self.format, "also_fits": self.also_fits, "skipped": self.skipped}
        merged = self.merge(tally.report(**same))
        in_order = sorted(merged.findings, key=lambda f: (f.line, f.column, f.code, f.path))
        return replace(merged, findings=tuple(replace(finding, file=self.file) for finding in in_order))

    def merge(self, other: Report) -> Report:
        """Return the report on what this one covers and then ``other``. Associative.

        The smaller ``max_findings`` of the two holds for the whole.
        """
        cap = min(self.max_findings, other.max_findings)
        tally = Tally(cap)
        for finding in (*self.findings, *other.findings):
            tally.keep(finding)
        return Report(
            self.file if self.file == other.file else "",
            self.format if self.format == other.format else "",
            self.lines + other.lines,
            self.errors + other.errors,
            self.warnings + other.warnings,
            self.notes + other.notes,
            dict(sorted((Counter(self.counts) + Counter(other.counts)).items())),
            tuple(tally.findings),
            cap,
            self.also_fits if self.also_fits == other.also_fits else (),
            self.skipped if self.skipped == other.skipped else "",
            _added(self.tallied, other.tallied),
        )


def _added(
    a: Mapping[tuple[str, Severity], int], b: Mapping[tuple[str, Severity], int]
) -> dict[tuple[str, Severity], int]:
    return dict(sorted((Counter(a) + Counter(b)).items()))


class Tally:
    """Counts findings and keeps the first of each code: memory does not grow with the file."""

    def __init__(self, max_findings: int) -> None:
        self.max_findings = max_findings
        self.findings: list[Finding] = []
        self.tallied: Counter[tuple[str, Severity]] = Counter()
        self._kept: Counter[str] = Counter()

    def keep(self, finding: Finding) -> None:
        """Keep a finding if its code has room, without counting it."""
        if self.room(finding.code) > 0:
            self._kept[finding.code] += 1
            self.findings.append(finding)

    def room(self, code: str) -> int:
        """Return how many more findings of a code are kept."""
        return self.max_findings - self._kept[code]

    def count(self, code: str, severity: Severity) -> None:
        """Count a finding."""
        self.tallied[code, severity] += 1

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if its code has room."""
        self.count(finding.code, finding.severity)
        self.keep(finding)

    def merge(self, other: Tally, lines: int) -> Tally:
        """Return the tally of this part of a file, ``lines`` long, and the next."""
        both = Tally(self.max_findings)
        for finding in self.findings:
            both.keep(finding)
        for finding in other.findings:
            both.keep(replace(finding, line=finding.line + lines))
        both.tallied = self.tallied + other.tallied
        return both

    def report(self, **rest: object) -> Report:
        """Return what was added as a report; ``rest`` are its other fields."""
        counts: Counter[str] = Counter()
        severities: Counter[Severity] = Counter()
        for (code, severity), number in self.tallied.items():
            counts[code] += number
            severities[severity] += number
        return Report(
            errors=severities[Severity.ERROR],
            warnings=severities[Severity.WARNING],
            notes=severities[Severity.NOTE],
            counts=dict(sorted(counts.items())),
            findings=tuple(self.findings),
            max_findings=self.max_findings,
            tallied=dict(sorted(self.tallied.items())),
            **rest,  # type: ignore[arg-type]
        )
