"""Moving what is predicted off its object, so far that the two share as much as was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import sqrt
from typing import TypeAlias

from pytest_visionfmt.annotations import Box, Polygon
from pytest_visionfmt.geometry import shared_area
from pytest_visionfmt.outputs.even_odd import area_of, left_part
from pytest_visionfmt.value_decoders import in_blocks

__all__ = ["LEAST_AREA", "moved_box", "moved_outline"]

LEAST_AREA = 1e-6
"""What covers a smaller part of the image is not moved: the numbers for it would have too few digits."""

_Way: TypeAlias = Callable[[Box, float], Box | None]


def moved_box(box: Box, others: Iterable[Box], jitter: float, byte: int) -> Box:
    """Return a box whose intersection over union with another is 1 less the jitter, in one of nine ways.

    It overlaps no other object more than the box itself does. One that is too small is left as it is.
    """
    left, top, right, bottom = box
    if not jitter or (right - left) * (bottom - top) < LEAST_AREA:
        return box
    way = _WAYS[byte]
    moved = way(box, jitter)
    if moved is None or (way in _OUTWARDS and any(shared_area(moved, one) > shared_area(box, one) for one in others)):
        return _cut_right(box, jitter) or box
    return moved


def _cut_right(box: Box, jitter: float) -> Box | None:
    left, top, right, bottom = box
    return left, top, left + (right - left) * (1 - jitter), bottom


def _cut_left(box: Box, jitter: float) -> Box | None:
    left, top, right, bottom = box
    return right - (right - left) * (1 - jitter), top, right, bottom


def _cut_around(box: Box, jitter: float) -> Box | None:
    margin = (1 - sqrt(1 - jitter)) / 2
    left, top, right, bottom = box
    across, down = (right - left) * margin, (bottom - top) * margin
    return left + across, top + down, right - across, bottom - down


def _grown(box: Box, jitter: float) -> Box | None:
    left, top, right, bottom = box
    more = (right - left) * jitter / (1 - jitter)
    if right + more <= 1:
        return left, top, right + more, bottom
    return (left - more, top, right, bottom) if left >= more else None


def _shifted(box: Box, jitter: float) -> Box | None:
    left, top, right, bottom = box
    step = (right - left) * jitter / (2 - jitter)
    if right + step <= 1:
        return left + step, top, right + step, bottom
    return (left - step, top, right - step, bottom) if left >= step else None


def _turned(way: _Way) -> _Way:
    """Return the same way along the other axis."""

    def turned(box: Box, jitter: float) -> Box | None:
        left, top, right, bottom = box
        found = way((top, left, bottom, right), jitter)
        return found and (found[1], found[0], found[3], found[2])

    return turned


_GROWN_DOWN, _SHIFTED_DOWN = _turned(_grown), _turned(_shifted)
_OUTWARDS = frozenset({_grown, _shifted, _GROWN_DOWN, _SHIFTED_DOWN})
_WAYS: tuple[_Way, ...] = in_blocks(
    (_cut_right, _turned(_cut_right), _cut_left, _turned(_cut_left), _cut_around, _grown, _GROWN_DOWN, _shifted,
     _SHIFTED_DOWN)
)  # fmt: skip


def moved_outline(outline: tuple[Polygon, ...], jitter: float, byte: int) -> tuple[Polygon, ...]:
    """Return the part of an outline that has 1 less the jitter of the area, cut off from one of four sides."""
    if not jitter:
        return outline
    swapped, mirrored = byte & 64 != 0, byte & 128 != 0
    turned = tuple(tuple(_turn(contour, swapped, mirrored)) for contour in outline)
    if area_of(turned) < LEAST_AREA:
        return outline
    return tuple(tuple(_turn_back(contour, swapped, mirrored)) for contour in left_part(turned, 1 - jitter))


def _turn(contour: Polygon, swapped: bool, mirrored: bool) -> Iterator[float]:
    for x, y in zip(contour[0::2], contour[1::2], strict=True):
        along, across = (y, x) if swapped else (x, y)
        yield -along if mirrored else along
        yield across


def _turn_back(contour: Polygon, swapped: bool, mirrored: bool) -> Iterator[float]:
    for along, across in zip(contour[0::2], contour[1::2], strict=True):
        along = -along if mirrored else along
        yield across if swapped else along
        yield along if swapped else across
