"""The breach of every rule of Azure training records: what their schemas cannot say about breaking them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence, FileBreach
from pytest_visionfmt.draws.line_files import as_lines
from pytest_visionfmt.format import Format, Profile, Rule
from pytest_visionfmt.formats.azure_training_rules import (
    ALL_BACKGROUND,
    BACKGROUND,
    BOX_ORDER,
    DEGENERATE_POLYGON,
    DISPLACES_BACKGROUND,
    ODD_POLYGON,
    POLYGON_BESIDE_BOX,
    REPEATED_LABEL,
    RLE_MASK,
    STRING_OUT_OF_RANGE,
)
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import show

__all__ = ["training_breaches"]

# Rules that a format makes with arguments of its own are known here by their codes.
_MIXED_LABELS, _FLOAT_LABEL, _DUPLICATE_IMAGE, _MIXED_CLASSES = "VF102", "VF110", "VF301", "VF302"

_LABEL = ("label",)
_ITEM = ("label", 0)
_ITEM_CLASS = ("label", 0, "label")
_POLYGON = ("label", 0, "polygon")
_SEGMENT = ("label", 0, "polygon", 0)
_AXES = (("topX", "bottomX"), ("topY", "bottomY"))
_CORNERS = {corner: axis for axis in _AXES for corner in axis}
_TRIANGLE = [[0.25, 0.25, 0.75, 0.25, 0.75, 0.75]]
_RLE = {"counts": [0, 9], "size": [3, 3]}
_PIXELS = 640


def training_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in an Azure training format beyond its schema."""
    return _FAMILY[format_.id](nodes_of(format_, profile))


def _with(rule: Rule | str, node: Node, path: Path = (), *more: Rule | str) -> Callable[[Any], list[Consequence]]:
    """Return a function that states these rules at a path, and after them what the schema says of the value."""
    codes = [rule if isinstance(rule, str) else rule.code for rule in (rule, *more)]
    return lambda value: [*(Consequence(code, path) for code in codes), *refusals(node, value)]


def _below(root: Node, place: Path) -> Node:
    return root.at(place) or Node()


# Classes.


def _float_class(place: Path, root: Node) -> Breach:
    """A class 1.0, which JSON Schema takes for an integer."""
    return put(place, "1.0, a float without a fraction", 1.0, _with(_FLOAT_LABEL, _below(root, place))(1.0))


def _odd_one_out(label: Any) -> Any:
    """Return a class of another type than this one's."""
    return 1 if isinstance(label, str) else "a"


def _class_also(value: Any, place: Path) -> Iterator[Consequence]:
    if place and isinstance(value_at(value, place), float):
        yield Consequence(_FLOAT_LABEL, place)


def _multiclass(root: Node) -> Breaches:
    def tidy(values: list[Any]) -> None:
        _name_images(values)

    def mix(value: dict[str, Any]) -> Path:
        value["label"] = 1
        return _LABEL

    return Breaches(
        record=(_float_class(_LABEL, root),),
        file=(_duplicate_image, _mixed_classes(root, mix)),
        also=lambda value, place: _class_also(value, place) if place == _LABEL else (),
        tidy=tidy,
    )


def _multilabel(root: Node) -> Breaches:
    node = _below(root, _LABEL)

    def mix_labels(labels: list[Any]) -> list[Any]:
        labels = labels or ["a"]
        return [*labels, _odd_one_out(labels[0])]

    def mixed(labels: list[Any]) -> list[Consequence]:
        return _with(_MIXED_LABELS, node, (len(labels) - 1,))(labels)

    def repeat(labels: list[Any]) -> list[Any]:
        labels = labels or ["a"]
        return [*labels, labels[0]]

    def repeated(labels: list[Any]) -> list[Consequence]:
        return _with(REPEATED_LABEL, node, (len(labels) - 1,))(labels)

    def tidy(values: list[Any]) -> None:
        _name_images(values)
        values[0]["label"] = values[0]["label"] or ["a"]

    def mix(value: dict[str, Any]) -> Path:
        value["label"] = [1]
        return _ITEM

    return Breaches(
        record=(
            Breach(_LABEL, "a class of another type added", mix_labels, mixed, holds="array"),
            Breach(_LABEL, "its first class twice", repeat, repeated, holds="array"),
            _float_class(_ITEM, root),
        ),
        file=(_duplicate_image, _mixed_classes(root, mix)),
        also=lambda value, place: _class_also(value, place) if place[:1] == _LABEL and len(place) == 2 else (),
        alone=lambda breach: breach.place == _ITEM and isinstance(breach.puts, int),
        tidy=tidy,
    )


