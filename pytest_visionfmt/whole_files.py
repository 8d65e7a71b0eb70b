"""Strategies of whole files: records that are valid together, and the bytes of the file that holds them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.files import FILE_DRAWS
from pytest_visionfmt.format import PROFILES, Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.jsonl_writing import (
    BLANK_LINES,
    BYTE_ORDER_MARK,
    CRLF,
    SPACES_AROUND,
    SPELLINGS,
    Line,
    write,
)
from pytest_visionfmt.strategies import record

__all__ = ["MOST_RECORDS", "jsonl", "records"]

MOST_RECORDS = 50
"""How many records a drawn file may have; more would leave Hypothesis no room to vary them."""

_SPELLINGS = tuple(SPELLINGS)


def _check_arguments(format_: Format, min_size: int, max_size: int, profile: str) -> None:
    if profile not in PROFILES:
        raise InvalidArgument(f"profile={profile!r} is neither of {', '.join(map(repr, PROFILES))}")
    if format_.unit == "json":
        raise InvalidArgument(f"a file of format {format_.id!r} is one document, not lines: draw it with record()")
    for name, bound in (("min_size", min_size), ("max_size", max_size)):
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise InvalidArgument(f"{name}={bound!r} is not an integer")
    if min_size < 1:
        raise InvalidArgument(f"min_size={min_size} is less than 1: a file without a record is no valid one")
    if min_size > max_size:
        raise InvalidArgument(f"min_size={min_size} is larger than max_size={max_size}")
    if max_size > MOST_RECORDS:
        raise InvalidArgument(f"max_size={max_size} is larger than {MOST_RECORDS}, the most records that are drawn")


def _draw_records(draw: st.DrawFn, format_: Format, min_size: int, max_size: int, profile: Profile) -> list[Any]:
    _check_arguments(format_, min_size, max_size, profile)
    family = FILE_DRAWS.get(format_.id)
    needed = family.draw_needed if family else None
    fewer = 1 if needed else 0
    drawn = draw(_several(format_, profile, min_size - fewer, max_size - fewer))
    if needed:
        drawn.insert(draw(st.integers(0, len(drawn))), needed(draw, format_, profile))
    if family:
        family.make_one(drawn, format_, profile)
    return drawn


@lru_cache(maxsize=64)
def _several(format_: Format, profile: Profile, min_size: int, max_size: int) -> st.SearchStrategy[list[Any]]:
    """Return the strategy of some records, one for all draws: to make it costs more than to draw from it."""
    return st.lists(record(format_, profile=profile), min_size=min_size, max_size=max_size)


def records(
    format: str | Format, *, min_size: int = 1, max_size: int = 10, profile: Profile = "documented"
) -> st.SearchStrategy[list[Any]]:
    """Return a strategy for the records of a whole file, valid together as a dataset.

    * ``format`` is the id of a format whose files hold one record a line, or such a ``Format`` of your own.
    * ``min_size`` and ``max_size`` bound how many records there are, at least 1 and at most 50.
    * ``profile`` says who must accept the file, as for ``record``.

    For Azure no image is there twice, the classes are of one type, and where the format has objects, some
    record has one. For Rekognition all images are in one bucket, none is there twice, and an output manifest
    is of one kind. Of a format of your own, each record is drawn for itself. Lists shrink towards one record, and that
    to what ``record`` shrinks to, but for an object that must be there. Wrong arguments raise
    ``InvalidArgument`` when first drawn from; an unknown id raises ``UnknownFormat`` at once.
    """
    format_ = named(format)

    # The strategy is shown as the call that made it, with the id for a format that is a value.
    @st.composite
    def records(draw: st.DrawFn, format: str, *, min_size: int, max_size: int, profile: Profile) -> list[Any]:
        return _draw_records(draw, format_, min_size, max_size, profile)

    return records(format_.id, min_size=min_size, max_size=max_size, profile=profile)


def jsonl(
    format: str | Format, *, min_size: int = 1, max_size: int = 10, profile: Profile = "documented"
) -> st.SearchStrategy[bytes]:
    """Return a strategy for the bytes of a whole JSON Lines file, or manifest.

    The arguments are those of ``records``, which says what is in the file. Lines are written in ways that cost
    nothing in the format: keys in another order, escapes, spaces; for Rekognition also Windows line endings; for
    Azure these, blank lines, spaces around the record, a byte order mark. Files shrink towards lines as ``json.dumps``
    writes them, each ended by ``"\\n"``.
    """
    format_ = named(format)

    @st.composite
    def jsonl(draw: st.DrawFn, format: str, *, min_size: int, max_size: int, profile: Profile) -> bytes:
        drawn = _draw_records(draw, format_, min_size, max_size, profile)
        family = FILE_DRAWS.get(format_.id)
        harmless = family.harmless if family else frozenset()
        styles = draw(st.binary(min_size=2 * len(drawn), max_size=2 * len(drawn)))
        lines = [_line(styles[i], styles[i + 1], harmless) for i in range(0, len(styles), 2)]
        mark = BYTE_ORDER_MARK in harmless and draw(st.booleans())
        return write(drawn, lines, mark=mark)

    return jsonl(format_.id, min_size=min_size, max_size=max_size, profile=profile)


def _line(spelling: int, ends: int, harmless: frozenset[str]) -> Line:
    """Decode how a line is written from two bytes; half of all lines end plainly, and two zeros are a plain one."""
    odd = ends >= 128
    return Line(
        _SPELLINGS[spelling % len(_SPELLINGS)],
        "\r\n" if odd and CRLF in harmless and ends & 1 else "\n",
        ("", " ", "\t ")[ends >> 1 & 3] if odd and SPACES_AROUND in harmless and ends >> 1 & 3 < 3 else "",
        ("", "\n", " \t\r\n", "\n\n")[ends >> 3 & 3] if odd and BLANK_LINES in harmless else "",
    )
