"""Edge cases of any format: every one, in the same order, under the same name, in every run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from pytest_visionfmt.edges import EDGES
from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.edges.families import Edges
from pytest_visionfmt.edges.maker import Maker
from pytest_visionfmt.edges.schema_edges import boundaries, presence
from pytest_visionfmt.format import PROFILES, Format, Profile, check_profile
from pytest_visionfmt.formats import named

__all__ = ["MOST_CASES", "EdgeCase", "edge_cases", "maker_of"]

MOST_CASES = 200
"""How many edge cases a format has at most; of a larger schema they are the first ones."""


def edge_cases(format: str | Format, *, profile: Profile = "documented") -> tuple[EdgeCase, ...]:
    """Return the edge cases of a format: valid records, or documents, each with a name.

    * ``format`` is the id of a format, or a ``Format`` of your own.
    * ``profile`` says who must accept them: the ``"documented"`` page and the service's reader both, or
      the ``"reader"`` alone, which takes more.

    They are every boundary of the schema (the smallest and the largest number and the next inside, every
    value of an enumeration, the shortest list and one more, every type, the spellings among its
    examples), optional keys in pairs, and what people of the field know. None has a finding in its
    profile. They are the same in every run, at most 200, and made for ``pytest.mark.parametrize`` with
    ``ids=str``. Raises ``ValueError`` for an unknown format or profile.
    """
    check_profile(profile)
    return _edge_cases(named(format), profile)


def maker_of(format_: Format, profile: Profile) -> Maker:
    """Return what makes records of a format, as its family has them."""
    family = EDGES.get(format_.id)
    return Maker(format_, profile, family.simplest, family.settle) if family else Maker(format_, profile)


@lru_cache(maxsize=64)
def _edge_cases(format_: Format, profile: Profile) -> tuple[EdgeCase, ...]:
    return tuple(islice(_distinct(_all_cases(format_, profile)), MOST_CASES))


def _all_cases(format_: Format, profile: Profile) -> Iterator[tuple[EdgeCase, bool]]:
    """Yield all cases, each with whether its family names it.

    Those of the page come before those of the reader, which takes nearly all of them too.
    """
    family = EDGES.get(format_.id, Edges())
    judge = maker_of(format_, profile)
    for page in PROFILES[: PROFILES.index(profile) + 1]:
        maker = maker_of(format_, page)
        for cases, is_named in ((family.cases, True), (boundaries, False), (presence, False)):
            for case in cases(maker):
                if page == profile or judge.is_clean(case.value):
                    yield case, is_named


def _distinct(cases: Iterator[tuple[EdgeCase, bool]]) -> Iterator[EdgeCase]:
    """Yield no name twice, and no record twice, but those that a family has two names for."""
    names: dict[str, list[str]] = {}
    records: set[str] = set()
    for case, is_named in cases:
        record = json.dumps(case.value)
        known = names.setdefault(case.id, [])
        if record in known or (record in records and not is_named):
            continue
        known.append(record)
        records.add(record)
        yield case if len(known) == 1 else replace(case, id=f"{case.id}-{len(known)}")
