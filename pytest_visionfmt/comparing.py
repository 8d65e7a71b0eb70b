"""What two readings of the same pictures say differently, in words: the oracle of every law."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import isnan
from typing import NamedTuple
from urllib.parse import unquote

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, Box, Polygon
from pytest_visionfmt.tolerance import Tolerance

__all__ = ["Difference", "Terms", "differences", "intersection_over_union"]

_ALIKE = ({"jpg", "jpeg", "jpe", "jfif"}, {"tif", "tiff"})
_KNOWN_TYPES = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "bmp", "tif", "tiff"})
_LEAST_SHARED = 0.95
_GRID = 48
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the comparison goes by.

    * ``tolerance`` is how far coordinates may be off.
    * ``facets`` are what both formats can say, and ``losses`` what was declared to be lost.
    * ``by_place`` pairs images by their place: of a single record, and of what names no images.
    * ``boxes`` is False where the target knows classes of the whole image only.
    * ``sizes_told`` says that sizes and types can be known from the image files too.
    """

    tolerance: Tolerance
    facets: frozenset[str]
    losses: frozenset[str] = frozenset()
    by_place: bool = False
    boxes: bool = True
    sizes_told: bool = False

    def compares(self, facet: str) -> bool:
        """Whether a facet has to be kept."""
        return facet in self.facets and facet not in self.losses


class Difference(NamedTuple):
    """One thing that came out other than it went in: a stable kind, and the story."""

    kind: str
    message: str


def differences(
    expected: Sequence[AnnotatedImage], found: Sequence[AnnotatedImage], terms: Terms
) -> Iterator[Difference]:
    """Yield what ``found`` says otherwise than ``expected``, in the order of that."""
    if not terms.by_place:
        yield from _by_name(expected, found, terms)
        return
    for before, after in zip_longest(expected, found):
        if after is None:
            yield _lost(before)
        elif before is None:
            yield _invented(after)
        else:
            yield from _renamed(before, after, terms)
            yield from _image(before, after, terms)


def _lost(image: AnnotatedImage) -> Difference:
    return Difference("image-lost", f"{_name(image)}: the image is lost, with {_count(len(image.objects), 'object')}")


def _invented(image: AnnotatedImage) -> Difference:
    return Difference("image-invented", f"{_name(image)}: there is no such image in the source")


def _name(image: AnnotatedImage) -> str:
    return repr(image.name) if image.name is not None else "the image"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# Which image is which.


def _spellings(name: str | None) -> list[tuple[str, ...]]:
    """Return the parts of a path, as they stand and as a URL would mean them."""
    plain = _SCHEME.sub("", name or "", count=1)
    return [tuple(text.split("/")) for text in dict.fromkeys((plain, unquote(plain)))]


def _shared(a: AnnotatedImage, b: AnnotatedImage) -> int:
    """Return how many parts of their paths two images share, counted from the end."""
    return max(_suffix(x, y) for x in _spellings(a.name) for y in _spellings(b.name))


def _score(before: AnnotatedImage, after: AnnotatedImage) -> tuple[bool, int]:
    """Return how well two images go together: whether the whole of the name is shared, and how much of it."""
    shared = _shared(before, after)
    return shared >= _needed(before.name or ""), shared


