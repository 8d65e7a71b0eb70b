"""Which findings are wanted: codes selected and ignored, everywhere or for some files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_visionfmt.report import Report
from pytest_visionfmt.reports.explain import rule_named

__all__ = ["Selection", "codes_of"]

_CODE = re.compile(r"[A-Z]+[0-9]*")


def codes_of(text: str) -> tuple[str, ...]:
    """Return the codes that a list such as ``VF104, VF6, unknown-key`` names; a beginning means all with it.

    Raises ``UnknownRule`` (a ``ValueError``) for a name that no rule has.
    """
    tokens = [token for token in re.split(r"[\s,]+", text) if token]
    return tuple(token if _CODE.fullmatch(token) else rule_named(token).code for token in tokens)


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are selected, all where none is, and those that are ignored, by their beginnings.

    ``per_file`` are pairs of a glob and codes that are ignored in the files that match it.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file: Sequence[tuple[str, tuple[str, ...]]] = ()

    def of(self, report: Report, name: str | None = None) -> Report:
        """Return what is wanted of a report; ``name`` is what globs see of its file, which is as shown if None."""
        name = report.file if name is None else name
        ignored = (*self.ignore, *(code for glob, codes in self.per_file if fnmatchcase(name, glob) for code in codes))
        if not (self.select or ignored):
            return report
        return report.only(lambda code: self._is_selected(code) and not _begins(code, ignored))

    def _is_selected(self, code: str) -> bool:
        return not self.select or _begins(code, self.select)


def _begins(code: str, beginnings: Iterable[str]) -> bool:
    return any(map(code.startswith, beginnings))
