"""The lines of a JSON Lines file, or some of them, as one mergeable value: findings and open folds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pytest_visionfmt.checking import check_parsing, has_json_error, judge, locate, rules_of
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.format import Format, Hit, Profile, Rule
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.json_scan import Fact
from pytest_visionfmt.report import Report, Tally
from pytest_visionfmt.texts import Text, texts

__all__ = ["Part", "check_lines"]


@dataclass(frozen=True, slots=True)
class _Spread:
    """The first value that is spread over lines, and how many more there are."""

    first: int
    last: int
    more: int = 0


@dataclass(slots=True)
class Part:
    """What is known of some neighbouring lines of one file.

    Parts merge into the part of all their lines; ``report`` then adds what only the whole file can
    say. ``open_line`` is the last line where it has no newline, else 0.
    """

    format: Format
    profile: Profile
    tally: Tally
    states: list[Any]
    lines: int = 0
    records: int = 0
    spread: _Spread | None = None
    open_line: int = 0

    def add(self, text: Text) -> None:
        """Take the next text of the file."""
        self.lines = text.last
        self.open_line = 0 if text.ends_line else text.last
        found = check_parsing(text.parsing, self.format, self.profile)
        if text.blank:
            self._tally(found, text)
            return
        self.records += 1
        value = MISSING if has_json_error(found) else text.parsing.value
        if text.last > text.first:
            self.spread = _joined(self.spread, _Spread(text.first, text.last))
            # A spread-out value does not load, whatever it holds: say only what keeps it from being JSON.
            found = [(finding, origin) for finding, origin in found if isinstance(origin, Fact)]
            value = MISSING
        self._tally(found, text)
        for (_, look), state in zip(rules_of(self.format).file, self.states, strict=True):
            look.add(state, text.first, text.raw, None if value is MISSING else value)

    def _tally(self, found: list[tuple[Finding, Hit | Fact]], text: Text) -> None:
        for finding in locate(found, text.text) if found else ():
            self.tally.add(replace(finding, line=text.first + finding.line - 1))

    def merge(self, other: Part) -> Part:
        """Return the part that covers this one's lines and then the other's. Both are used up."""
        folds = zip(rules_of(self.format).file, self.states, other.states, strict=True)
        theirs = other.spread
        return Part(
            self.format,
            self.profile,
            self.tally.merge(other.tally, self.lines),
            [look.merge(a, b, self.lines) for (_, look), a, b in folds],
            self.lines + other.lines,
            self.records + other.records,
            _joined(self.spread, theirs and _Spread(theirs.first + self.lines, theirs.last + self.lines, theirs.more)),
            (other.open_line and other.open_line + self.lines) if other.lines else self.open_line,
        )

    def report(self, lines_again: Callable[[], Iterable[bytes]], file: str, also_fits: tuple[str, ...]) -> Report:
        """Return the report on the whole file; ``lines_again`` reads it once more, for columns."""
        hits: dict[int, list[tuple[Rule, Hit]]] = {}
        for rule, hit in self._hits_of_whole():
            hits.setdefault(hit.line, []).append((rule, hit))
        for text in _texts_at(hits.keys(), lines_again):
            for finding in self._located(hits[text.first], text):
                self.tally.add(finding)
        report = self.tally.report(format=self.format.id, lines=self.lines, file=file, also_fits=also_fits)
        in_order = sorted(report.findings, key=lambda f: (f.line, f.column, f.code, f.path))
        return replace(report, findings=tuple(replace(finding, file=file) for finding in in_order))

    def _located(self, hits: list[tuple[Rule, Hit]], text: Text) -> Iterator[Finding]:
        judged = [(judge(rule, hit, self.format, self.profile, text.parsing.value), hit) for rule, hit in hits]
        for finding in locate([(finding, hit) for finding, hit in judged if finding], text.text):
            yield replace(finding, line=text.first)

    def _hits_of_whole(self) -> Iterator[tuple[Rule, Hit]]:
        rules = rules_of(self.format)
        for (rule, look), state in zip(rules.file, self.states, strict=True):
            for hit in look.finish(state):
                yield rule, hit
        facts = []
        if not self.records:
            facts.append(("no-record", "there is no record in this file", 1))
        if self.spread:
            others = f", and {self.spread.more} more are" if self.spread.more else ""
            where = f"lines {self.spread.first} to {self.spread.last}"
            message = f"one value is spread over {where}{others}; JSON Lines wants one a line"
            facts.append(("pretty-printed", message, self.spread.first))
        if self.open_line and self.records:
            facts.append(("missing-final-newline", "the last line has no newline at its end", self.open_line))
        for fact, message, line in facts:
            if rule := rules.facts.get(fact):  # type: ignore[assignment]
                yield rule, Hit((), message, line)


def _joined(a: _Spread | None, b: _Spread | None) -> _Spread | None:
    return _Spread(a.first, a.last, a.more + b.more + 1) if a and b else a or b


def _texts_at(wanted: Iterable[int], lines_again: Callable[[], Iterable[bytes]]) -> Iterator[Text]:
    """Yield the texts of some lines; a line that has gone from the file in the meantime comes empty."""
    missing = set(wanted)
    if missing:
        head = islice(lines_again(), max(missing))
        for text in texts(raw if n in missing else b"\n" for n, raw in enumerate(head, 1)):
            if text.first in missing:
                missing.remove(text.first)
                yield text
    for n in sorted(missing):
        yield Text.empty(n)


def check_lines(
    lines: Iterable[bytes], format_: Format, profile: Profile, max_findings: int, *, at_start: bool = True
) -> Part:
    """Return the part that some lines of a file make; ``at_start`` says that they are its first."""
    states = [look.start() for _, look in rules_of(format_).file]
    part = Part(format_, profile, Tally(max_findings), states)
    for text in texts(lines, at_start=at_start):
        part.add(text)
    return part
