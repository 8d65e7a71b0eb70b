"""Boxes and polygons in ratios of the image: the arithmetic that rules and draws share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_visionfmt.annotations import Box, Polygon
from pytest_visionfmt.values import as_float, is_number

__all__ = ["bounds", "intersection_over_union", "is_odd", "outline_overlap", "reversed_corners", "shared_area", "sides"]

_ROWS = 256


def bounds(segments: Iterable[Sequence[float]]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of all points of flat ``x1, y1, x2, y2, ...`` segments."""
    xs: list[float] = []
    ys: list[float] = []
    for segment in segments:
        xs.extend(segment[0::2])
        ys.extend(segment[1::2])
    return min(xs), min(ys), max(xs), max(ys)


def reversed_corners(box: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys (low, high) of a box along each axis on which high is not greater than low.

    The box may be of any shape: a corner that is absent or reads as no number is in no pair.
    """
    for low, high in (("topX", "bottomX"), ("topY", "bottomY")):
        a, b = box.get(low), box.get(high)
        if type(a) is not float or type(b) is not float:
            a, b = as_float(a), as_float(b)
        if a is not None and b is not None and a >= b:
            yield low, high


def is_odd(segment: Any) -> bool:
    """Whether a segment lacks a coordinate; pairs and strings in it are wrong types, not odd."""
    return isinstance(segment, list) and len(segment) % 2 == 1 and all(map(is_number, segment))


def shared_area(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, across) * max(0.0, down)


def intersection_over_union(a: Box, b: Box) -> float:
    """Return what two boxes share of what they cover together, 0 where that is nothing."""
    shared = shared_area(a, b)
    both = sum(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) for box in (a, b)) - shared
    return shared / both if both > 0 else 0.0


def outline_overlap(a: Sequence[Polygon], b: Sequence[Polygon], *, filled: bool = False) -> float:
    """Return the intersection over union of two outlines, measured along the middle of many rows over both.

    Where polygons of an outline lie over each other is a hole, unless ``filled``.
    """
    _, top, _, bottom = bounds((*a, *b))
    shared = both = 0.0
    for i in range(_ROWS):
        y = top + (bottom - top) * (i + 0.5) / _ROWS
        in_a, in_b = _spans(a, y, filled=filled), _spans(b, y, filled=filled)
        common = sum(max(0.0, min(x2, u2) - max(x1, u1)) for x1, x2 in in_a for u1, u2 in in_b)
        shared += common
        both += sum(x2 - x1 for x1, x2 in (*in_a, *in_b)) - common
    return shared / both if both > 0 else 0.0


def _spans(polygons: Sequence[Polygon], y: float, *, filled: bool) -> list[tuple[float, float]]:
    """Return from where to where a row lies within an outline."""
    crossings = [sorted(_crossings(polygon, y)) for polygon in polygons]
    if not filled:
        crossings = [sorted(x for of_one in crossings for x in of_one)]
    spans: list[tuple[float, float]] = []
    for x1, x2 in sorted(pair for of_one in crossings for pair in zip(of_one[0::2], of_one[1::2], strict=True)):
        if spans and x1 <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(x2, spans[-1][1])
        else:
            spans.append((x1, x2))
    return spans


def sides(polygon: Polygon) -> Iterator[tuple[float, float, float, float]]:
    """Yield the sides of a polygon, from a point to the next and from the last to the first."""
    xs, ys = polygon[0::2], polygon[1::2]
    return zip(xs, ys, (*xs[1:], xs[0]), (*ys[1:], ys[0]), strict=False)


def _crossings(polygon: Polygon, y: float) -> Iterator[float]:
    for x1, y1, x2, y2 in sides(polygon):
        if (y1 > y) != (y2 > y):
            yield x1 + (y - y1) * (x2 - x1) / (y2 - y1)
