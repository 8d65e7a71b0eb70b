"""The rules of Azure AutoML training records: what their schemas cannot say.

Each is a function that finds it broken, in any JSON value, and the row that names and judges it.
What the reader does with what a schema refuses is in ``azure_training_verdicts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.azure_training_clean import (
    BACKGROUND,
    clean_boxes,
    clean_classes,
    clean_outlines,
    no_repeated_label,
    quick_objects,
    settled_by_schema,
)
from pytest_visionfmt.formats.azure_training_verdicts import PAGE, READER, error, page_only_warns
from pytest_visionfmt.formats.file_rules import all_background, class_types, duplicate_images
from pytest_visionfmt.geometry import bounds, is_odd, reversed_corners
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import as_float, is_number, kinds_of, show

__all__ = [
    "ALL_BACKGROUND",
    "BACKGROUND",
    "BOX_ORDER",
    "DEGENERATE_POLYGON",
    "DISPLACES_BACKGROUND",
    "LOST",
    "MERGED",
    "ODD_POLYGON",
    "POLYGON_BESIDE_BOX",
    "REPEATED_LABEL",
    "RLE_MASK",
    "STRING_OUT_OF_RANGE",
    "class_type",
    "duplicate_image",
    "each_object",
    "float_label",
    "image_class",
    "image_classes",
    "mixed_classes",
    "mixed_labels",
    "object_class_type",
    "object_classes",
    "objects_of",
]


def _warning(reaction: Reaction, says: str) -> Verdict:
    judgement = Judgement(Severity.WARNING, reaction, Evidence.RUN, says)
    return Verdict(judgement, judgement)


# What stands where in a record of any shape.


def objects_of(value: Any) -> list[Any] | None:
    label = value.get("label") if isinstance(value, dict) else None
    return label if isinstance(label, list) else None


def each_object(value: Any) -> list[tuple[Path, dict[str, Any]]]:
    return [(("label", i), item) for i, item in enumerate(objects_of(value) or ()) if isinstance(item, dict)]


def object_classes(value: Any) -> Iterator[tuple[Path, Any]]:
    for path, item in each_object(value):
        if "label" in item:
            yield (*path, "label"), item["label"]


def image_class(value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and "label" in value:
        yield ("label",), value["label"]


def image_classes(value: Any) -> Iterator[tuple[Path, Any]]:
    for i, label in enumerate(objects_of(value) or ()):
        yield ("label", i), label


def _segments(item: dict[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    polygon = item.get("polygon")
    for i, segment in enumerate(polygon if isinstance(polygon, list) else ()):
        if isinstance(segment, list):
            yield i, segment


# The rules, each as the function that finds it broken.


def _displaces_background(value: Any) -> Iterator[Hit]:
    for path, label in object_classes(value):
        if isinstance(label, str) and label <= BACKGROUND:
            how = "is the background class itself" if label == BACKGROUND else f"sorts before {show(BACKGROUND)}"
            yield Hit(path, f"class {show(label)} {how}")


def class_type(label: Any) -> str | None:
    # Python sorts booleans among integers, so the two do not clash in classification.
    return "string" if isinstance(label, str) else "integer" if isinstance(label, int) else None


def object_class_type(label: Any) -> str | None:
    return "boolean" if isinstance(label, bool) else class_type(label)


def _repeated_label(value: Any) -> Iterator[Hit]:
    seen: dict[tuple[type, Any], int] = {}
    for path, label in image_classes(value):
        if isinstance(label, str | int):
            first = seen.setdefault((type(label), label), path[-1])  # type: ignore[arg-type]
            if first != path[-1]:
                yield Hit(path, f"class {show(label)} stands in the list already, as item {first}")


Classes: TypeAlias = Callable[[Any], Iterator[tuple[Path, Any]]]
"""Yields the path and the class of everything in a record that has one."""


def _float_label(classes: Classes, clean: Any) -> Record:
    def find(value: Any) -> Iterator[Hit]:
        for path, label in classes(value):
            if isinstance(label, float):
                yield Hit(path, f"class {show(label)} is a float; classes are strings")

    return Record(find, clean)


def _box_order(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        for low, high in reversed_corners(item):
            yield Hit((*path, high), partial(_not_greater, item, low, high))


def _not_greater(item: dict[str, Any], low: str, high: str) -> str:
    return f"{high} {show(item[high])} is not greater than {low} {show(item[low])}"


def _string_out_of_range(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        for key in ("topX", "topY", "bottomX", "bottomY"):
            number = as_float(item[key]) if isinstance(item.get(key), str) else None
            if number is not None and not 0 <= number <= 1:
                yield Hit((*path, key), f"the string {show(item[key])} reads as {number}, outside 0 to 1")


def _is_sound(segment: Any) -> bool:
    """Whether a segment has three points or more, all of numbers."""
    if not isinstance(segment, list):
        return False
    return len(segment) >= 6 and len(segment) % 2 == 0 and all(map(is_number, segment))


def _odd_polygon(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        for i, segment in _segments(item):
            if is_odd(segment):
                message = f"{len(segment)} numbers, which is odd; a segment is x1, y1, x2, y2, ..."
                yield Hit((*path, "polygon", i), message)


def _degenerate_polygon(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        segments = item.get("polygon")
        if not isinstance(segments, list) or not segments or not all(map(_is_sound, segments)):
            continue  # other rules speak of these
        left, top, right, bottom = bounds(segments)
        if left == right or top == bottom:
            axis = "x" if left == right else "y"
            yield Hit((*path, "polygon"), f"all points have the same {axis}, so the outline has no area")


def _polygon_beside_box(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        if "polygon" in item:
            yield Hit((*path, "polygon"), "a polygon in a detection record overrides the box, whatever it holds")


def _rle_mask(value: Any) -> Iterator[Hit]:
    for path, item in each_object(value):
        if kinds_of(item.get("polygon"))[0] == "rle":
            yield Hit((*path, "polygon"), "a COCO run-length mask; only polygons are taken, not masks")


def _rule(
    code: str, name: str, title: str, source: str, verdict: Verdict, look: Any, replaces: tuple[str, ...] = ()
) -> Rule:
    return Rule(code, name, title, source, verdict, look, frozenset(replaces))


_BACKGROUND_VERDICT = _warning(
    Reaction.VALUE_MISREAD,
    "models with a background class (Faster R-CNN, Mask R-CNN) train that class as background, or count the "
    "background twice",
)
DISPLACES_BACKGROUND = _rule(
    "VF101", "displaces-background", f"A class name is, or sorts before, the background class {BACKGROUND!r}.", READER,
    _BACKGROUND_VERDICT, Record(_displaces_background, clean_classes),
)  # fmt: skip
REPEATED_LABEL = _rule(
    "VF103", "repeated-label", "One list of classes holds the same class twice.", READER,
    _warning(Reaction.VALUE_MISREAD, "the reader counts the class twice in its class frequencies"),
    Record(_repeated_label, no_repeated_label),
)  # fmt: skip
BOX_ORDER = _rule(
    "VF104", "box-order", "The bottom right corner of a box is not below and right of its top left corner.", READER,
    error(Reaction.OBJECT_DROPPED), Record(_box_order, clean_boxes),
)  # fmt: skip
STRING_OUT_OF_RANGE = _rule(
    "VF105", "string-out-of-range", "A coordinate written as a string reads as a number outside [0, 1].", READER,
    error(Reaction.OBJECT_DROPPED), Record(_string_out_of_range, settled_by_schema),
)  # fmt: skip
ODD_POLYGON = _rule(
    "VF106", "odd-polygon", "A segment has an odd number of coordinates.", READER,
    error(Reaction.IMAGE_SKIPPED), Record(_odd_polygon, clean_outlines),
)  # fmt: skip
DEGENERATE_POLYGON = _rule(
    "VF107", "degenerate-polygon", "All points of an outline lie on one line along an axis.", READER,
    error(Reaction.OBJECT_DROPPED), Record(_degenerate_polygon, clean_outlines),
)  # fmt: skip
POLYGON_BESIDE_BOX = _rule(
    "VF108", "polygon-beside-box", "A detection object has a polygon, which overrides its box.", READER,
    error(
        Reaction.VALUE_MISREAD,
        "the reader ignores the box and computes another from the polygon; an ill-formed one costs the image",
    ),
    Record(_polygon_beside_box, settled_by_schema), ("VF612",),
)  # fmt: skip
RLE_MASK = _rule(
    "VF109", "rle-mask", "A COCO run-length mask stands where a polygon belongs.", f"{PAGE}, Instance segmentation",
    error(Reaction.JOB_CRASHES), Record(_rle_mask, settled_by_schema), ("VF602", "VF108"),
)  # fmt: skip


def float_label(classes: Classes, clean: Any) -> Rule:
    return _rule(
        "VF110", "float-label", "A class is a float, even one without a fraction.", READER,
        error(Reaction.IMAGE_SKIPPED), _float_label(classes, clean), ("VF602",),
    )  # fmt: skip


LOST = error(
    Reaction.IMAGE_SKIPPED, "the reader keeps the last of the lines; what the earlier ones say is lost silently"
)
MERGED = page_only_warns("the reader merges the objects of the lines")


def duplicate_image(verdict: Verdict) -> Rule:
    return _rule(
        "VF301", "duplicate-image", "Two lines of a file name the same image.", READER, verdict,
        duplicate_images("image_url"),
    )  # fmt: skip


def mixed_labels(classes: Classes, type_of: Any, reaction: Reaction, clean: Any) -> Rule:
    def find(value: Any) -> Iterator[Hit]:
        first = None
        for path, label in classes(value):
            kind = type_of(label)
            first = first or kind
            if kind and kind != first:
                yield Hit(path, f"class {show(label)} is of type {kind}, in a record that begins with type {first}")
                return

    look = Record(find, clean)
    return _rule("VF102", "mixed-labels", "One record has classes of two types.", READER, error(reaction), look)


def mixed_classes(classes: Classes, type_of: Any, reaction: Reaction, quick: Any) -> Rule:
    return _rule(
        "VF302", "mixed-class-types", "A file has classes of two types.", READER, error(reaction),
        class_types(classes, type_of, quick),
    )  # fmt: skip


ALL_BACKGROUND = _rule(
    "VF303", "all-background", "No record of a file has an object.", READER,
    error(Reaction.LOAD_FAILS, "the reader stops with \"No objects in dataset\""),
    all_background(objects_of, quick_objects),
)  # fmt: skip
