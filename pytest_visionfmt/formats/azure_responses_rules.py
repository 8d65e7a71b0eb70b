"""The rules of Azure responses on scores, boxes and outlines: what their schemas cannot say.

Each is a function that finds it broken, in any JSON value, and the row that names and judges it.
Those on explanations are in ``azure_responses_xai_rules``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Hit, Judgement, Record, Rule, Verdict
from pytest_visionfmt.formats.azure_requests_verdicts import WRAPPER
from pytest_visionfmt.formats.azure_responses_verdicts import NOT_SEEN, PAGE_OUTPUT
from pytest_visionfmt.geometry import is_odd, reversed_corners
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import is_number, show

__all__ = [
    "BOX_RULES",
    "CONTOUR_RULES",
    "DETECTION_RULES",
    "SCORE_RULES",
    "SUM_RULES",
    "labels_of",
    "objects_of",
    "predictions",
]

# What the page's own samples are off by decides: their scores sum to 0.99901 and to 1.00109, rounded
# to three digits as they are. With many classes, each rounds by up to half of the last of them.
_SUM_TOLERANCE, _TOLERANCE_PER_CLASS = 0.01, 0.0005


# What stands where in a response of any shape.


def predictions(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the items of a response that are objects, with their index."""
    for i, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield i, item


def labels_of(item: dict[str, Any]) -> list[str | int] | None:
    """Return the labels of an item, None where they are not all strings or integers."""
    labels = item.get("labels")
    if not isinstance(labels, list) or not all(type(label) in (str, int) for label in labels):
        return None
    return labels


def objects_of(value: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the objects that a response predicts, with their path."""
    for i, item in predictions(value):
        boxes = item.get("boxes")
        for j, found in enumerate(boxes if isinstance(boxes, list) else ()):
            if isinstance(found, dict):
                yield (i, "boxes", j), found


# The rules, each as the function that finds it broken.


def _unequal_lengths(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        probs, labels = item.get("probs"), item.get("labels")
        if isinstance(probs, list) and isinstance(labels, list) and len(probs) != len(labels):
            yield Hit((i, "probs"), f"{len(probs)} scores beside {len(labels)} labels")


def _different_labels(value: Any) -> Iterator[Hit]:
    first = 0
    wanted: list[str | int] | None = None
    for i, item in predictions(value):
        labels = labels_of(item)
        if labels is None:
            continue
        if wanted is None:
            first, wanted = i, labels
        elif set(labels) != set(wanted):
            more, less = set(labels) - set(wanted), set(wanted) - set(labels)
            label = min(more or less, key=str)
            how = f"{show(label)} is not among those" if more else f"{show(label)} is missing, which is among those"
            yield Hit((i, "labels"), f"{how} of item {first}; every item has all classes of the dataset")


def _unsorted_labels(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        for j, (a, b) in enumerate(pairwise(labels_of(item) or ()), 1):
            if type(a) is not type(b):
                message = f"{show(b)} behind {show(a)}: classes of two types, which no dataset can have"
            elif b < a:  # type: ignore[operator]
                message = f"{show(b)} stands behind {show(a)}; the service sorts the classes"
            else:
                continue
            yield Hit((i, "labels", j), message)
            break


def _probs_sum(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        probs = item.get("probs")
        if not isinstance(probs, list) or not probs or not all(is_number(p) and 0 <= p <= 1 for p in probs):
            continue  # the schema speaks of these
        total = math.fsum(probs)
        tolerance = max(_SUM_TOLERANCE, len(probs) * _TOLERANCE_PER_CLASS)
        if round(abs(total - 1), 9) > tolerance:
            wanted = f"1 is wanted, give or take {tolerance:g}"
            yield Hit((i, "probs"), f"the scores sum to {total:.6g}; {wanted} (the page's samples: 0.99901, 1.00109)")


def _box_order(value: Any) -> Iterator[Hit]:
    for path, found in objects_of(value):
        box = found.get("box")
        if not isinstance(box, dict):
            continue
        for low, high in reversed_corners(box):
            message = f"{high} {show(box[high])} is not greater than {low} {show(box[low])}"
            yield Hit((*path, "box", high), message)


def _polygon_in_detection(value: Any) -> Iterator[Hit]:
    for path, found in objects_of(value):
        if "polygon" in found:
            yield Hit((*path, "polygon"), "a polygon, which only models for instance segmentation predict")


def _odd_contour(value: Any) -> Iterator[Hit]:
    for path, found in objects_of(value):
        polygon = found.get("polygon")
        for k, contour in enumerate(polygon if isinstance(polygon, list) else ()):
            if is_odd(contour):
                message = f"{len(contour)} numbers, which is odd; a contour is x1, y1, x2, y2, ..."
                yield Hit((*path, "polygon", k), message)


_SORTED = Judgement(
    Severity.WARNING, Reaction.UNKNOWN, Evidence.READ, "the service writes the classes sorted, for every image alike"
)

SCORE_RULES = (
    Rule(
        "VF430", "unequal-lengths", "An item of a response has another number of scores than of labels.",
        f"{PAGE_OUTPUT}, Image classification", NOT_SEEN, Record(_unequal_lengths),
    ),
    Rule(
        "VF431", "different-labels", "Two items of one response have different labels.",
        f"{PAGE_OUTPUT}, Image classification", NOT_SEEN, Record(_different_labels),
    ),
    Rule(
        "VF432", "unsorted-labels", "The labels of an item are not sorted.", WRAPPER, Verdict(_SORTED, _SORTED),
        Record(_unsorted_labels),
    ),
)  # fmt: skip
SUM_RULES = (
    Rule(
        "VF433", "probs-sum", "The scores of an image that is of one class do not sum to 1.", WRAPPER, NOT_SEEN,
        Record(_probs_sum),
    ),
)  # fmt: skip
BOX_RULES = (
    Rule(
        "VF435", "predicted-box-order",
        "The bottom right corner of a predicted box is not below and right of its top left corner.",
        f"{PAGE_OUTPUT}, Object detection", NOT_SEEN, Record(_box_order),
    ),
)  # fmt: skip
DETECTION_RULES = (
    *BOX_RULES,
    Rule(
        "VF434", "polygon-in-detection", "A box of a detection response has a polygon.", WRAPPER, NOT_SEEN,
        Record(_polygon_in_detection), frozenset({"VF612"}),
    ),
)  # fmt: skip
CONTOUR_RULES = (
    *BOX_RULES,
    Rule(
        "VF436", "odd-contour", "A contour of a predicted polygon has an odd number of coordinates.",
        f"{PAGE_OUTPUT}, Instance segmentation", NOT_SEEN, Record(_odd_contour),
    ),
)  # fmt: skip
