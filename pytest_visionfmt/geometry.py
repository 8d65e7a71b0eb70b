"""Boxes and polygons in ratios of the image: the arithmetic that rules and draws share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_visionfmt.values import as_float, is_number

__all__ = ["bounds", "is_odd", "reversed_corners"]


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
