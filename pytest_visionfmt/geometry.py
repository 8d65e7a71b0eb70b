"""Boxes and polygons in ratios of the image: the arithmetic that rules and draws share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["bounds"]


def bounds(segments: Iterable[Sequence[float]]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of all points of flat ``x1, y1, x2, y2, ...`` segments."""
    xs: list[float] = []
    ys: list[float] = []
    for segment in segments:
        xs.extend(segment[0::2])
        ys.extend(segment[1::2])
    return min(xs), min(ys), max(xs), max(ys)
