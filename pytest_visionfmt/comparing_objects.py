"""One object beside another, and which object is which: where two readings of a picture differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, NamedTuple, TypeAlias

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, Box, Polygon
from pytest_visionfmt.geometry import intersection_over_union, outline_overlap
from pytest_visionfmt.tolerance import Tolerance

__all__ = [
    "Difference",
    "Size",
    "Terms",
    "is_near",
    "matched",
    "number_of",
    "object_differences",
    "objects_differ",
    "partners",
    "same_loop",
    "scaled",
    "size_of",
    "to_be_kept",
]

_LEAST_SHARED = 0.95

Size: TypeAlias = tuple[int | None, int | None]
"""Width and height in pixels, None where nobody says."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the comparison goes by.

    * ``tolerance`` is how far coordinates may be off.
    * ``facets`` are what both formats can say, and ``losses`` what was declared to be lost.
    * ``by_place`` pairs images by their place: of a single record, and of what names no images.
    * ``boxes`` is False where the target knows classes of the whole image only.
    * ``sizes_told`` says that sizes and types can be known from the image files too.
    * ``both_ways`` says that what the second adds to an object is a difference as well.
    """

    tolerance: Tolerance
    facets: frozenset[str]
    losses: frozenset[str] = frozenset()
    by_place: bool = False
    boxes: bool = True
    sizes_told: bool = False
    both_ways: bool = False

    def compares(self, facet: str) -> bool:
        """Whether a facet has to be kept."""
        return facet in self.facets and facet not in self.losses


class Difference(NamedTuple):
    """One thing that came out other than it went in: a stable kind, and the story.

    ``what`` names the one thing that is ``before`` in the first and ``after`` in the second, where there is one.
    """

    kind: str
    message: str
    what: str = ""
    before: Any = None
    after: Any = None


def number_of(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_of(before: AnnotatedImage, after: AnnotatedImage) -> Size:
    """Return the size that either of two readings of an image gives."""
    return before.width or after.width, before.height or after.height


def to_be_kept(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> list[int]:
    """Return the numbers of the objects that have to be there again: where crowds may be lost, not all."""
    fewer = "crowd" in terms.losses and len(after.objects) < len(before.objects)
    return [i for i, item in enumerate(before.objects) if not (fewer and item.crowd)]


def objects_differ(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    """Yield how the objects of an image differ, or only that their numbers do."""
    wanted = [before.objects[i] for i in to_be_kept(before, after, terms)]
    if len(wanted) != len(after.objects):
        kind = "object-lost" if len(wanted) > len(after.objects) else "object-invented"
        yield Difference(
            kind,
            f"{name}: there {'was' if len(wanted) == 1 else 'were'} {number_of(len(wanted), 'object')} "
            f"{_listed(wanted)} and there came out {len(after.objects)} {_listed(after.objects)}",
        )
        return
    size = size_of(before, after)
    for i, j in matched(wanted, after.objects, size, terms):
        if i is not None and j is not None:
            yield from object_differences(name, wanted[i], after.objects[j], size, terms)


def _listed(objects: Sequence[AnnotatedObject]) -> str:
    shown = ", ".join(repr(item.label) for item in objects[:4])
    return f"({shown}{', ...' if len(objects) > 4 else ''})" if objects else ""


# Which object is which.


def matched(
    wanted: Sequence[AnnotatedObject], found: Sequence[AnnotatedObject], size: Size, terms: Terms
) -> list[tuple[int | None, int | None]]:
    """Pair objects by their numbers: in place if that is right as it stands, else each with the most like it.

    Where there are more of one than of the other, those left over have no partner.
    """

    def alike(i: int, j: int) -> bool:
        return not any(object_differences("", wanted[i], found[j], size, terms))

    if len(wanted) == len(found) and all(alike(i, i) for i in range(len(wanted))):
        return [(i, i) for i in range(len(wanted))]
    partner = partners([[j for j in range(len(found)) if alike(i, j)] for i in range(len(wanted))])
    left = [j for j in range(len(found)) if j not in partner.values()]
    for i in range(len(wanted)):
        if i not in partner and left:
            partner[i] = min(left, key=lambda j: _unlike(wanted[i], found[j], size))
            left.remove(partner[i])
    return [*((i, partner.get(i)) for i in range(len(wanted))), *((None, j) for j in left)]


def partners(choices: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return a partner for as many as can have one, each out of its own choices, no two the same."""
    owner: dict[int, int] = {}

    def settle(i: int, tried: set[int]) -> bool:
        """Find a partner for one, where need be by finding another for the one that has it."""
        for j in choices[i]:
            if j not in tried:
                tried.add(j)
                if j not in owner or settle(owner[j], tried):
                    owner[j] = i
                    return True
        return False

    for i in range(len(choices)):
        settle(i, set())
    return {i: j for j, i in owner.items()}


def _unlike(item: AnnotatedObject, other: AnnotatedObject, size: Size) -> tuple[bool, float]:
    return item.label != other.label, _distance(item.box, other.box, size)


# Two objects.