# Objects.


def _of_objects(root: Node, example: dict[str, Any]) -> tuple[tuple[Breach, ...], tuple[FileBreach, ...]]:
    """Return the breaches that boxes and outlines share, of records and of files."""
    node, item = _below(root, _LABEL), _below(root, _ITEM)

    def mix_labels(objects: list[Any], label: Any) -> list[Any]:
        objects = objects or [copy.deepcopy(example)]
        return [*objects, {**copy.deepcopy(objects[0]), "label": label}]

    def mixed(objects: list[Any]) -> list[Consequence]:
        return _with(_MIXED_LABELS, node, (len(objects) - 1, "label"))(objects)

    def mix(value: dict[str, Any]) -> Path:
        value["label"] = [{**copy.deepcopy(example), "label": 1}]
        return _ITEM_CLASS

    record = [
        put(_ITEM_CLASS, f"{show(name)}, {why}", name, [Consequence(DISPLACES_BACKGROUND.code)])
        for name, why in (
            (BACKGROUND, "the background class itself"),
            *((name, "which sorts before the background class") for name in ("", " a", "#x", "+1", "-")),
        )
    ]
    record += [
        Breach(_LABEL, f"an object of class {show(label)} added",
               lambda objects, label=label: mix_labels(objects, label), mixed, holds="array")
        for label in (1, True)
    ]  # fmt: skip
    record += [_float_class(_ITEM_CLASS, root), *_rle_masks(item)]
    return tuple(record), (_duplicate_image, _mixed_classes(root, mix), _all_background)


def _rle_masks(item: Node) -> Iterator[Breach]:
    # A detection record's polygon is none of its keys, and a breach of its own.
    also = (POLYGON_BESIDE_BOX,) if "polygon" not in item.properties else ()
    for what, counts in (("run-length mask", [0, 9]), ("compressed run-length mask", "09")):
        mask = {**_RLE, "counts": counts}
        yield Breach(
            _ITEM, f"a COCO {what} as polygon", _setting(polygon=mask), _with(RLE_MASK, item, ("polygon",), *also),
            holds="object",
        )  # fmt: skip


