"""Invalid files: every breach of a format's rules on files, made to a valid file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.breaches import FileBreach
from pytest_visionfmt.draws.line_files import as_lines
from pytest_visionfmt.file_breaches import file_breaches
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.grounds import grounds_of
from pytest_visionfmt.invalid.choosing import CHOICE, Choice, Known, choice_of, chosen, codes_of
from pytest_visionfmt.invalid.judging import breaches_of, judge_of
from pytest_visionfmt.invalid.values import InvalidFile
from pytest_visionfmt.strategies import record

__all__ = ["clean_file", "clean_files", "file_strategy_of", "invalid_file", "invalid_files"]

_MOST_RECORDS = 3


def invalid_files(
    format: str | Format, *, rules: Iterable[str] | None = None, profile: Profile = "documented"
) -> list[InvalidFile]:
    """Return one small invalid file for every way to break a format's rules on files.

    Arguments are those of ``invalid_cases``. The rules are those on encoding and JSON and those over all
    records of a file; what is wrong with one record is for ``invalid_cases``. VF001 ``unreadable-file`` and
    VF002 ``unknown-format`` are not of a file's content, so nothing here breaks them.
    """
    check_profile(profile)
    format_ = named(format)
    rows = chosen(_known(format_, profile), format_, codes_of(format_, rules))
    cases = (_broken(row.breach, format_, profile, _smallest(format_, row.breach), _last) for row in rows)
    return [case for case in cases if case]


def invalid_file(
    format: str | Format, *, rules: Iterable[str] | None = None, profile: Profile = "documented"
) -> st.SearchStrategy[InvalidFile]:
    """Return a strategy for the contents of invalid files: drawn valid records, one breach.

    Arguments are those of ``invalid_cases``, what is broken is what ``invalid_files`` breaks. Wrong
    arguments raise as those of ``invalid_record`` do.
    """
    format_ = named(format)
    wanted = rules if rules is None or isinstance(rules, str) else tuple(rules)

    @cache
    def choice() -> Choice[FileBreach]:
        return choice_of(format_, wanted, profile, _known, what="file")

    # The strategy is shown as the call that made it, with the id for a format that is a value.
    @st.composite
    def invalid_file(draw: st.DrawFn, format: str, *, rules: Any, profile: Profile) -> InvalidFile:
        return _drawn(draw, choice(), format_, profile)

    return invalid_file(format_.id, rules=wanted, profile=profile)


def file_strategy_of(breach: str, format_: Format, profile: Profile) -> st.SearchStrategy[InvalidFile]:
    """Return the strategy that makes one breach only, given by its words."""
    choice = Choice([row for row in _known(format_, profile) if str(row.breach) == breach])

    @st.composite
    def broken(draw: st.DrawFn) -> InvalidFile:
        return _drawn(draw, choice, format_, profile)

    return broken()


def clean_file(values: list[Any], format_: Format) -> bytes:
    """Return the content of a valid file of these valid records."""
    breaches_of(format_, "documented").tidy(values)
    return as_lines(values)


def clean_files(format_: Format) -> st.SearchStrategy[bytes]:
    """Return the strategy for the contents of valid files."""
    most = 1 if format_.unit == "json" else _MOST_RECORDS
    return st.lists(record(format_), min_size=1, max_size=most).map(lambda values: clean_file(values, format_))


def _drawn(draw: st.DrawFn, choice: Choice[FileBreach], format_: Format, profile: Profile) -> InvalidFile:
    breach, pick = choice.pick(draw(CHOICE))
    count = 1 if format_.unit == "json" else max(breach.least, 1 + pick(_MOST_RECORDS))
    # What the page allows is clean in both profiles, and so is a file of it.
    valid = record(format_)
    case = _broken(breach, format_, profile, [draw(valid) for _ in range(count)], pick)
    if case is None:
        raise InvalidArgument(f"{breach!s} breaks some files of {format_.id}, and not all")
    event(f"visionfmt:{format_.id} broken rule", case.rule)
    return case


def _last(count: int) -> int:
    return count - 1


def _smallest(format_: Format, breach: FileBreach) -> list[Any]:
    """Return two records, so that what is broken is not the whole file; of a document there is but one."""
    grounds = grounds_of(format_, "documented")
    return [grounds.record() for _ in range(1 if format_.unit == "json" else max(2, breach.least))]


@lru_cache(maxsize=128)
def _known(format_: Format, profile: Profile) -> list[Known[FileBreach]]:
    """Return every breach of a format that is one in this profile, found out once on the smallest file."""
    known = []
    by_format = file_breaches(format_.unit, grounds_of(format_, profile).root)
    for breach in (*by_format, *breaches_of(format_, profile).file):
        values = _smallest(format_, breach)
        if findings := _findings(breach, format_, profile, values, _last)[1]:
            known.append(Known(breach, findings[0].code, findings[0].severity))
    return known


def _findings(
    breach: FileBreach, format_: Format, profile: Profile, values: list[Any], pick: Callable[[int], int]
) -> tuple[bytes, list[Finding]]:
    """Return the content of a broken file and its findings, none where it cannot be broken so."""
    breaches_of(format_, profile).tidy(values)
    made = breach.make(values, pick(len(values)))
    if made is None:
        return b"", []
    content, consequences = made
    return content, judge_of(format_, profile).findings(values[-1], consequences)


def _broken(
    breach: FileBreach, format_: Format, profile: Profile, values: list[Any], pick: Callable[[int], int]
) -> InvalidFile | None:
    content, findings = _findings(breach, format_, profile, values, pick)
    if not findings:
        return None
    first = findings[0]
    lines = frozenset((finding.code, finding.line) for finding in findings)
    return InvalidFile(content, str(breach), first.code, first.line, first.reaction, lines)
