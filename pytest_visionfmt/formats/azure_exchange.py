"""An Azure response beside its request: which formats the two have, how many items, which classes.

The rules on what was asked to be explained are in ``azure_exchange_xai``.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Exchange, Hit, Judgement, Pair, Rule, Verdict
from pytest_visionfmt.formats.azure_asked import asked_of, holds_json, number_of_rows, rows_without_image
from pytest_visionfmt.formats.azure_requests_verdicts import WRAPPER
from pytest_visionfmt.formats.azure_responses_rules import labels_of, objects_of, predictions
from pytest_visionfmt.formats.azure_responses_verdicts import NOT_SEEN, PAGE_OUTPUT
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import show

__all__ = ["OBJECT_PAIR_RULES", "SCORE_PAIR_RULES", "TASKS", "request_format", "response_format"]

TASKS = {
    "image_classification": ("azure-multiclass-response", "azure-multiclass-xai-response"),
    "image_classification_multilabel": ("azure-multilabel-response", "azure-multilabel-xai-response"),
    "image_object_detection": ("azure-od-response", "azure-od-response"),
    "image_instance_segmentation": ("azure-is-response", "azure-is-response"),
}
"""The service's names of its tasks, each with the format of its responses: without and with explanations."""


def request_format(request: Any) -> str:
    """Return the id of the format that the service takes a request for."""
    return "azure-xai-request" if holds_json(request) else "azure-scoring-request"


def response_format(request: Any, task: str) -> str:
    """Return the id of the format of the response to a request. Raises ``ValueError`` for an unknown task."""
    if task not in TASKS:
        near = get_close_matches(str(task), TASKS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown task {task!r}.{hint} There are: {', '.join(TASKS)}")
    scores, explained = TASKS[task]
    asked = asked_of(request)
    # Of a request that cannot be read nobody knows what it asks for; then explanations may be there.
    return explained if asked is None or asked.explains else scores


# How many items.


def _too_many_items(pair: Pair) -> Iterator[Hit]:
    rows, items = number_of_rows(pair.request), pair.response
    if rows is not None and isinstance(items, list) and len(items) > rows:
        yield Hit((rows,), f"an item without a row: {len(items)} items answer {rows} rows")


def _missing_items(pair: Pair) -> tuple[int, list[int]]:
    """Return how many items fewer than rows there are, and which rows hold no image."""
    rows, items = number_of_rows(pair.request), pair.response
    missing = rows - len(items) if rows is not None and isinstance(items, list) else 0
    return missing, rows_without_image(pair.request) if missing > 0 else []


def _vanished_images(pair: Pair) -> Iterator[Hit]:
    missing, empty = _missing_items(pair)
    if missing > 0 and missing == len(empty):
        rows = f"row{'s' if missing > 1 else ''} {', '.join(map(str, empty))}"
        yield Hit((), f"no item for {rows}, without an image; items behind it answer later rows than their place says")


def _too_few_items(pair: Pair) -> Iterator[Hit]:
    missing, empty = _missing_items(pair)
    if missing > 0 and missing != len(empty):
        items = len(pair.response)
        how = f"{len(empty)} of them without an image" if empty else "each of them with an image"
        yield Hit((), f"{items} items answer {items + missing} rows, {how}")


# Which classes.


def _missing_class(pair: Pair) -> Iterator[Hit]:
    for i, item in predictions(pair.response):
        labels = labels_of(item)
        if pair.classes is None or labels is None:
            continue
        missing = [label for label in pair.classes if label not in labels]
        if missing:
            more = f", nor are {len(missing) - 1} more" if len(missing) > 1 else ""
            yield Hit((i, "labels"), f"class {show(missing[0])} of the dataset is not among the labels{more}")


def _unknown_class(pair: Pair) -> Iterator[Hit]:
    if pair.classes is None:
        return
    for path, label in _labels(pair.response):
        if isinstance(label, str | int) and label not in pair.classes:
            yield Hit(path, f"class {show(label)} is not one of the dataset")


def _labels(response: Any) -> Iterator[tuple[Path, Any]]:
    for i, item in predictions(response):
        labels = item.get("labels")
        for j, label in enumerate(labels if isinstance(labels, list) else ()):
            yield (i, "labels", j), label
    for path, found in objects_of(response):
        yield (*path, "label"), found.get("label")


_LEFT_OUT = Judgement(
    Severity.WARNING, Reaction.IMAGE_SKIPPED, Evidence.RUN,
    "the service leaves out an image that it cannot decode, silently, and nothing says which",
)  # fmt: skip
OBJECT_PAIR_RULES = (
    Rule(
        "VF460", "surplus-items", "A response has more items than its request has rows.", WRAPPER, NOT_SEEN,
        Exchange(_too_many_items),
    ),
    Rule(
        "VF461", "vanished-images", "A response has no item for those rows of its request that hold no image.", WRAPPER,
        Verdict(_LEFT_OUT, _LEFT_OUT), Exchange(_vanished_images),
    ),
    Rule(
        "VF462", "missing-items", "A response has fewer items than its request has images.", WRAPPER, NOT_SEEN,
        Exchange(_too_few_items),
    ),
    Rule(
        "VF464", "unknown-class", "A response has a class that is not one of the dataset.", PAGE_OUTPUT, NOT_SEEN,
        Exchange(_unknown_class),
    ),
)  # fmt: skip
SCORE_PAIR_RULES = (
    *OBJECT_PAIR_RULES,
    Rule(
        "VF463", "missing-class", "A response lacks a class of the dataset.", f"{PAGE_OUTPUT}, Image classification",
        NOT_SEEN, Exchange(_missing_class),
    ),
)  # fmt: skip
