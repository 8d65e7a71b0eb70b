"""Breaking boxes and outlines: corners out of order, masks, coordinates in pixels, outlines without an area."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pytest_visionfmt.breaches import Breach, Consequence
from pytest_visionfmt.format import Rule
from pytest_visionfmt.formats.azure_training_rules import (
    BOX_ORDER,
    DEGENERATE_POLYGON,
    ODD_POLYGON,
    POLYGON_BESIDE_BOX,
    RLE_MASK,
    STRING_OUT_OF_RANGE,
)
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import fresh, show

__all__ = ["box", "box_breaches", "corner_out_of_order", "odd_segment", "outline", "outline_breaches", "stated"]

_ITEM = ("label", 0)
_POLYGON = (*_ITEM, "polygon")
_SEGMENT = (*_POLYGON, 0)
_AXES = (("topX", "bottomX"), ("topY", "bottomY"))
_CORNERS = {corner: axis for axis in _AXES for corner in axis}
_TRIANGLE = [[0.25, 0.25, 0.75, 0.25, 0.75, 0.75]]
_MASKS = {
    "run-length mask": {"counts": [0, 9], "size": [3, 3]},
    "compressed run-length mask": {"counts": "09", "size": [3, 3]},
}
_PIXELS = 640


def stated(node: Node, *rules: Rule | str, path: Path = ()) -> Callable[[Any], list[Consequence]]:
    """Return a function that states these rules at a path, and after them what a node says of the value."""
    codes = [rule if isinstance(rule, str) else rule.code for rule in rules]
    return lambda value: [*(Consequence(code, path) for code in codes), *refusals(node, value)]


def _setting(**members: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda value: {**value, **fresh(members)}


def _masks(item: Node) -> Iterator[Breach]:
    # A detection record's polygon is none of its keys, and a breach of its own.
    also = (POLYGON_BESIDE_BOX,) if "polygon" not in item.properties else ()
    for what, mask in _MASKS.items():
        consequences = stated(item, RLE_MASK, *also, path=("polygon",))
        yield Breach(_ITEM, f"a COCO {what} as polygon", _setting(polygon=mask), consequences, holds="object")


def _bounds_first(node: Node, value: Any) -> list[Consequence]:
    """Return what a schema says of a value in pixels."""
    return sorted(refusals(node, value), key=lambda found: found.rule != "maximum")


# Boxes.


def _range(item: Node, low: str, high: str) -> tuple[float, float]:
    """Return the bounds that both corners of an axis keep."""
    nodes = [item.properties[key] for key in (low, high) if key in item.properties]
    least = float(max((node.minimum for node in nodes if node.minimum is not None), default=0))
    return least, float(min((node.maximum for node in nodes if node.maximum is not None), default=least + 1))


def box(item: Node) -> dict[str, Any]:
    """Return the largest box that a schema allows, of class ``"a"``."""
    largest: dict[str, Any] = {"label": "a"}
    for low, high in _AXES:
        largest[low], largest[high] = _range(item, low, high)
    return largest


def box_breaches(item: Node) -> Iterator[Breach]:
    """Yield the breaches of a box, the schema's own aside."""
    yield from _out_of_order(item)
    pixels = {key: _PIXELS // 4 if key in ("topX", "topY") else _PIXELS // 2 for key in _CORNERS}
    yield Breach(_ITEM, "in pixels", _setting(**pixels), lambda value: _bounds_first(item, value), holds="object")
    yield from _strings_out_of_range(item)
    polygons: tuple[Any, ...] = (_TRIANGLE, None, [], False, True, "a", 0, {})
    for polygon in polygons:
        change = f"polygon {show(polygon)} beside the box"
        consequences = stated(item, POLYGON_BESIDE_BOX, path=("polygon",))
        yield Breach(_ITEM, change, _setting(polygon=polygon), consequences, holds="object")
    yield from _masks(item)


def _out_of_order(item: Node) -> Iterator[Breach]:
    for low, high in _AXES:
        middle = sum(_range(item, low, high)) / 2
        ulp = _setting(**{low: math.nextafter(middle, math.inf), high: middle})
        for change, make in (
            (f"{low} and {high} the wrong way round", partial(_swapped, [(low, high)])),
            (f"{low} one ulp above {high}", ulp),
            (f"{low} and {high} equal", partial(_equal, low, high)),
            (f"{low} and {high} both 0", _setting(**{low: 0, high: 0})),
        ):
            yield Breach(_ITEM, change, make, stated(item, BOX_ORDER, path=(high,)), holds="object")

    def both(value: Any) -> list[Consequence]:
        return [*(Consequence(BOX_ORDER.code, (high,)) for _, high in _AXES), *refusals(item, value)]

    yield Breach(_ITEM, "both corners the wrong way round", partial(_swapped, _AXES), both, holds="object")


def _swapped(axes: Sequence[tuple[str, str]], value: dict[str, Any]) -> dict[str, Any]:
    return {**value, **{a: value[b] for low, high in axes for a, b in ((low, high), (high, low))}}


def _equal(low: str, high: str, value: dict[str, Any]) -> dict[str, Any]:
    return {**value, high: value[low]}


def _strings_out_of_range(item: Node) -> Iterator[Breach]:
    # Not such as also put the corners out of order: that would be a second reason.
    for keys, texts in ((("topX", "topY"), ("-0.5", "-inf", "nan")), (("bottomX", "bottomY"), ("1.5", "1e3", "NaN"))):
        for key in keys:
            consequences = stated(item.properties.get(key, Node()), STRING_OUT_OF_RANGE)
            for text in texts:
                yield put((*_ITEM, key), f"{show(text)}, a string out of range", text, consequences(text))


def corner_out_of_order(value: Any, place: Path) -> Iterable[Consequence]:
    """Yield the corner that is out of order since it, or the other one of its axis, was broken."""
    if place[:1] != ("label",) or len(place) != 3 or place[2] not in _CORNERS:
        return
    low, high = _CORNERS[str(place[2])]
    try:
        before, after = (float(value_at(value, (*place[:2], key))) for key in (low, high))
    except (TypeError, ValueError):
        return
    if before >= after:
        yield Consequence(BOX_ORDER.code, (*place[:2], high))


# Outlines.


def outline(item: Node) -> dict[str, Any]:
    """Return an object with one segment, the largest triangle that a schema allows, of class ``"a"``."""
    segment = item.at(("polygon", 0)) or Node()
    node = segment.items or Node()
    low = float(node.minimum if node.minimum is not None else 0)
    high = float(node.maximum if node.maximum is not None else max(1.0, low + 1))
    corners = [low, low, high, low, high, high]
    more = max(0, segment.min_items + segment.min_items % 2 - len(corners))
    return {"label": "a", "polygon": [corners + more * [high]]}


def outline_breaches(item: Node) -> Iterator[Breach]:
    """Yield the breaches of an outline, the schema's own aside."""
    polygon = item.at(("polygon",)) or Node()
    segment = item.at(("polygon", 0)) or Node()
    for change, axes in (
        ("all points on one vertical line", (0,)),
        ("all points on one horizontal line", (1,)),
        ("all points the same", (0, 1)),
    ):
        yield Breach(_POLYGON, change, partial(_flattened, axes), stated(polygon, DEGENERATE_POLYGON), holds="array")
    pixels = [[_PIXELS * (1 + x) for x in _TRIANGLE[0]]]
    yield put(_POLYGON, "in pixels", pixels, _bounds_first(polygon, pixels))
    shapes: dict[str, Callable[[Any], Any]] = {
        "flat, without a list of segments": lambda segments: segments[0],
        "points as pairs": lambda segments: [_pairs(segment) for segment in segments],
        "points as objects": lambda segments: [[{"x": x, "y": y} for x, y in _pairs(s)] for s in segments],
        "an empty segment first": lambda segments: [[], *segments],
        "an empty segment last": lambda segments: [*segments, []],
    }
    for change, make in shapes.items():
        yield Breach(_POLYGON, change, make, stated(polygon), holds="array")
    odd = stated(segment, ODD_POLYGON)
    yield Breach(_SEGMENT, "one coordinate too many", lambda points: [*points, points[0]], odd, holds="array")
    yield Breach(_SEGMENT, "two points only", lambda points: points[:4], stated(segment), holds="array")
    yield Breach(_ITEM, "a box, no polygon", _boxed, stated(item), holds="object")
    yield from _masks(item)


def _flattened(axes: Sequence[int], polygon: list[list[float]]) -> list[list[float]]:
    for axis in axes:
        for segment in polygon:
            segment[axis::2] = [polygon[0][axis]] * len(segment[axis::2])
    return polygon


def _pairs(segment: list[float]) -> list[list[float]]:
    return [list(pair) for pair in zip(segment[0::2], segment[1::2], strict=True)]


def _boxed(value: dict[str, Any]) -> dict[str, Any]:
    rest = {key: item for key, item in value.items() if key != "polygon"}
    return {**rest, "topX": 0.25, "topY": 0.25, "bottomX": 0.75, "bottomY": 0.75}


def odd_segment(value: Any, place: Path) -> Iterable[Consequence]:
    """Yield a segment that is odd since it was cut short."""
    if place[:1] == ("label",) and place[2:3] == ("polygon",) and len(place) == 4:
        segment = value_at(value, place)
        if isinstance(segment, list) and len(segment) % 2:
            yield Consequence(ODD_POLYGON.code, place)