def _suffix(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    count = 0
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if x != y:
            break
        count += 1
    return count


def _by_name(expected: Sequence[AnnotatedImage], found: Sequence[AnnotatedImage], terms: Terms) -> Iterator[Difference]:
    """Pair the images that share the longest end of their paths, whole names and those that share most first."""
    shared = [[_score(before, after) for after in found] for before in expected]
    scores = sorted({score for row in shared for score in row if score[1]}, reverse=True)
    left, right = set(range(len(expected))), set(range(len(found)))
    pairs: list[tuple[int, int]] = []
    for score in scores:
        for i in sorted(left):
            candidates = [j for j in sorted(right) if shared[i][j] == score]
            if not candidates:
                continue
            rivals = [k for k in left if k != i and any(shared[k][j] == score for j in candidates)]
            if rivals or len(candidates) > 1:
                if "folders" not in terms.losses:
                    names = sorted({str(found[j].name) for j in candidates})
                    others = sorted({str(expected[k].name) for k in [i, *rivals]})
                    yield Difference("names-collide", f"names collide: {names} could be any of {others}")
                    return
                best = min(candidates, key=lambda j: sum(1 for _ in _image(expected[i], found[j], terms)))
                candidates = [best]
            pairs.append((i, candidates[0]))
            left.discard(i)
            right.discard(candidates[0])
    for i in sorted(left):
        if expected[i].objects or terms.compares("empty-images"):
            yield _lost(expected[i])
    for i, j in sorted(pairs):
        yield from _renamed(expected[i], found[j], terms)
        yield from _image(expected[i], found[j], terms)
    for j in sorted(right):
        yield _invented(found[j])


def _needed(name: str) -> int:
    """Return how many parts at the end of a name say which image it is: of a URL those within the datastore."""
    if "://" not in name:
        return len(name.split("/"))
    _, paths, rest = name.partition("/paths/")
    return len(rest.split("/")) if paths else 1


def _renamed(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    if before.name is None or after.name is None:
        return
    shared = _shared(before, after)
    if not shared:
        yield Difference("name-changed", f"{_name(before)}: came out as {after.name!r}")
    elif terms.compares("folders") and shared < _needed(before.name):
        yield Difference("folder-lost", f"{_name(before)}: came out as {after.name!r}, without its folder")


# One image.


def _image(before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    name = _name(before)
    if terms.compares("size"):
        yield from _size(name, before, after, terms)
    if "format" in terms.facets or (before.type is None and not terms.sizes_told):
        yield from _type(name, before, after, terms)
    if not terms.boxes:
        yield from _classes(name, before, after, terms)
        return
    yield from _objects(name, before, after, terms)


def _size(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    for what, a, b in (("width", before.width, after.width), ("height", before.height, after.height)):
        if a is None and b is not None and not terms.sizes_told:
            yield Difference("size-invented", f"{name}: the source says no {what}, and it came out as {b}")
        elif a is not None and b is None:
            yield Difference("size-lost", f"{name}: the {what} {a} is lost")
        elif a != b and a is not None:
            yield Difference("size-changed", f"{name}: the {what} was {a} and came out as {b}")


def _type(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    wanted = before.type
    if after.type is None:
        if wanted is not None and terms.compares("format"):
            yield Difference("type-lost", f"{name}: the type {wanted!r} is lost")
        return
    if wanted is None:
        extension = (before.name or "").rpartition(".")[2].lower()
        if extension not in _KNOWN_TYPES:
            return
        wanted = extension
    a, b = wanted.lower(), after.type.lower()
    if a != b and not any({a, b} <= alike for alike in _ALIKE):
        yield Difference("type-changed", f"{name}: its type is {wanted!r} and came out as {after.type!r}")


def _classes(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    wanted = list(dict.fromkeys(item.label for item in before.objects))
    got = list(dict.fromkeys(item.label for item in after.objects))
    for label in wanted:
        if label not in got:
            yield Difference("class-lost", f"{name}: the class {label!r} is lost; there came out {got}")
    for label in got:
        if label not in wanted:
            yield Difference(
                "class-invented", f"{name}: the class {label!r} came out, and there is none such: {wanted}"
            )
    scores = {item.label: item.score for item in after.objects}
    for item in before.objects:
        if item.label in scores:
            yield from _score_of(f"{name}: the {item.label!r}", item.score, scores[item.label], terms)


def _objects(name: str, before: AnnotatedImage, after: AnnotatedImage, terms: Terms) -> Iterator[Difference]:
    wanted = list(before.objects)
    if "crowd" in terms.losses and len(after.objects) < len(wanted):
        wanted = [item for item in wanted if not item.crowd]
    if len(wanted) != len(after.objects):
        kind = "object-lost" if len(wanted) > len(after.objects) else "object-invented"
        yield Difference(
            kind,
            f"{name}: there {'was' if len(wanted) == 1 else 'were'} {_count(len(wanted), 'object')} "
            f"{_listed(wanted)} and there came out {len(after.objects)} {_listed(after.objects)}",
        )
        return
    size = (before.width or after.width, before.height or after.height)
    for item, other in _matched(wanted, list(after.objects), size, terms):
        yield from _object(name, item, other, size, terms)


def _listed(objects: Sequence[AnnotatedObject]) -> str:
    shown = ", ".join(repr(item.label) for item in objects[:4])
    return f"({shown}{', ...' if len(objects) > 4 else ''})" if objects else ""


_Size = tuple[int | None, int | None]


def _matched(
    wanted: list[AnnotatedObject], found: list[AnnotatedObject], size: _Size, terms: Terms
) -> Iterator[tuple[AnnotatedObject, AnnotatedObject]]:
    """Pair objects: those in one place if that is right as it stands, else each with the most like it."""
    in_place = list(zip(wanted, found, strict=True))
    if all(not any(_object("", a, b, size, terms)) for a, b in in_place):
        yield from in_place
        return
    alike = [[j for j, b in enumerate(found) if not any(_object("", a, b, size, terms))] for a in wanted]
    partner: dict[int, int] = {}

    def settle(i: int, tried: set[int]) -> bool:
        """Find a partner for one object, where need be by finding another for the one that has it."""
        for j in alike[i]:
            if j not in tried:
                tried.add(j)
                if j not in partner or settle(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    rest = [item for i, item in enumerate(wanted) if not settle(i, set())]
    left = [other for j, other in enumerate(found) if j not in partner]
    for item in rest:
        nearest = min(left, key=lambda other: (item.label != other.label, _distance(item.box, other.box, size)))
        left.remove(nearest)
        yield item, nearest


def _object(
    name: str, before: AnnotatedObject, after: AnnotatedObject, size: _Size, terms: Terms
) -> Iterator[Difference]:
    what = f"{name}: the {before.label!r}"
    if before.label != after.label or type(before.label) is not type(after.label):
        yield Difference("class-changed", f"{what} came out as {after.label!r}")
        return
    if before.box is not None:
        if after.box is None:
            yield Difference("box-lost", f"{what} came out without its box")
        elif not _near(before.box, after.box, size, terms.tolerance):
            yield Difference("box-moved", f"{what} {_moved(before.box, after.box, size, terms.tolerance)}")
    if terms.compares("polygon") and before.polygons:
        yield from _outline(what, before, after, size, terms)
    for facet, a, b in (
        ("crowd", before.crowd, after.crowd),
        ("difficult", before.difficult, after.difficult),
    ):
        if terms.compares(facet) and bool(a) != bool(b):
            yield Difference(f"{facet}-changed", f"{what} was {_said(facet, a)} and came out {_said(facet, b)}")
    yield from _score_of(what, before.score, after.score, terms)


def _said(facet: str, value: bool | None) -> str:
    """Return a flag in words: one that is not there says no."""
    name = "a crowd" if facet == "crowd" else facet
    return name if value else f"not {name}"


def _score_of(what: str, before: float | None, after: float | None, terms: Terms) -> Iterator[Difference]:
    if before is None or not terms.compares("score"):
        return
    if after is None or abs(before - after) > max(terms.tolerance.ratio, 1e-9):
        yield Difference("score-changed", f"{what} had the score {before} and came out with {after}")


def _scaled(coordinates: Sequence[float], size: _Size) -> list[float]:
    """Return coordinates in pixels, or as ratios where there is no size."""
    if size[0] is None or size[1] is None:
        return list(coordinates)
    return [value * (size[1] if i % 2 else size[0]) for i, value in enumerate(coordinates)]


def _distance(a: Sequence[float] | None, b: Sequence[float] | None, size: _Size) -> float:
    if a is None or b is None or len(a) != len(b):
        return float("inf")
    offs = [abs(x - y) for x, y in zip(_scaled(a, size), _scaled(b, size), strict=True)]
    return max(offs) if not any(map(isnan, offs)) else float("inf")


def _near(a: Sequence[float], b: Sequence[float], size: _Size, tolerance: Tolerance) -> bool:
    limit = tolerance.ratio if None in size else tolerance.pixels
    # As far as the tolerance, and a little more for the arithmetic on the way.
    return _distance(a, b, size) <= limit * (1 + 1e-9) + 1e-9 * max(size[0] or 1, size[1] or 1)


def _moved(before: Box, after: Box, size: _Size, tolerance: Tolerance) -> str:
    unit = "" if None in size else " px"
    a, b = _scaled(before, size), _scaled(after, size)
    off = max(zip(("left", "top", "right", "bottom"), a, b, strict=True), key=lambda edge: abs(edge[1] - edge[2]))
    return (
        f"was at {_numbers(a)}{unit} (left, top, right, bottom) and came out at {_numbers(b)}{unit}: "
        f"the {off[0]} edge is off by {abs(off[1] - off[2]):.4g}{unit}, "
        f"intersection over union {intersection_over_union(before, after):.2f}; "
        f"the tolerance is {tolerance.words(sized=None not in size)}"
    )


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def intersection_over_union(a: Box, b: Box) -> float:
    """Return what two boxes share of what they cover together, 0 where that is nothing."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0.0, across) * max(0.0, down)
    both = sum(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) for box in (a, b)) - shared
    return shared / both if both > 0 else 0.0


# Outlines.


def _outline(
    what: str, before: AnnotatedObject, after: AnnotatedObject, size: _Size, terms: Terms
) -> Iterator[Difference]:
    wanted, found = before.polygons, after.polygons
    if len(wanted) == len(found) and all(map(lambda a, b: _same_loop(a, b, size, terms.tolerance), wanted, found)):
        return
    if not found:
        yield Difference("outline-lost", f"{what} came out without its outline")
    elif before.crowd or "holes" in terms.losses:
        # A mask has no corners of its own: what counts is the area that is filled.
        shared = _filled_alike(wanted, found, filled="holes" in terms.losses)
        if shared < _LEAST_SHARED:
            yield Difference("outline-changed", f"{what}: the mask and what came out share {shared:.2f} of their area")
    elif len(wanted) != len(found):
        message = f"{what} had an outline of {_count(len(wanted), 'polygon')} and came out with {len(found)}"
        yield Difference("outline-parts", message)
    else:
        a, b = next((a, b) for a, b in zip(wanted, found, strict=True) if not _same_loop(a, b, size, terms.tolerance))
        if len(a) != len(b):
            message = f"{what} had a polygon of {len(a) // 2} points and came out with {len(b) // 2}"
            yield Difference("outline-points", message)
        else:
            unit = "" if None in size else " px"
            went, came = _numbers(_scaled(a, size)), _numbers(_scaled(b, size))
            limit = terms.tolerance.words(sized=None not in size)
            message = f"{what} had the polygon {went}{unit} and came out with {came}{unit}; the tolerance is {limit}"
            yield Difference("outline-changed", message)


def _same_loop(a: Polygon, b: Polygon, size: _Size, tolerance: Tolerance) -> bool:
    """Whether two closed polygons have the same corners, wherever they begin and whichever way they go."""
    if len(a) != len(b):
        return False
    if _near(a, b, size, tolerance):
        return True
    points = list(zip(b[0::2], b[1::2], strict=False))
    for way in (points, points[::-1]):
        for i in range(len(way)):
            turned = [value for point in way[i:] + way[:i] for value in point]
            if _near(a, turned, size, tolerance):
                return True
    return False


def _filled_alike(a: Sequence[Polygon], b: Sequence[Polygon], *, filled: bool) -> float:
    """Return the intersection over union of two outlines, sampled on a grid over both."""
    xs = [x for polygon in (*a, *b) for x in polygon[0::2]]
    ys = [y for polygon in (*a, *b) for y in polygon[1::2]]
    left, across, top, down = min(xs), max(xs) - min(xs), min(ys), max(ys) - min(ys)
    shared = both = 0
    for i in range(_GRID):
        for j in range(_GRID):
            x, y = left + across * (i + 0.5) / _GRID, top + down * (j + 0.5) / _GRID
            in_a, in_b = _inside(a, x, y, filled=filled), _inside(b, x, y, filled=filled)
            shared += in_a and in_b
            both += in_a or in_b
    return shared / both if both else 0.0


def _inside(polygons: Sequence[Polygon], x: float, y: float, *, filled: bool) -> bool:
    crossings = []
    for polygon in polygons:
        points = list(zip(polygon[0::2], polygon[1::2], strict=False))
        count = 0
        for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                count += 1
        crossings.append(count)
    return any(count % 2 for count in crossings) if filled else sum(crossings) % 2 == 1
