"""Known findings: they pass, new ones fail, and those that are gone are named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pytest_visionfmt.findings import Finding
from pytest_visionfmt.report import Report, Tally
from pytest_visionfmt.reports.text import plural
from pytest_visionfmt.values import printable

__all__ = ["Baseline"]

_VERSION = 1
Known: TypeAlias = tuple[str, str, str, str]
"""What stays the same of a finding while lines come and go: its file, code, path and message."""


def _known(finding: Finding) -> Known:
    return finding.file, finding.code, finding.path, finding.message


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding is known. Only findings that a report keeps can be known."""

    known: Counter[Known]

    @classmethod
    def of(cls, reports: Iterable[Report]) -> Baseline:
        """Return the baseline under which these reports have nothing new."""
        return cls(Counter(_known(finding) for report in reports for finding in report.findings))

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a baseline. Raises ``OSError``, and ``ValueError`` where the file is none."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != _VERSION:
                raise ValueError
            return cls(Counter({(f["file"], f["code"], f["path"], f["message"]): f["times"] for f in content["known"]}))
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{str(path)!r} is no baseline: write one with --write-baseline") from None

    def write(self, path: Path) -> None:
        """Write the baseline, one finding a line, so that versions of it can be compared."""
        keys = ("file", "code", "path", "message")
        rows = [dict(zip(keys, known, strict=True)) | {"times": n} for known, n in sorted(self.known.items())]
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        path.write_text(f'{{"version": {_VERSION}, "known": [\n{lines}\n]}}\n', encoding="utf-8")

    def new_in(self, report: Report, name: str | None = None) -> Report:
        """Return a report without what is known; ``name`` is what the baseline calls its file, as shown if None."""
        left = self.known.copy()
        tally = Tally(report.max_findings)
        tally.tallied.update(report.tallied)
        for finding in report.findings:
            known = (finding.file if name is None else name, *_known(finding)[1:])
            if left[known] > 0:
                left[known] -= 1
                tally.tallied[finding.code, finding.severity] -= 1
            else:
                tally.findings.append(finding)
        tally.tallied = +tally.tallied
        return report.with_tally(tally)

    def mended(self, reports: Sequence[Report]) -> Iterator[str]:
        """Yield a line for every known finding of these files that is there no more, or less often."""
        files = {report.file for report in reports}
        now = Baseline.of(reports).known
        for (file, code, path, message), times in sorted((self.known - now).items()):
            if file in files:
                often = f" ({plural(times, 'time')})" if times > 1 else ""
                yield f"mended: {printable(file)}: {code} {printable(path)}: {message}{often}"
