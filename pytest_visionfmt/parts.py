"""The lines of a JSON Lines file, or some of them, as one mergeable value: findings and open folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pytest_visionfmt.accepting import Acceptor, Run, acceptor_of, relaxed_of
from pytest_visionfmt.checking import (
    Found,
    check_bounds,
    check_parsing,
    check_rules,
    has_json_error,
    judge,
    locate,
    rules_of,
)
from pytest_visionfmt.format import Format, Hit, Profile, Rule
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.parsing import LineParser, Parsing, decoded
from pytest_visionfmt.report import Report, Tally
from pytest_visionfmt.schema_bounds import Broken
from pytest_visionfmt.texts import Text, TextReader, is_blank, line_text

__all__ = ["Part", "check_lines", "tally_text"]


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
    say. ``open_line`` is the last line where it has no newline, else 0; ``open_at_end`` says that a
    value began which the lines after these may complete, so that the part is not to be merged with them.
    """

    format: Format
    profile: Profile
    tally: Tally
    states: list[Any]
    lines: int = 0
    records: int = 0
    spread: _Spread | None = None
    open_line: int = 0
    open_at_end: bool = False

    @classmethod
    def empty(cls, format_: Format, profile: Profile, max_findings: int) -> Part:
        """Return the part of no lines."""
        return cls(format_, profile, Tally(max_findings), [look.start() for _, look in rules_of(format_).file])

    def share(self) -> None:
        """Prepare to be merged with the parts of other processes, this part being empty."""
        for (_, look), state in zip(rules_of(self.format).file, self.states, strict=True):
            if look.share:
                look.share(state)

    def read(self, lines: Iterable[bytes], *, at_start: bool = True) -> None:
        """Take lines, this part being empty; ``at_start`` says that they are the first of their file.

        What ``lines`` raises is raised, and what came before it has been taken.
        """
        reader = TextReader(lines, at_start=at_start)
        acceptor = acceptor_of(self.format, self.profile)
        if acceptor is None:
            for n, raw in reader:
                self._add(reader.text(n, raw))
        else:
            adds, calls = acceptor.bound(self.format, self.states)
            takes_bounded: Callable[[Run], bool] | None = None
            minds_blanks = "blank-line" in rules_of(self.format).facts
            while run := acceptor.run(reader.upcoming(), adds, calls):
                self._add_clean(run.n - run.refused, run.raw)
                if run.error:
                    raise run.error
                if run.record is not None:
                    acceptor.take(run.n, run.record, adds, calls)
                    self._add_decoded(run, acceptor)
                elif run.refused and run.n > 1 and not minds_blanks and is_blank(run.raw):
                    self._add_blank(run.n, run.raw)
                elif run.refused:
                    takes_bounded = takes_bounded or self._bounded()
                    if not takes_bounded(run):
                        self._add(reader.text(run.n, run.raw))
        self.open_at_end = reader.open_at_end

    def _add_clean(self, last: int, raw: bytes) -> None:
        """Take the lines up to ``last``, which the accept path has taken; ``raw`` is one not before the last."""
        if last > self.lines:
            self.records += last - self.lines
            self.lines = last
            self.open_line = 0 if raw.endswith(b"\n") else last

    def _add_blank(self, n: int, raw: bytes) -> None:
        """Take a blank line that no rule minds: there may be millions of them."""
        self.lines = n
        self.open_line = 0 if raw.endswith(b"\n") else n
        self._skip(n)

    def _add_decoded(self, run: Run, acceptor: Acceptor) -> None:
        """Take a line that only rules of the format can have anything against, and that the folds have taken."""
        found = check_rules(decoded(run.raw), self.format, self.profile, acceptor.unsure(run.record))
        self._add_clean(run.n, run.raw)
        tally_text(self.tally, found, partial(line_text, run.n, run.raw), run.n)

    def _bounded(self) -> Callable[[Run], bool]:
        """Return what takes a line that breaks nothing but bounds of the schema, and says whether it is one.

        Where such findings are only counted, it costs little more than a clean line.
        """
        relaxed = relaxed_of(self.format, self.profile)
        if relaxed is None:
            return lambda run: False
        acceptor, bounds = relaxed
        adds, calls = acceptor.bound(self.format, self.states)

        def take(run: Run) -> bool:
            again = acceptor.run(((run.n, run.raw),), adds, calls)
            if again is None or again.refused:
                return False
            if again.error:
                raise again.error
            self._add_clean(run.n, run.raw)
            value = decoded(run.raw)
            broken: Broken = []
            bounds.find(value, (), broken)
            found = check_bounds(value, broken, self.format, self.profile)
            if found is None or any(self.tally.room(one.rule.code) > 0 for one in found):
                found = check_parsing(Parsing(value), self.format, self.profile)
            tally_text(self.tally, found, partial(line_text, run.n, run.raw), run.n)
            return True

        return take

    def _add(self, text: Text) -> None:
        """Take the next text of the file."""
        self.lines = text.last
        self.open_line = 0 if text.ends_line else text.last
        found = check_parsing(text.parsing, self.format, self.profile)
        if text.blank:
            self._skip(text.last)
        else:
            self.records += 1
            value = None if has_json_error(found) or text.parsing.value is MISSING else text.parsing.value
            if text.last > text.first:
                self.spread = _joined(self.spread, _Spread(text.first, text.last))
                # A spread-out value does not load, whatever it holds: say only what keeps it from being JSON.
                found = [one for one in found if one.fact]
                value = None
            self._fold(text.first, text.last, text.raw, value)
        tally_text(self.tally, found, lambda: text.text, text.first)

    def _fold(self, n: int, last: int, raw: bytes, value: Any) -> None:
        for (_, look), state in zip(rules_of(self.format).file, self.states, strict=True):
            look.add(state, n, raw, value)
        self._skip(last)

    def _skip(self, last: int) -> None:
        for (_, look), state in zip(rules_of(self.format).file, self.states, strict=True):
            if look.skip:
                look.skip(state, last)

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
            self.open_at_end or other.open_at_end,
        )

    def report(self, lines_again: Callable[[], Iterable[bytes]], file: str, also_fits: tuple[str, ...]) -> Report:
        """Return the report on the whole file; ``lines_again`` reads it once more, for what was not kept."""
        self._settle_doubts(lines_again)
        wanted: dict[int, list[Found]] = {}
        room = Counter({rule.code: self.tally.room(rule.code) for rule in self.format.rules})
        for rule, hit in self._hits_of_whole():
            if found := judge(rule, hit, self.format, self.profile):
                self.tally.count(rule.code, found.judgement.severity)
                if room[rule.code] > 0:
                    room[rule.code] -= 1
                    wanted.setdefault(hit.line, []).append(found)
        for n, raw in _lines_at(sorted(wanted), lines_again):
            for finding in locate(wanted[n], line_text(n, raw)):
                self.tally.keep(replace(finding, line=n))
        report = self.tally.report(format=self.format.id, lines=self.lines, file=file, also_fits=also_fits)
        in_order = sorted(report.findings, key=lambda f: (f.line, f.column, f.code, f.path))
        return replace(report, findings=tuple(replace(finding, file=file) for finding in in_order))

    def _settle_doubts(self, lines_again: Callable[[], Iterable[bytes]]) -> None:
        for (_, look), state in zip(rules_of(self.format).file, self.states, strict=True):
            if look.doubts and look.again:
                parser = LineParser()
                for n, raw in _lines_at(look.doubts(state), lines_again):
                    look.again(state, n, parser.parse(line_text(n, raw)).value)

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


