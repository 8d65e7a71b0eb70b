"""Edge cases of what Azure formats say of an object: its box or its outline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from math import cos, pi, sin
from typing import Any, TypeAlias

from pytest_visionfmt.draws.azure_geometry import range_of
from pytest_visionfmt.edges.cases import EdgeCase, values_at
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node

__all__ = ["SIMPLEST_BOX", "SIMPLEST_OUTLINE", "boxes", "largest", "outlines", "triangle"]

Points: TypeAlias = Sequence[tuple[float, float]]
Like: TypeAlias = Callable[[Any], bool]
"""Whether one of all boxes, or all outlines, of a record is the like of a case."""

_FIRST: Path = ("label", 0)
_CORNERS = ("topX", "topY", "bottomX", "bottomY")
_POLYGON: Path = (*_FIRST, "polygon")
_TRIANGLE: Points = ((0, 0), (1, 0), (1, 1))


def largest(node: Node) -> float:
    """Return the largest coordinate, where the simplest box ends."""
    return range_of(node)[1]


SIMPLEST_BOX: dict[str, Simplest] = {f"$.label[*].{corner}": largest for corner in ("bottomX", "bottomY")}


def boxes(maker: Maker, place: Callable[[int], Path] = lambda i: ("label", i)) -> Iterator[EdgeCase]:
    """Yield the edge cases of boxes; ``place`` says where the corners of the i-th stand."""

    def box(i: int, *ratios: float) -> dict[Path, Any]:
        """Return the corners of the i-th box, given as ratios of what the schema allows."""
        corners: dict[Path, Any] = {}
        for corner, ratio in zip(_CORNERS, ratios, strict=True):
            low, high = range_of(maker.node((*place(0), corner)))
            corners[*place(i), corner] = low + (high - low) * ratio
        return corners

    def of_boxes(like: Like | None) -> Like | None:
        return like and (lambda record: like(values_at(record, place(0))))

    full = box(0, 0, 0, 1, 1)
    yield from maker.case("full-box", "The box is the whole image.", full, of_boxes(_has_box(full)))
    integers = {path: int(value) for path, value in full.items() if value.is_integer()}
    yield from maker.case("integer-corners", "The corners are integers.", integers, of_boxes(_has_integer))
    left = full[*place(0), "topX"]
    thin = {**full, (*place(0), "bottomX"): left + 1e-320}
    why = "The box has a width that is lost in most arithmetic."
    yield from maker.case("thinnest-box", why, thin, of_boxes(_is_thin))
    digits = {**full, (*place(0), "topX"): left + 0.17234468937875752}
    why = "A corner has as many digits as a double has."
    yield from maker.case("many-digits", why, digits, of_boxes(_has_many_digits))
    far = {**full, **box(0, 0.75, 0.75, 1, 1)}
    yield from maker.case(
        "box-in-the-far-corner", "The box ends where the image does.", far, of_boxes(_ends_at(far, place(0)))
    )
    for name, why, second, like in (
        ("same-box-twice", "Two objects have the same box.", (0, 0, 0.5, 0.5), None),
        ("overlapping-boxes", "Two boxes overlap in part.", (0.25, 0.25, 0.75, 0.75), _overlap),
        ("box-in-box", "One box lies in the other.", (0.125, 0.125, 0.25, 0.25), _one_in_other),
        ("touching-boxes", "Two boxes have an edge in common, and no area.", (0.5, 0, 1, 0.5), None),
    ):
        yield from maker.case(name, why, {**box(0, 0, 0, 0.5, 0.5), **box(1, *second)}, of_boxes(like))


def _corners(item: Any) -> tuple[float, ...]:
    return tuple(float(item[corner]) for corner in _CORNERS)


def _has_box(corners: dict[Path, Any]) -> Like:
    wanted = [(path[-1], type(value), value) for path, value in corners.items()]
    return lambda found: any(
        all((type(item[corner]), item[corner]) == (type_, value) for corner, type_, value in wanted) for item in found
    )


def _has_integer(found: Any) -> bool:
    return any(type(item[corner]) is int for item in found for corner in _CORNERS)


def _is_thin(found: Any) -> bool:
    """Whether a box loses its width where somebody rounds to eight decimals."""
    return any(right - left < 1e-8 for left, _, right, _ in map(_corners, found))


def _has_many_digits(found: Any) -> bool:
    return any(len(repr(number)) > 17 for item in found for number in _corners(item))


def _ends_at(corners: dict[Path, Any], first: Path) -> Like:
    right, bottom = corners[*first, "bottomX"], corners[*first, "bottomY"]
    return lambda found: any(_corners(item)[2:] == (right, bottom) for item in found)


def _overlap(found: Any) -> bool:
    return any(
        max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])
        for a, b in combinations(map(_corners, found), 2)
    )


def _one_in_other(found: Any) -> bool:
    return any(
        a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3] and a != b
        for first, second in combinations(map(_corners, found), 2)
        for a, b in ((first, second), (second, first))
    )


def _segment(node: Node, points: Points) -> list[float]:
    """Return points, given as ratios of what the schema allows, as one segment; the last may repeat."""
    low, high = range_of(node.items or Node())
    segment = [low + (high - low) * ratio for point in points for ratio in point]
    while len(segment) < node.min_items:
        segment += segment[-2:]
    return segment


def triangle(node: Node) -> list[float]:
    """Return the simplest segment: the largest triangle that the schema allows."""
    return _segment(node, _TRIANGLE)


SIMPLEST_OUTLINE: dict[str, Simplest] = {"$.label[*].polygon[*]": triangle}


def _circle(points: int, radius: float = 0.5) -> Points:
    """Return points on a circle around the middle, anticlockwise on a page."""
    turns = (2 * pi * i / points for i in range(points))
    return [(0.5 + radius * cos(turn), 0.5 - radius * sin(turn)) for turn in turns]


def _square(left: float, top: float, right: float, bottom: float) -> Points:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _segments_of(polygons: Any) -> Iterator[list[float]]:
    for polygon in polygons:
        yield from polygon


def _has_points(points: int) -> Like:
    return lambda polygons: any(len(segment) == 2 * points for segment in _segments_of(polygons))


def _has_segments(parts: int) -> Like:
    return lambda polygons: any(len(polygon) == parts for polygon in polygons)


def _has_over_100_points(polygons: Any) -> bool:
    return any(len(segment) > 200 for segment in _segments_of(polygons))


def _crosses_itself(polygons: Any) -> bool:
    return any(_crosses(list(zip(segment[::2], segment[1::2], strict=True))) for segment in _segments_of(polygons))


def _crosses(points: Points) -> bool:
    """Whether two sides of a ring cross between their ends."""
    sides = list(pairwise((*points, points[0])))
    return any(_turns(a, c) and _turns(c, a) for a, c in combinations(sides, 2))


def _turns(side: Points, other: Points) -> bool:
    """Whether the ends of the other side lie on either hand of the first."""
    (ax, ay), (bx, by) = side
    one, two = ((bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in other)
    return min(one, two) < 0 < max(one, two)


_OUTER = _square(0.125, 0.125, 0.875, 0.875)
_MIDDLE: Points = ((0.25, 0.25), (0.75, 0.25), (0.5, 0.75))
_BOW_TIE: Points = ((0, 0), (1, 1), (1, 0), (0, 1))
_SMALL: Points = ((0.501, 0.501), (0.502, 0.501), (0.502, 0.502))
_APART = (_square(0, 0, 0.25, 0.25), _square(0.5, 0.5, 0.75, 0.75))
_OUTLINES: tuple[tuple[str, str, tuple[Points, ...], Like | None], ...] = (
    ("minimal-triangle", "Three points, the fewest there may be.", (_TRIANGLE,), _has_points(3)),
    ("triangle-in-the-middle", "Three points, none of them on the border of the image.", (_MIDDLE,), None),
    ("four-points", "One point more than there must be.", (_OUTER,), _has_points(4)),
    ("closed-ring", "The last point is the first again.", ((*_OUTER, _OUTER[0]),), None),
    ("counterclockwise", "The points go round the other way.", (_OUTER[::-1],), None),
    ("point-twice", "The same point stands twice in a row.", ((_OUTER[0], *_OUTER),), None),
    ("along-the-border", "The outline is the border of the image.", (_square(0, 0, 1, 1),), None),
    ("two-segments", "The object is in two parts.", _APART, _has_segments(2)),
    ("three-segments", "The object is in three parts.", (*_APART, _square(0.5, 0, 0.75, 0.25)), _has_segments(3)),
    ("touching-segments", "Two parts have an edge in common.",
     (_square(0, 0, 0.5, 0.5), _square(0.5, 0, 1, 0.5)), None),
    ("hole", "A segment inside another, which the reader takes for a hole.",
     (_OUTER, _square(0.25, 0.25, 0.75, 0.75)), None),
    ("bow-tie", "The outline crosses itself.", (_BOW_TIE,), _crosses_itself),
    ("diagonal-line", "All points lie on one line, which is not along an axis.",
     (((0, 0), (0.5, 0.5), (1, 1)),), None),
    ("over-100-points", "An outline of very many points.", (_circle(101),), _has_over_100_points),
    ("tiny-outline", "All points are so near that two decimals make one of them.", (_SMALL,), None),
)  # fmt: skip


def outlines(maker: Maker, place: Path = _POLYGON) -> Iterator[EdgeCase]:
    """Yield the edge cases of outlines; ``place`` is where that of the first object stands."""

    def of_polygons(like: Like | None) -> Like | None:
        return like and (lambda record: like(values_at(record, place)))

    node = maker.node((*place, 0))
    for name, why, parts, like in _OUTLINES:
        yield from maker.case(name, why, {place: [_segment(node, points) for points in parts]}, of_polygons(like))
