"""Invalid records: every breach of a format, made to a valid record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.breaches import Breach, Breaches, Consequence
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.grounds import Grounds, grounds_of
from pytest_visionfmt.invalid.choosing import CHOICE, Choice, Known, choice_of, chosen, codes_of
from pytest_visionfmt.invalid.judging import breaches_of, judge_of
from pytest_visionfmt.invalid.values import Invalid
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, Step
from pytest_visionfmt.schema_breaches import schema_breaches
from pytest_visionfmt.schema_refusals import is_of_type
from pytest_visionfmt.strategies import record

__all__ = ["breaker", "invalid_cases", "invalid_record", "strategy_of"]


def _first(count: int) -> int:
    return 0


def invalid_cases(
    format: str | Format, *, rules: Iterable[str] | None = None, profile: Profile = "documented"
) -> list[Invalid]:
    """Return one small invalid record for every site of a format and every way to break it there.

    * ``format`` is the id of a format, or a ``Format`` of your own.
    * ``rules`` are the codes or names of the rules to break; by default all whose breach is an error in
      the profile. Warnings come only when their rule is named, and so does VF018 ``not-json``, which no
      file can break.
    * ``profile`` says who judges.

    The list is the same every time, its values are fresh, and ``str(case)`` is an id:
    ``pytest.mark.parametrize("case", invalid_cases("azure-od-record"), ids=str)``. Raises ``ValueError``
    for an unknown format, profile or rule.
    """
    check_profile(profile)
    format_ = named(format)
    rows = chosen(_known(format_, profile), format_, codes_of(format_, rules))
    cases = (_broken(row.breach, format_, profile) for row in rows)
    return [case for case in cases if case]


def invalid_record(
    format: str | Format, *, rules: Iterable[str] | None = None, profile: Profile = "documented"
) -> st.SearchStrategy[Invalid]:
    """Return a strategy for invalid records: a drawn valid record with one breach.

    Arguments are those of ``invalid_cases``. Every rule is as likely as every other. Where the record
    drawn has not what is to be broken, the least that is needed is added first. Records shrink as valid
    ones do. Raises ``UnknownFormat`` (a ``ValueError``) at once for an unknown id; other wrong arguments,
    and rules that no record breaks in this profile, raise ``InvalidArgument`` when first drawn from.
    """
    format_ = named(format)
    wanted = rules if rules is None or isinstance(rules, str) else tuple(rules)
    valid = record(format_, profile=profile)

    @cache
    def choice() -> Choice[Breach]:
        return choice_of(format_, wanted, profile, _known, what="record")

    # The strategy is shown as the call that made it, with the id for a format that is a value.
    @st.composite
    def invalid_record(draw: st.DrawFn, format: str, *, rules: Any, profile: Profile) -> Invalid:
        return _drawn(draw, choice(), valid, format_, profile)

    return invalid_record(format_.id, rules=wanted, profile=profile)


def strategy_of(breach: str, format_: Format, profile: Profile) -> st.SearchStrategy[Invalid]:
    """Return the strategy that makes one breach only, given by its words."""
    choice = Choice([row for row in _known(format_, profile) if str(row.breach) == breach])
    valid = record(format_, profile=profile)

    @st.composite
    def broken(draw: st.DrawFn) -> Invalid:
        return _drawn(draw, choice, valid, format_, profile)

    return broken()


def breaker(format_: Format, profile: Profile) -> tuple[int, Callable[[Any, int], Invalid | None]]:
    """Return how many rules can be broken, and what breaks a valid record, which it changes, by a number.

    The number tells the rule, as its remainder, the breach, and where. None is returned where this very
    record cannot be broken so. Raises ``InvalidArgument`` where nothing breaks a record of the format.
    """
    choice = choice_of(format_, None, profile, _known, what="record")

    def broken(value: Any, number: int) -> Invalid | None:
        breach, pick = choice.pick(number)
        return _broken(breach, format_, profile, value, pick)

    return len(choice), broken


def _drawn(
    draw: st.DrawFn, choice: Choice[Breach], valid: st.SearchStrategy[Any], format_: Format, profile: Profile
) -> Invalid:
    breach, pick = choice.pick(draw(CHOICE))
    case = _broken(breach, format_, profile, draw(valid), pick)
    if case is None:
        raise InvalidArgument(f"{breach} breaks some records of {format_.id}, and not all")
    event(f"visionfmt:{format_.id} broken rule", case.rule)
    return case


@lru_cache(maxsize=128)
def _known(format_: Format, profile: Profile) -> list[Known[Breach]]:
    """Return every breach of a format that is one in this profile, found out once on the smallest record."""
    grounds = grounds_of(format_, profile)
    more = breaches_of(format_, profile)
    by_schema = schema_breaches(grounds.root, format_.misspellings, grounds.piece)
    breaches = [*(replace(b, alone=True) if more.alone(b) else b for b in by_schema), *more.record]
    known = []
    judge = judge_of(format_, profile)
    for breach in breaches:
        value, consequences = _made(breach, grounds, more, grounds.record(), _first)
        if findings := judge.findings(value, consequences):
            known.append(Known(breach, findings[0].code, findings[0].severity))
    return known


def _broken(
    breach: Breach,
    format_: Format,
    profile: Profile,
    valid: Any = MISSING,
    pick: Callable[[int], int] = _first,
) -> Invalid | None:
    grounds = grounds_of(format_, profile)
    before = grounds.record() if valid is MISSING else valid
    value, consequences = _made(breach, grounds, breaches_of(format_, profile), before, pick)
    findings = judge_of(format_, profile).findings(value, consequences)
    if not findings:
        return None
    first = findings[0]
    codes = frozenset((finding.code, finding.path) for finding in findings)
    return Invalid(value, str(breach), first.code, first.path, first.reaction, codes)


def _made(
    breach: Breach, grounds: Grounds, more: Breaches, value: Any, pick: Callable[[int], int]
) -> tuple[Any, list[Consequence]]:
    """Return a valid value after a breach, with all consequences, their paths from the top.

    Where the value has no place for the breach, the least that makes one is added on the way.
    """
    stated: list[Consequence] = []

    def broken(value: Any, steps: Path, site: Path) -> tuple[Any, Path]:
        wanted = _type_for(steps[0]) if steps else breach.holds
        if wanted and not is_of_type(value, wanted):
            value = grounds.piece(site, wanted)
        if not steps:
            made = breach.make(value)
            stated.extend(breach.consequences_of(made))
            return made, ()
        step, rest = steps[0], steps[1:]
        if step is INSIDE:
            inner, path = broken(json.loads(value), rest, (*site, step))
            return json.dumps(inner), (step, *path)
        if isinstance(step, int):
            if breach.alone and value:
                value[:] = [value[pick(len(value))]]
            elif not value:
                value.append(MISSING)
            at: Any = pick(len(value)) if step >= 0 else len(value) + step
        else:
            at = step
        here = value[at] if at in value or isinstance(at, int) else MISSING
        value[at], path = broken(here, rest, (*site, step))
        return value, (at, *path)

    value, place = broken(value, more.ready(value, breach), ())
    consequences = [found._replace(path=(*place, *found.path)) for found in stated]
    return value, [*consequences, *more.also(value, place)]


def _type_for(step: Step) -> str:
    """Return the JSON type that has such a step in it."""
    return "string" if step is INSIDE else "array" if isinstance(step, int) else "object"
