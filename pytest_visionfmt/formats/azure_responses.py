"""Azure AutoML responses of an endpoint: scores, boxes, outlines, and explanations of scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_exchange import (
    OBJECT_PAIR_RULES,
    SCORE_PAIR_RULES,
)
from pytest_visionfmt.formats.azure_exchange_xai import (
    MULTICLASS_XAI_PAIR_RULES,
    MULTILABEL_XAI_PAIR_RULES,
    NO_XAI_PAIR_RULES,
)
from pytest_visionfmt.formats.azure_responses_read import read_boxes, read_scores
from pytest_visionfmt.formats.azure_responses_rules import CONTOUR_RULES, DETECTION_RULES, SCORE_RULES, SUM_RULES
from pytest_visionfmt.formats.azure_responses_verdicts import (
    CLASSIFICATION_VERDICTS,
    DETECTION_VERDICTS,
    EXPLAINED_MULTICLASS_VERDICTS,
    EXPLAINED_MULTILABEL_VERDICTS,
    PAGE_OUTPUT,
    PAGE_XAI_OUTPUT,
    SCORE_MISSPELLINGS,
    SEGMENTATION_VERDICTS,
)
from pytest_visionfmt.formats.azure_responses_xai_rules import (
    EXPLANATIONS,
    MULTICLASS_XAI_RULES,
    MULTILABEL_XAI_RULES,
    NO_XAI_RULES,
)
from pytest_visionfmt.formats.azure_training_verdicts import BOX_MISSPELLINGS
from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
from pytest_visionfmt.values import plain_key

__all__ = ["FORMATS"]

_SHARED = (*JSON_RULES, *SCHEMA_RULES)
_SCORES = (*_SHARED, *SCORE_RULES, *SCORE_PAIR_RULES)
_BOXES = (*_SHARED, *NO_XAI_RULES, *OBJECT_PAIR_RULES, *NO_XAI_PAIR_RULES)
_LOOKED_AT = 100
_OUTLINE_KEYS = frozenset({"polygon", "polygons"})
_SCORE_KEYS = frozenset(map(plain_key, ("probs", *SCORE_MISSPELLINGS)))


def _items(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the items that a value shows; a lone one where a list belongs is one as well."""
    for item in (value if isinstance(value, list) else [value])[:_LOOKED_AT]:
        if isinstance(item, dict):
            yield item


def _keys(item: dict[str, Any]) -> set[str]:
    return set(map(plain_key, item))


def _shows_scores(value: Any) -> int:
    shown = any(_SCORE_KEYS & _keys(item) and "labels" in _keys(item) for item in _items(value))
    return 3 if shown else 2


def _explanations(value: Any) -> Iterator[Any]:
    """Yield what a response shows under the keys of explanations, null left out.

    Of a text that is no JSON only the keys are known, so that each is without a value.
    """
    for item in _items(value):
        if not {"probs", "labels"} & _keys(item):
            continue
        keys_only = item.get("probs") is None and item.get("labels") is None
        for key in EXPLANATIONS:
            if key in item and (keys_only or item[key] is not None):
                yield item[key]


def _shows_explanations(of_classes: bool) -> Any:
    """Return what tells a response with explanations: of the image, or a list of one for each class."""

    def specific(value: Any) -> int:
        found = list(_explanations(value))
        return 1 if not found else 5 if any(_is_of_classes(one) is of_classes for one in found) else 4

    return specific


def _is_of_classes(explanation: Any) -> bool | None:
    """Whether an explanation is a list of one for each class, None where that cannot be told."""
    if isinstance(explanation, str):
        return False
    depth = 0
    while isinstance(explanation, list) and explanation:
        explanation, depth = explanation[0], depth + 1
    return None if not depth else True if isinstance(explanation, str) or explanation is None else depth > 3


# The keys of a box of another format count as an object of a response only beside these.
_OBJECT_KEYS = frozenset({"box", "score"})


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    for item in _items(value):
        boxes = item.get("boxes")
        for found in boxes[:_LOOKED_AT] if isinstance(boxes, list) else ():
            if isinstance(found, dict) and _OBJECT_KEYS & found.keys():
                yield found


def _shows_boxes(value: Any) -> int:
    return 6 if any(True for _ in _objects(value)) else 1


def _shows_outlines(value: Any) -> int:
    return 7 if any(_OUTLINE_KEYS & _keys(found) for found in _objects(value)) else 1


def _format(id_: str, title: str, marks: str, **rest: Any) -> Format:
    file = f"azure/{id_.removeprefix('azure-')}"
    schemas: dict[Profile, str] = {"documented": f"{file}.schema.json", "reader": f"{file}.reader.schema.json"}
    source = PAGE_XAI_OUTPUT if "xai" in id_ else PAGE_OUTPUT
    return Format(id_, title, source, "json", schemas, marks=frozenset({marks}), **rest)


FORMATS = (
    _format(
        "azure-multiclass-response",
        "Azure AutoML response of image classification, one class an image",
        "probs",
        rules=(*_SCORES, *SUM_RULES, *NO_XAI_RULES, *NO_XAI_PAIR_RULES),
        verdicts=CLASSIFICATION_VERDICTS,
        specific=_shows_scores,
        misspellings=SCORE_MISSPELLINGS,
        read=read_scores,
    ),
    _format(
        "azure-multilabel-response",
        "Azure AutoML response of image classification, several classes an image",
        "probs",
        rules=(*_SCORES, *NO_XAI_RULES, *NO_XAI_PAIR_RULES),
        verdicts=CLASSIFICATION_VERDICTS,
        specific=_shows_scores,
        misspellings=SCORE_MISSPELLINGS,
        read=read_scores,
    ),
    _format(
        "azure-od-response",
        "Azure AutoML response of object detection",
        "boxes",
        rules=(*_BOXES, *DETECTION_RULES),
        verdicts=DETECTION_VERDICTS,
        specific=_shows_boxes,
        misspellings=BOX_MISSPELLINGS,
        read=read_boxes,
    ),
    _format(
        "azure-is-response",
        "Azure AutoML response of instance segmentation",
        "boxes",
        rules=(*_BOXES, *CONTOUR_RULES),
        verdicts=SEGMENTATION_VERDICTS,
        specific=_shows_outlines,
        misspellings=BOX_MISSPELLINGS,
        read=read_boxes,
    ),
    _format(
        "azure-multiclass-xai-response",
        "Azure AutoML response of image classification, one class an image, with explanations",
        "probs",
        rules=(
            *_SHARED,
            *SCORE_RULES,
            *SUM_RULES,
            *MULTICLASS_XAI_RULES,
            *SCORE_PAIR_RULES,
            *MULTICLASS_XAI_PAIR_RULES,
        ),
        verdicts=EXPLAINED_MULTICLASS_VERDICTS,
        specific=_shows_explanations(of_classes=False),
        misspellings=SCORE_MISSPELLINGS,
        read=read_scores,
    ),
    _format(
        "azure-multilabel-xai-response",
        "Azure AutoML response of image classification, several classes an image, with explanations",
        "probs",
        rules=(*_SCORES, *MULTILABEL_XAI_RULES, *MULTILABEL_XAI_PAIR_RULES),
        verdicts=EXPLAINED_MULTILABEL_VERDICTS,
        specific=_shows_explanations(of_classes=True),
        misspellings=SCORE_MISSPELLINGS,
        read=read_scores,
    ),
)