def _setting(**members: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda value: {**value, **copy.deepcopy(members)}


def _tidy_objects(example: dict[str, Any]) -> Callable[[list[Any]], None]:
    def tidy(values: list[Any]) -> None:
        _name_images(values)
        values[0]["label"] = values[0]["label"] or [copy.deepcopy(example)]

    return tidy


def _mixes_classes(breach: Breach) -> bool:
    """Whether another object of the record would have a class of another type than the one put there."""
    return breach.place == _ITEM_CLASS and isinstance(breach.puts, int)


# Boxes.


def _detection(root: Node) -> Breaches:
    item = _below(root, _ITEM)
    example = _box(item)
    record, file = _of_objects(root, example)
    return Breaches(
        record=(*record, *_boxes(item), *_strings(item), *_polygons_beside(item)),
        file=file,
        also=_box_also,
        alone=_mixes_classes,
        tidy=_tidy_objects(example),
    )


def _range(item: Node, low: str, high: str) -> tuple[float, float]:
    """Return the bounds that both corners of an axis keep."""
    nodes = [item.properties[key] for key in (low, high) if key in item.properties]
    least = max((node.minimum for node in nodes if node.minimum is not None), default=0)
    return float(least), float(min((node.maximum for node in nodes if node.maximum is not None), default=least + 1))


def _box(item: Node) -> dict[str, Any]:
    box: dict[str, Any] = {"label": "a"}
    for low, high in _AXES:
        box[low], box[high] = _range(item, low, high)
    return {key: box[key] for key in ("label", *_CORNERS)}


def _boxes(item: Node) -> Iterator[Breach]:
    """Yield boxes whose corners are out of order, in one axis and in both, and one in pixels."""

    def out_of_order(*highs: str) -> Callable[[Any], list[Consequence]]:
        return lambda box: [*(Consequence(BOX_ORDER.code, (key,)) for key in highs), *refusals(item, box)]

    def swapped(axes: Sequence[tuple[str, str]]) -> Callable[[Any], Any]:
        return lambda box: {**box, **{a: box[b] for low, high in axes for a, b in ((low, high), (high, low))}}

    for low, high in _AXES:
        least, most = _range(item, low, high)
        middle = (least + most) / 2
        by_an_ulp = {low: math.nextafter(middle, math.inf), high: middle}
        yield Breach(
            _ITEM, f"{low} and {high} the wrong way round", swapped([(low, high)]), out_of_order(high), holds="object"
        )
        yield Breach(_ITEM, f"{low} one ulp above {high}", _setting(**by_an_ulp), out_of_order(high), holds="object")
        yield Breach(
            _ITEM,
            f"{low} and {high} equal",
            lambda box, low=low, high=high: {**box, high: box[low]},
            out_of_order(high),
            holds="object",
        )
        yield Breach(
            _ITEM, f"{low} and {high} both 0", _setting(**{low: 0, high: 0}), out_of_order(high), holds="object"
        )
    yield Breach(
        _ITEM, "both corners the wrong way round", swapped(_AXES), out_of_order("bottomX", "bottomY"), holds="object"
    )
    in_pixels = {key: _PIXELS // 4 if key in ("topX", "topY") else _PIXELS // 2 for key in _CORNERS}
    yield Breach(_ITEM, "in pixels", _setting(**in_pixels), lambda box: _bounds_first(item, box), holds="object")


def _bounds_first(node: Node, value: Any) -> list[Consequence]:
    """Return what a schema says of a value in pixels."""
    return sorted(refusals(node, value), key=lambda found: found.rule != "maximum")


def _strings(item: Node) -> Iterator[Breach]:
    # Not such as also put the corners out of order: that would be a second reason.
    for keys, spelt in ((("topX", "topY"), ("-0.5", "-inf", "nan")), (("bottomX", "bottomY"), ("1.5", "1e3", "NaN"))):
        for key in keys:
            node = item.properties.get(key, Node())
            for text in spelt:
                consequences = _with(STRING_OUT_OF_RANGE, node)(text)
                yield put((*_ITEM, key), f"{show(text)}, a string out of range", text, consequences)


def _polygons_beside(item: Node) -> Iterator[Breach]:
    for polygon in (_TRIANGLE, None, [], False, True, "a", 0, {}):
        yield Breach(
            _ITEM, f"polygon {show(polygon)} beside the box", _setting(polygon=polygon),
            _with(POLYGON_BESIDE_BOX, item, ("polygon",)), holds="object",
        )  # fmt: skip


def _box_also(value: Any, place: Path) -> Iterable[Consequence]:
    """Yield a corner that is out of order since it, or the other one, was broken."""
    if place[:1] == _LABEL and len(place) == 3 and place[2] in _CORNERS:
        low, high = _CORNERS[str(place[2])]
        try:
            before, after = (float(value_at(value, (*place[:2], key))) for key in (low, high))
        except (TypeError, ValueError):
            return
        if before >= after:
            yield Consequence(BOX_ORDER.code, (*place[:2], high))
    elif place[:1] == _LABEL and place[2:] == _LABEL:
        yield from _class_also(value, place)


# Outlines.


def _segmentation(root: Node) -> Breaches:
    item = _below(root, _ITEM)
    example = {"label": "a", "polygon": [_triangle(_below(root, _SEGMENT))]}
    record, file = _of_objects(root, example)
    return Breaches(
        record=(*record, *_outlines(root), *_segments(root), _box_only(item)),
        file=file,
        also=_outline_also,
        alone=_mixes_classes,
        tidy=_tidy_objects(example),
    )


def _triangle(segment: Node) -> list[float]:
    node = segment.items or Node()
    low = float(node.minimum if node.minimum is not None else 0)
    high = float(node.maximum if node.maximum is not None else max(1.0, low + 1))
    corners = [low, low, high, low, high, high]
    return corners + [high] * (segment.min_items - len(corners) + segment.min_items % 2)


def _outlines(root: Node) -> Iterator[Breach]:
    """Yield outlines without an area, and outlines of another shape or unit."""
    node = _below(root, _POLYGON)

    def flat(*axes: int) -> Callable[[Any], Any]:
        def flatten(polygon: list[list[float]]) -> list[list[float]]:
            for axis in axes:
                for segment in polygon:
                    segment[axis::2] = [polygon[0][axis]] * len(segment[axis::2])
            return polygon

        return flatten

    for change, axes in (("all points on one vertical line", (0,)), ("all points on one horizontal line", (1,)),
                         ("all points the same", (0, 1))):  # fmt: skip
        yield Breach(_POLYGON, change, flat(*axes), _with(DEGENERATE_POLYGON, node), holds="array")

    def stated(polygon: Any) -> list[Consequence]:
        return list(refusals(node, polygon))

    yield Breach(_POLYGON, "flat, without a list of segments", lambda polygon: polygon[0], stated, holds="array")
    yield Breach(_POLYGON, "points as pairs", lambda polygon: [_pairs(s) for s in polygon], stated, holds="array")
    yield Breach(
        _POLYGON, "points as objects", lambda polygon: [[{"x": x, "y": y} for x, y in _pairs(s)] for s in polygon],
        stated, holds="array",
    )  # fmt: skip
    in_pixels = [[_PIXELS * (1 + x) for x in _triangle(_below(root, _SEGMENT))]]
    yield put(_POLYGON, "in pixels", in_pixels, _bounds_first(node, in_pixels))
    yield Breach(_POLYGON, "an empty segment first", lambda polygon: [[], *polygon], stated, holds="array")
    yield Breach(_POLYGON, "an empty segment last", lambda polygon: [*polygon, []], stated, holds="array")


def _pairs(segment: list[float]) -> list[list[float]]:
    return [list(pair) for pair in zip(segment[0::2], segment[1::2], strict=True)]


def _segments(root: Node) -> Iterator[Breach]:
    node = _below(root, _SEGMENT)
    odd = _with(ODD_POLYGON, node)
    yield Breach(_SEGMENT, "one coordinate too many", lambda segment: [*segment, segment[0]], odd, holds="array")
    yield Breach(
        _SEGMENT, "two points only", lambda segment: segment[:4], lambda segment: list(refusals(node, segment)),
        holds="array",
    )  # fmt: skip


def _box_only(item: Node) -> Breach:
    def make(value: dict[str, Any]) -> dict[str, Any]:
        del value["polygon"]
        return {**value, "topX": 0.25, "topY": 0.25, "bottomX": 0.75, "bottomY": 0.75}

    return Breach(_ITEM, "a box, no polygon", make, lambda value: list(refusals(item, value)), holds="object")


def _outline_also(value: Any, place: Path) -> Iterable[Consequence]:
    """Yield a segment that is odd since it was cut short."""
    if place[:1] == _LABEL and place[2:3] == ("polygon",) and len(place) == 4:
        segment = value_at(value, place)
        if isinstance(segment, list) and len(segment) % 2:
            yield Consequence(ODD_POLYGON.code, place)
    elif place[:1] == _LABEL and place[2:] == _LABEL:
        yield from _class_also(value, place)


# Files.


def _name_images(values: list[Any]) -> None:
    """Give every record an image of its own."""
    for n, value in enumerate(values):
        folder, slash, name = value["image_url"].rpartition("/")
        value["image_url"] = f"{folder}{slash}{n}-{name}"


def _with_first_image_again(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
    again = [*values, {**copy.deepcopy(values[-1]), "image_url": values[0]["image_url"]}]
    return as_lines(again), [Consequence(_DUPLICATE_IMAGE, ("image_url",), len(again))]


def _mixed_classes(root: Node, mix: Callable[[Any], Path]) -> FileBreach:
    def make(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
        path = mix(values[-1])
        line = len(values)
        return as_lines(values), [
            Consequence(_MIXED_CLASSES, path, line),
            *(found._replace(line=line) for found in refusals(root, values[-1])),
        ]

    return FileBreach("a class that is a number among classes that are strings", make, least=2)


def _without_objects(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
    for value in values:
        value["label"] = []
    return as_lines(values), [Consequence(ALL_BACKGROUND.code, _LABEL, 1)]


_duplicate_image = FileBreach("the first image again", _with_first_image_again)
_all_background = FileBreach("no object in any record", _without_objects)

_FAMILY: dict[str, Callable[[Node], Breaches]] = {
    "azure-multiclass-record": _multiclass,
    "azure-multilabel-record": _multilabel,
    "azure-od-record": _detection,
    "azure-is-record": _segmentation,
}
