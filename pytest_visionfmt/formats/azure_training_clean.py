"""The cheap twins of the rules of Azure training records: they take records decoded to structs.

A twin is made for a schema and must be sure under it: each looks first whether the schema lets
through nothing else than it counts on, and is None where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

from pytest_visionfmt.format import Twin
from pytest_visionfmt.formats.promises import has, is_list_of, types_at
from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node

__all__ = [
    "BACKGROUND",
    "clean_boxes",
    "clean_classes",
    "clean_outlines",
    "no_float_label",
    "no_float_labels",
    "no_mixed_labels",
    "no_repeated_label",
    "quick_image_class_types",
    "quick_label_types",
    "quick_object_class_types",
    "quick_objects",
    "settled_by_schema",
]

BACKGROUND = "--bg--"
_TRIANGLE = 6
_CORNERS = ("topX", "topY", "bottomX", "bottomY")
_NUMERIC = frozenset({"number", "integer"})


@lru_cache(maxsize=128)
def _shown(root: Node) -> Literal["boxes", "outlines"] | None:
    """Return what the objects of a record are, where the schema leaves no doubt: each has a string for a class."""
    item: Path = ("label", 0)
    if not (has(root, (), "label") and is_list_of(root, ("label",), "object") and has(root, item, "label")):
        return None
    if types_at(root, (*item, "label")) != {"string"}:
        return None
    if has(root, item, "polygon"):
        polygon = (*item, "polygon")
        is_outline = is_list_of(root, polygon, "array") and is_list_of(root, (*polygon, 0), *_NUMERIC)
        return "outlines" if is_outline else None
    is_box = has(root, item, *_CORNERS) and all(_are_numbers(types_at(root, (*item, corner))) for corner in _CORNERS)
    return "boxes" if is_box and root.at((*item, "polygon")) is None else None


def settled_by_schema(root: Node) -> Literal[True] | None:
    """Return the twin of a rule over objects that only speaks of what the schema refuses."""
    return True if _shown(root) else None


def clean_classes(root: Node) -> Twin | None:
    """Return the twin of displaces-background."""
    together = {"boxes": _clean_boxes, "outlines": _clean_outlines, None: None}[_shown(root)]
    return together and Twin(_clean_classes, together)


def clean_boxes(root: Node) -> Twin | None:
    """Return the twin of box-order."""
    return Twin(_ordered_boxes, _clean_boxes) if _shown(root) == "boxes" else None


def clean_outlines(root: Node) -> Twin | None:
    """Return the twin of odd-polygon and of degenerate-polygon."""
    return Twin(_clean_outlines, _clean_outlines) if _shown(root) == "outlines" else None


def _are_numbers(types: frozenset[str]) -> bool:
    # A decoder that may take a number takes no string and no boolean beside it.
    return bool(types) and types <= (_NUMERIC | {"string", "boolean"} if "number" in types else {"integer"})


def _clean_classes(record: Any) -> bool:
    return all(item.label > BACKGROUND for item in record.label)


def _ordered_boxes(record: Any) -> bool:
    return all(box.topX < box.bottomX and box.topY < box.bottomY for box in record.label)


def _clean_boxes(record: Any) -> bool:
    for box in record.label:
        if box.label <= BACKGROUND or box.topX >= box.bottomX or box.topY >= box.bottomY:
            return False
    return True


def _clean_outlines(record: Any) -> bool:
    for item in record.label:
        polygon = item.polygon
        if item.label <= BACKGROUND or not polygon:
            return False
        for segment in polygon:
            size = len(segment)
            if size & 1 or size < _TRIANGLE:
                return False
        # Points that differ on both axes show that the outline has an area; the first three mostly do.
        if segment[0] == segment[2] == segment[4] or segment[1] == segment[3] == segment[5]:
            left, top, right, bottom = bounds(polygon)
            if left == right or top == bottom:
                return False
    return True


def no_float_label(root: Node) -> Literal[True] | None:
    """Return the twin of float-label where a record has one class."""
    types = types_at(root, ("label",))
    return True if types and "number" not in types else None


def no_float_labels(root: Node) -> Literal[True] | None:
    """Return the twin of float-label where a record has a list of classes."""
    return True if is_list_of(root, ("label",), "string", "integer", "boolean") else None


def no_mixed_labels(root: Node) -> Twin | Literal[True] | None:
    """Return the twin of mixed-labels where a record has a list of classes."""
    if not is_list_of(root, ("label",), "string", "integer", "boolean"):
        return None
    return Twin(_has_labels_of_one_type) if len(types_at(root, ("label", 0))) > 1 else True


def _has_labels_of_one_type(record: Any) -> bool:
    return len(set(map(type, record.label))) <= 1


def no_repeated_label(root: Node) -> Twin | None:
    """Return the twin of repeated-label."""
    return Twin(_has_no_repeated_label) if no_float_labels(root) and has(root, (), "label") else None


def _has_no_repeated_label(record: Any) -> bool:
    labels = record.label
    return len(labels) < 2 or len(set(labels)) == len(labels)


# The folds. A state is that of ``file_rules``: only what a record adds is found more cheaply. They take
# every record that the schema takes, whether or not a rule has something against it.

_Add = Callable[[int, Any], bool]


def quick_object_class_types(root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold over class types, for objects: all their classes are strings."""
    if _shown(root) is None:
        return None

    def add(n: int, record: Any) -> bool:
        if record.label:
            state.first.setdefault("string", (n, ("label", 0, "label")))
        return bool(record.label)

    return add


def quick_image_class_types(root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold over class types where a record has one class."""
    if not no_float_label(root) or not has(root, (), "label"):
        return None
    return _quick_types(state, len(types_at(root, ("label",))) == 1, lambda record: (record.label,), ("label",))


def quick_label_types(root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold over class types where a record has a list of classes, of one type."""
    if not no_float_labels(root) or not has(root, (), "label"):
        return None
    return _quick_types(state, len(types_at(root, ("label", 0))) == 1, lambda record: record.label, ("label", 0))


def _quick_types(state: Any, is_one_type: bool, labels: Callable[[Any], Any], path: Path) -> _Add:
    def add(n: int, record: Any) -> bool:
        # As in the rule, booleans are integers here, and a record of two types is passed over.
        types = {"string" if type(label) is str else "integer" for label in labels(record)}
        if len(types) == 1:
            state.first.setdefault(*types, (n, path))
        return is_one_type and bool(types)

    return add


def quick_objects(root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold that looks for any object in a file."""
    if not (has(root, (), "label") and types_at(root, ("label",)) == {"array"}):
        return None

    def add(n: int, record: Any) -> bool:
        if record.label:
            state.seen = True
        elif not state.background:
            state.background = n
        return bool(state.seen)

    return add
