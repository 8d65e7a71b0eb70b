"""How two readings of the same pictures differ, as people compare them: what it was, what it is, how far off.

What is different is for ``comparing`` to say; here it is put in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, Box, Polygon
from pytest_visionfmt.comparing import Difference, Terms, image_differences, paired
from pytest_visionfmt.comparing_objects import (
    Size,
    is_near,
    matched,
    number_of,
    object_differences,
    same_loop,
    size_of,
    to_be_kept,
)
from pytest_visionfmt.facets import FACETS
from pytest_visionfmt.format import Format
from pytest_visionfmt.geometry import bounds, intersection_over_union, outline_overlap
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.reading import UNREADABLE, images_in
from pytest_visionfmt.shown import CORNERS, corners_of, format_of, images_of
from pytest_visionfmt.tolerance import Tolerance
from pytest_visionfmt.values import printable, show

__all__ = [
    "annotation_lines",
    "box_words",
    "comparison_terms",
    "equality_lines",
    "numbers_turn",
    "object_name",
]

_MOST_DECIMALS = 17
_LONGEST_NAME = 60


def comparison_terms(
    a: Sequence[AnnotatedImage],
    b: Sequence[AnnotatedImage],
    tolerance: Tolerance,
    facets: frozenset[str] = FACETS,
    losses: frozenset[str] = frozenset(),
) -> Terms:
    """Return terms that compare images by their names where these tell them apart, else by their place."""
    names, others = [image.name for image in a], [image.name for image in b]
    by_place = None in names or None in others or names == others or len(a) == len(b) == 1
    return Terms(tolerance, facets, losses, by_place=by_place, both_ways=True)


def equality_lines(left: Any, right: Any) -> list[str]:
    """Return how two records of a format that are not equal differ in what they show, nothing where they do not."""
    format_ = format_of(left, right)
    if format_ is None:
        return []
    try:
        a, b = (images_of(value, format_, images_in) for value in (left, right))
        lines = annotation_lines(a, b, comparison_terms(a, b, Tolerance(0, 0)), corners_of(format_))
    except UNREADABLE:
        return []
    if lines and isinstance(left, dict) and isinstance(right, dict):
        lines += _beside(left, right, b, format_)
    return [f"{format_.id}, {number_of(len(lines), 'difference')} (left -> right):", *lines] if lines else []


def _beside(left: dict[Any, Any], right: dict[Any, Any], shown: list[AnnotatedImage], format_: Format) -> Iterator[str]:
    """Yield the keys whose values differ and say nothing of what the records show."""
    for key in dict.fromkeys((*left, *right)):
        before, after = left.get(key, MISSING), right.get(key, MISSING)
        if before != after and _shows({**right, key: before}, format_) == shown:
            yield _turn(show(key), *("none" if value is MISSING else show(value) for value in (before, after)))


def _shows(record: dict[Any, Any], format_: Format) -> list[AnnotatedImage] | None:
    try:
        return images_in({key: value for key, value in record.items() if value is not MISSING}, format_)
    except UNREADABLE:
        return None


def annotation_lines(
    a: Sequence[AnnotatedImage], b: Sequence[AnnotatedImage], terms: Terms, corners: Sequence[str] = CORNERS
) -> list[str]:
    """Return how ``b`` differs from ``a``, a line for each image, fact or object; nothing where it does not."""
    pairs = paired(a, b, terms)
    if isinstance(pairs, Difference):
        return [pairs.message]
    alone = len(a) == len(b) == 1
    return [line for number, pair in enumerate(pairs) for line in _image(number, *pair, terms, corners, alone=alone)]


def _image(
    number: int,
    before: AnnotatedImage | None,
    after: AnnotatedImage | None,
    terms: Terms,
    corners: Sequence[str],
    *,
    alone: bool,
) -> Iterator[str]:
    """Yield how one image differs, behind its name unless it is alone."""
    image = before or after
    assert image
    name = f"image {number}" if image.name is None else _short(image.name)
    if before is None or after is None:
        yield f"{name} is {'extra' if before is None else 'missing'}, with {number_of(len(image.objects), 'object')}"
        return
    where = "" if alone else f"{name}: "
    for found in image_differences(before, after, terms):
        yield where + _turn(found.what, *("none" if value is None else _quoted(value) for value in found[3:5]))
    size, kept = size_of(before, after), to_be_kept(before, after, terms)
    for n, j in matched([before.objects[i] for i in kept], after.objects, size, terms):
        if n is None:
            assert j is not None
            yield f"{where}{object_name(after.objects[j], j)} is extra"
            continue
        item, i = before.objects[kept[n]], kept[n]
        if j is None:
            yield f"{where}{object_name(item, i)} is missing"
        elif differing := list(object_differences("", item, after.objects[j], size, terms)):
            words = _object(item, after.objects[j], differing, size, terms, corners)
            yield f"{where}{object_name(item, i, j)}{'; '.join(words)}"


def _short(url: str) -> str:
    """Return what tells an image from others: the end of its name, of a URL what lies within the datastore."""
    path = url.partition("/paths/")[2] or url
    return _quoted(path if len(path) <= _LONGEST_NAME else f"…{path[-_LONGEST_NAME:]}")


def _quoted(value: object) -> str:
    return printable(repr(value))


def object_name(item: AnnotatedObject, number: int, other: int | None = None) -> str:
    """Return how to speak of an object, with its number; ``other`` is that on the other side."""
    if item.box is None and not item.polygons:
        return f"class {item.label!r}"
    return f"object {number}{'' if other in (None, number) else f' -> {other}'} {item.label!r}"


def _turn(what: str, before: str, after: str) -> str:
    """Return one thing as it was and as it is."""
    return f"{what} {before} -> {after}"


def _object(
    before: AnnotatedObject,
    after: AnnotatedObject,
    differences: Sequence[Difference],
    size: Size,
    terms: Terms,
    corners: Sequence[str],
) -> Iterator[str]:
    """Yield the differences of two objects in words, to stand behind the name of the first."""
    if differences[0].kind == "class-changed":
        yield f" -> {after.label!r}"
        if before.box and after.box and before.box != after.box:
            yield f"IoU {intersection_over_union(before.box, after.box):.2f}"
        return
    # The box of an outline is that of its points, which are said themselves.
    derived = _is_derived(before) and _is_derived(after) and any(found.what == "outline" for found in differences)
    words = [
        word
        for found in differences
        if not (derived and found.what == "box")
        for word in _words(found, size, terms, corners)
    ]
    yield f": {words[0]}"
    yield from words[1:]


def _words(found: Difference, size: Size, terms: Terms, corners: Sequence[str]) -> Iterator[str]:
    match found.kind:
        case "box-moved":
            yield from box_words(found.before, found.after, size, terms.tolerance, corners)
        case "box-lost" | "box-invented":
            yield _turn("box", *(_numbers(box) if box else "none" for box in (found.before, found.after)))
        case "score-changed":
            yield numbers_turn("score", found.before, found.after)
        case _ if found.what == "outline":
            yield from _outline_words(found, size, terms)
        case _:
            yield _turn(found.what, str(found.before), str(found.after))


def _is_derived(item: AnnotatedObject) -> bool:
    return bool(item.polygons) and item.box == bounds(item.polygons)


def box_words(a: Box, b: Box, size: Size, tolerance: Tolerance, corners: Sequence[str]) -> Iterator[str]:
    """Yield each edge of a box that is off by more than the tolerance, and what the two boxes share."""
    for i, corner in enumerate(corners):
        if not is_near((a[i],) * 2, (b[i],) * 2, _along(size, i), tolerance):
            yield _off(corner, a[i], b[i], size[i % 2])
    yield f"IoU {intersection_over_union(a, b):.2f}"


def _along(size: Size, i: int) -> Size:
    return (size[i % 2], size[i % 2]) if None not in size else (None, None)


def _off(what: str, a: float, b: float, side: int | None) -> str:
    words = numbers_turn(what, a, b)
    return words if side is None else f"{words}, {_pixels(abs(a - b) * side)} px of {side}"


def _pixels(off: float) -> str:
    return f"{off:.1f}".removesuffix(".0") if off >= 0.1 else f"{off:.1g}"


def numbers_turn(what: str, a: float | None, b: float | None) -> str:
    """Return two numbers with as many decimals as it takes to tell them apart, three at least."""
    if a is None or b is None:
        return _turn(what, *("none" if value is None else f"{value:.3g}" for value in (a, b)))
    for decimals in range(3, _MOST_DECIMALS):
        before, after = f"{a:.{decimals}f}", f"{b:.{decimals}f}"
        if before != after:
            return _turn(what, before, after)
    return _turn(what, repr(a), repr(b))


def _numbers(values: Sequence[float]) -> str:
    return f"({', '.join(f'{value:.3f}' for value in values)})"


# Outlines.


def _outline_words(found: Difference, size: Size, terms: Terms) -> Iterator[str]:
    before, after = found.before, found.after
    if found.kind in ("outline-lost", "outline-invented", "outline-parts"):
        yield _turn("outline", *(f"of {number_of(len(of), 'polygon')}" if of else "none" for of in (before, after)))
    else:
        apart = (
            (n, a, b)
            for n, (a, b) in enumerate(zip(before, after, strict=False))
            if not same_loop(a, b, size, terms.tolerance)
        )
        number, a, b = next(apart)
        if len(a) != len(b):
            yield _turn(f"polygon {number}", f"of {number_of(len(a) // 2, 'point')}", str(len(b) // 2))
        else:
            yield from _points(number, a, _turned(a, b), size, terms.tolerance)
    if before and after:
        yield f"IoU {outline_overlap(before, after):.2f}"


def _turned(a: Polygon, b: Polygon) -> Polygon:
    """Return a polygon begun at that corner, and gone round that way, which brings it nearest to another."""
    points = list(zip(b[0::2], b[1::2], strict=False))
    ways = (tuple(v for point in way[i:] + way[:i] for v in point) for way in (points, points[::-1])
            for i in range(len(way)))  # fmt: skip
    return min(ways, key=lambda way: sum(abs(x - y) for x, y in zip(a, way, strict=True)))


def _points(number: int, a: Polygon, b: Polygon, size: Size, tolerance: Tolerance) -> Iterator[str]:
    offs = [
        (abs(x - y) * (size[i % 2] or 1), i)
        for i, (x, y) in enumerate(zip(a, b, strict=True))
        if not is_near((x, x), (y, y), _along(size, i), tolerance)
    ]
    _, i = max(offs, key=lambda off: (off[0], -off[1]))
    points = {i // 2 for _, i in offs}
    more = f" (and {number_of(len(points) - 1, 'more point')})" if len(points) > 1 else ""
    yield f"polygon {number} point {i // 2}: {_off('xy'[i % 2], a[i], b[i], size[i % 2])}{more}"
