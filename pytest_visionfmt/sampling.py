"""Samples: valid records of a format that are the same in every run, outside of any test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from hypothesis import strategies as st

from pytest_visionfmt.byte_draws import drawn
from pytest_visionfmt.draws.files import FILE_DRAWS
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.sampled_images import number_images
from pytest_visionfmt.strategies import record

__all__ = ["Tick", "sampled", "samples"]

Tick: TypeAlias = Callable[[], object]
"""Called whenever a record, or an image, is made: to show how far it is."""


def samples(format: str | Format, size: int, *, seed: int = 0, profile: Profile = "documented") -> list[Any]:
    """Return so many valid records of a format, the same in every run.

    * ``format`` is the id of a format, or a ``Format`` of your own.
    * ``size`` is how many records, or documents, there are. Those before any of them do not depend on it.
    * ``seed`` makes other records.
    * ``profile`` says who must accept them, as for ``record``.

    Records that a file holds a line each are valid together, as those of ``records`` are, and have no finding. Their
    images are named by their numbers, from 0 on. The same arguments give the same records wherever
    the versions of Hypothesis and of this package are the same. Raises ``ValueError`` for an unknown format
    or profile and for a size that is none.
    """
    return sampled(named(format), size, seed, profile)


def sampled(format_: Format, size: int, seed: int, profile: Profile, tick: Tick = lambda: None) -> list[Any]:
    """Return what ``samples`` does, and show how far it is."""
    check_profile(profile)
    for name, number in (("size", size), ("seed", seed)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError(f"{name}={number!r} is not an integer")
    if size < 0:
        raise ValueError(f"size={size} is negative")
    family = FILE_DRAWS.get(format_.id)
    numbers = _ticking(size, tick)
    values: list[Any] = []
    if family and family.draw_needed:
        # The first record is what a file must have, so that it is there however many there are.
        values += drawn(_needed(format_, profile), islice(numbers, 1), str(seed))
    values += drawn(record(format_, profile=profile), numbers, str(seed))
    if family:
        family.make_one(values, format_, profile)
    number_images(values, format_, profile)
    return values


def _ticking(size: int, tick: Tick) -> Iterator[int]:
    for number in range(size):
        yield number
        tick()


@st.composite
def _needed(draw: st.DrawFn, format_: Format, profile: Profile) -> Any:
    needed = FILE_DRAWS[format_.id].draw_needed
    assert needed
    return needed(draw, format_, profile)