def object_differences(
    name: str, before: AnnotatedObject, after: AnnotatedObject, size: Size, terms: Terms
) -> Iterator[Difference]:
    """Yield how two objects differ; of two classes no more than that."""
    what = f"{name}: the {before.label!r}"
    if before.label != after.label or type(before.label) is not type(after.label):
        yield Difference("class-changed", f"{what} came out as {after.label!r}", "class", before.label, after.label)
        return
    if before.box is not None:
        if after.box is None:
            yield Difference("box-lost", f"{what} came out without its box", "box", before.box)
        elif not is_near(before.box, after.box, size, terms.tolerance):
            moved = _moved(before.box, after.box, size, terms.tolerance)
            yield Difference("box-moved", f"{what} {moved}", "box", before.box, after.box)
    elif after.box is not None and terms.both_ways:
        yield Difference("box-invented", f"{what} came out with a box", "box", None, after.box)
    if terms.compares("polygon"):
        if before.polygons:
            yield from _outline(what, before, after, size, terms)
        elif after.polygons and terms.both_ways:
            yield Difference("outline-invented", f"{what} came out with an outline", "outline", (), after.polygons)
    for facet, a, b in (
        ("crowd", before.crowd, after.crowd),
        ("difficult", before.difficult, after.difficult),
    ):
        if terms.compares(facet) and bool(a) != bool(b):
            message = f"{what} was {_said(facet, a)} and came out {_said(facet, b)}"
            yield Difference(f"{facet}-changed", message, facet, bool(a), bool(b))
    if terms.compares("score") and not _same_score(before.score, after.score, terms):
        message = f"{what} had the score {before.score} and came out with {after.score}"
        yield Difference("score-changed", message, "score", before.score, after.score)


def _said(facet: str, value: bool | None) -> str:
    """Return a flag in words: one that is not there says no."""
    name = "a crowd" if facet == "crowd" else facet
    return name if value else f"not {name}"


def _same_score(before: float | None, after: float | None, terms: Terms) -> bool:
    if before is None:
        return after is None or not terms.both_ways
    return after is not None and abs(before - after) <= max(terms.tolerance.ratio, 1e-9)


def scaled(coordinates: Sequence[float], size: Size) -> list[float]:
    """Return coordinates in pixels, or as ratios where there is no size."""
    if size[0] is None or size[1] is None:
        return list(coordinates)
    return [value * (size[1] if i % 2 else size[0]) for i, value in enumerate(coordinates)]


def _distance(a: Sequence[float] | None, b: Sequence[float] | None, size: Size) -> float:
    if a is None or b is None or len(a) != len(b):
        return float("inf")
    offs = [abs(x - y) for x, y in zip(scaled(a, size), scaled(b, size), strict=True)]
    return max(offs) if not any(map(isnan, offs)) else float("inf")


def is_near(a: Sequence[float], b: Sequence[float], size: Size, tolerance: Tolerance) -> bool:
    """Whether coordinates, across and down in turn, are within the tolerance of each other."""
    limit = tolerance.ratio if None in size else tolerance.pixels
    # As far as the tolerance, and a little more for the arithmetic on the way.
    return _distance(a, b, size) <= limit * (1 + 1e-9) + 1e-9 * max(size[0] or 1, size[1] or 1)


def _moved(before: Box, after: Box, size: Size, tolerance: Tolerance) -> str:
    unit = "" if None in size else " px"
    a, b = scaled(before, size), scaled(after, size)
    off = max(zip(("left", "top", "right", "bottom"), a, b, strict=True), key=lambda edge: abs(edge[1] - edge[2]))
    return (
        f"was at {_numbers(a)}{unit} (left, top, right, bottom) and came out at {_numbers(b)}{unit}: "
        f"the {off[0]} edge is off by {abs(off[1] - off[2]):.4g}{unit}, "
        f"intersection over union {intersection_over_union(before, after):.2f}; "
        f"the tolerance is {tolerance.words(sized=None not in size)}"
    )


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


# Outlines.


def _outline(
    what: str, before: AnnotatedObject, after: AnnotatedObject, size: Size, terms: Terms
) -> Iterator[Difference]:
    wanted, found = before.polygons, after.polygons
    kind, message = "", ""
    if len(wanted) == len(found) and all(map(lambda a, b: same_loop(a, b, size, terms.tolerance), wanted, found)):
        return
    if not found:
        kind, message = "outline-lost", f"{what} came out without its outline"
    elif before.crowd or "holes" in terms.losses:
        # A mask has no corners of its own: what counts is the area that is filled.
        shared = outline_overlap(wanted, found, filled="holes" in terms.losses)
        if shared >= _LEAST_SHARED:
            return
        kind, message = "outline-changed", f"{what}: the mask and what came out share {shared:.2f} of their area"
    elif len(wanted) != len(found):
        kind = "outline-parts"
        message = f"{what} had an outline of {number_of(len(wanted), 'polygon')} and came out with {len(found)}"
    else:
        a, b = next((a, b) for a, b in zip(wanted, found, strict=True) if not same_loop(a, b, size, terms.tolerance))
        if len(a) != len(b):
            kind = "outline-points"
            message = f"{what} had a polygon of {len(a) // 2} points and came out with {len(b) // 2}"
        else:
            kind, unit = "outline-changed", "" if None in size else " px"
            went, came = _numbers(scaled(a, size)), _numbers(scaled(b, size))
            limit = terms.tolerance.words(sized=None not in size)
            message = f"{what} had the polygon {went}{unit} and came out with {came}{unit}; the tolerance is {limit}"
    yield Difference(kind, message, "outline", wanted, found)


def same_loop(a: Polygon, b: Polygon, size: Size, tolerance: Tolerance) -> bool:
    """Whether two closed polygons have the same corners, wherever they begin and whichever way they go."""
    if len(a) != len(b):
        return False
    if is_near(a, b, size, tolerance):
        return True
    points = list(zip(b[0::2], b[1::2], strict=False))
    for way in (points, points[::-1]):
        for i in range(len(way)):
            turned = [value for point in way[i:] + way[:i] for value in point]
            if is_near(a, turned, size, tolerance):
                return True
    return False