def tally_text(tally: Tally, all_found: list[Found], text: Callable[[], str], first: int = 1) -> None:
    """Count what was found in a text that begins with line ``first``, and keep what there is room for."""
    for found in all_found:
        tally.count(found.rule.code, found.judgement.severity)
    if any(tally.room(found.rule.code) > 0 for found in all_found):
        for finding in locate(all_found, text(), tally.room):
            tally.keep(replace(finding, line=first + finding.line - 1))


def _joined(a: _Spread | None, b: _Spread | None) -> _Spread | None:
    return _Spread(a.first, a.last, a.more + b.more + 1) if a and b else a or b


def _lines_at(wanted: Sequence[int], lines_again: Callable[[], Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield some lines, in order; one that has gone from the file in the meantime comes empty."""
    upcoming = iter(wanted)
    n = next(upcoming, 0)
    if n:
        for number, raw in enumerate(lines_again(), 1):
            if number == n:
                yield n, raw
                if not (n := next(upcoming, 0)):
                    return
        yield n, b""
        yield from ((n, b"") for n in upcoming)


def check_lines(
    lines: Iterable[bytes], format_: Format, profile: Profile, max_findings: int, *, at_start: bool = True
) -> Part:
    """Return the part that some lines of a file make; ``at_start`` says that they are its first."""
    part = Part.empty(format_, profile, max_findings)
    part.read(lines, at_start=at_start)
    return part
