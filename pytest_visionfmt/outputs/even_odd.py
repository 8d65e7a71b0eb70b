"""Areas that outlines enclose, by the even-odd rule: contours over each other make a hole, as to the service.

An outline is cut into upright slabs at every corner and crossing. Between two of them no two lines
cross, so what is inside is trapezoids, and the area left of a line is known exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from pytest_visionfmt.annotations import Polygon
from pytest_visionfmt.geometry import sides

__all__ = ["area_of", "left_part"]

_UPRIGHT = 1e-15  # a line no wider than this encloses nothing to speak of


class _Line(NamedTuple):
    """A side of a contour, from left to right."""

    left: float
    at_left: float
    right: float
    slope: float


class _Slab(NamedTuple):
    """What is inside between two upright lines: how high at the one and at the other."""

    left: float
    right: float
    at_left: float
    at_right: float

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.at_left + self.at_right) / 2


def area_of(outline: tuple[Polygon, ...]) -> float:
    """Return the area that contours ``x1, y1, x2, y2, ...`` enclose."""
    return sum(slab.area for slab in _slabs(outline))


def left_part(outline: tuple[Polygon, ...], share: float) -> tuple[Polygon, ...]:
    """Return the part of an outline left of an upright line, where it has that share of the area."""
    x = _line_at(_slabs(outline), share * area_of(outline))
    cut = (_left_of(contour, x) for contour in outline)
    return tuple(contour for contour in cut if len(contour) >= 6)


def _lines(outline: Sequence[Polygon]) -> Iterator[_Line]:
    for contour in outline:
        for x, y, to_x, to_y in sides(contour):
            if x > to_x:
                x, y, to_x, to_y = to_x, to_y, x, y
            if to_x - x > _UPRIGHT:
                yield _Line(x, y, to_x, (to_y - y) / (to_x - x))


@lru_cache(maxsize=64)
def _slabs(outline: tuple[Polygon, ...]) -> tuple[_Slab, ...]:
    lines = sorted(_lines(outline))
    edges = sorted({x for line in lines for x in (line.left, line.right)} | set(_crossings(lines)))
    slabs = []
    active: list[_Line] = []
    coming = iter([*lines, None])
    following = next(coming)
    for left, right in pairwise(edges):
        active = [line for line in active if line.right > left]
        while following is not None and following.left <= left:
            active.append(following)
            following = next(coming)
        # What comes first is twice how high a line is in the middle, by which lines are in order.
        heights = sorted(
            [
                (2 * at_start + slope * (left + right - 2 * start), at_start + slope * (left - start),
                 at_start + slope * (right - start))
                for start, at_start, _, slope in active
            ]
        )  # fmt: skip
        at_left = sum([line[1] for line in heights[1::2]]) - sum([line[1] for line in heights[0::2]])
        at_right = sum([line[2] for line in heights[1::2]]) - sum([line[2] for line in heights[0::2]])
        slabs.append(_Slab(left, right, max(0.0, at_left), max(0.0, at_right)))
    return tuple(slabs)


def _crossings(lines: Sequence[_Line]) -> Iterator[float]:
    starts = [line.left for line in lines]
    for i, one in enumerate(lines):
        left, at_left, right, slope = one
        for another in lines[i + 1 : bisect_left(starts, right)]:
            apart = another.slope - slope
            if apart:
                # The other begins here or further right.
                x = another.left - (another.at_left - at_left - slope * (another.left - left)) / apart
                if another.left < x < right and x < another.right:
                    yield x


def _line_at(slabs: Sequence[_Slab], area: float) -> float:
    """Return where to draw the upright line that has so much area on its left."""
    for slab in slabs:
        if slab.area >= area:
            width = slab.right - slab.left
            steeper = 2 * area * (slab.at_right - slab.at_left) / width
            down = slab.at_left + sqrt(max(0.0, slab.at_left**2 + steeper))
            return slab.left + (min(width, 2 * area / down) if down else width)
        area -= slab.area
    return slabs[-1].right


def _left_of(contour: Polygon, line: float) -> Polygon:
    kept: list[float] = []
    for x, y, to_x, to_y in sides(contour):
        if x <= line:
            kept += (x, y)
        if (x < line < to_x) or (to_x < line < x):
            crossing = y + (to_y - y) * ((line - x) / (to_x - x))
            kept += (line, min(max(crossing, min(y, to_y)), max(y, to_y)))
    return tuple(kept)
