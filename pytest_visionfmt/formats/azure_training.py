"""Azure AutoML training records: multiclass, multilabel, object detection, instance segmentation."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.findings import Reaction
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_training_clean import (
    no_float_label,
    no_float_labels,
    no_mixed_labels,
    quick_image_class_types,
    quick_label_types,
    quick_object_class_types,
    settled_by_schema,
)
from pytest_visionfmt.formats.azure_training_read import image_claim, read_classes, read_objects
from pytest_visionfmt.formats.azure_training_rules import (
    ALL_BACKGROUND,
    BOX_ORDER,
    DEGENERATE_POLYGON,
    DISPLACES_BACKGROUND,
    LOST,
    MERGED,
    ODD_POLYGON,
    POLYGON_BESIDE_BOX,
    REPEATED_LABEL,
    RLE_MASK,
    STRING_OUT_OF_RANGE,
    class_type,
    duplicate_image,
    float_label,
    image_class,
    image_classes,
    mixed_classes,
    mixed_labels,
    object_class_type,
    object_classes,
    objects_of,
)
from pytest_visionfmt.formats.azure_training_verdicts import (
    BOX_MISSPELLINGS,
    CLASSIFICATION_VERDICTS,
    DETECTION_VERDICTS,
    MULTICLASS_VERDICTS,
    MULTILABEL_VERDICTS,
    PAGE,
    SEGMENTATION_VERDICTS,
)
from pytest_visionfmt.formats.dataset_rules import dataset_rules
from pytest_visionfmt.formats.image_rules import IMAGE_RULES
from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
from pytest_visionfmt.values import plain_key

__all__ = ["FORMATS"]

_CLASSIFICATION = (duplicate_image(LOST),)
_OBJECTS = (
    DISPLACES_BACKGROUND,
    float_label(object_classes, settled_by_schema),
    duplicate_image(MERGED),
    mixed_labels(object_classes, object_class_type, Reaction.LOAD_FAILS, settled_by_schema),
    mixed_classes(object_classes, object_class_type, Reaction.LOAD_FAILS, quick_object_class_types),
    ALL_BACKGROUND,
    *dataset_rules("image_url", object_classes),
)
_SHARED = (*JSON_RULES, *SCHEMA_RULES, *IMAGE_RULES)


# Keys that show what an object is, however they are spelt.
_CORNER_KEYS = frozenset(map(plain_key, ("topX", "topY", "bottomX", "bottomY", *BOX_MISSPELLINGS)))
_OUTLINE_KEYS = frozenset({"polygon", "polygons"})


def _objects_shown(value: Any) -> list[dict[str, Any]]:
    """Return what a record shows as its objects; a lone one where a list belongs is one as well."""
    label = value.get("label") if isinstance(value, dict) else None
    return [item for item in (label if isinstance(label, list) else [label]) if isinstance(item, dict)]


def _shows_outlines(value: Any) -> int:
    return 4 if any(_OUTLINE_KEYS & set(map(plain_key, item)) for item in _objects_shown(value)) else 0


def _shows_boxes(value: Any) -> int:
    objects = _objects_shown(value)
    return 3 if any(_CORNER_KEYS & set(map(plain_key, item)) for item in objects) else 2 if objects else 0


def _names_one_class(value: Any) -> int:
    return 1 if any(class_type(label) for _, label in image_class(value)) else 0


def _lists_strings(value: Any) -> int:
    return 1 if any(isinstance(label, str) for label in objects_of(value) or ()) else 0


def _format(id_: str, title: str, **rest: Any) -> Format:
    file = f"azure/{id_.removeprefix('azure-')}"
    schemas: dict[Profile, str] = {"documented": f"{file}.schema.json", "reader": f"{file}.reader.schema.json"}
    return Format(id_, title, PAGE, "jsonl", schemas, marks=frozenset({"image_url"}), image_claim=image_claim, **rest)


FORMATS = (
    _format(
        "azure-multiclass-record",
        "Azure AutoML image classification, one class an image",
        rules=(
            *_SHARED,
            *_CLASSIFICATION,
            float_label(image_class, no_float_label),
            mixed_classes(image_class, class_type, Reaction.JOB_CRASHES, quick_image_class_types),
            *dataset_rules("image_url", image_class),
        ),
        verdicts={**CLASSIFICATION_VERDICTS, **MULTICLASS_VERDICTS},
        specific=_names_one_class,
        read=read_classes,
    ),
    _format(
        "azure-multilabel-record",
        "Azure AutoML image classification, several classes an image",
        rules=(
            *_SHARED,
            *_CLASSIFICATION,
            mixed_labels(image_classes, class_type, Reaction.JOB_CRASHES, no_mixed_labels),
            REPEATED_LABEL,
            float_label(image_classes, no_float_labels),
            mixed_classes(image_classes, class_type, Reaction.JOB_CRASHES, quick_label_types),
            *dataset_rules("image_url", image_classes),
        ),
        verdicts={**CLASSIFICATION_VERDICTS, **MULTILABEL_VERDICTS},
        specific=_lists_strings,
        read=read_classes,
    ),
    _format(
        "azure-od-record",
        "Azure AutoML object detection",
        rules=(*_SHARED, *_OBJECTS, BOX_ORDER, STRING_OUT_OF_RANGE, POLYGON_BESIDE_BOX, RLE_MASK),
        verdicts=DETECTION_VERDICTS,
        specific=_shows_boxes,
        misspellings=BOX_MISSPELLINGS,
        read=read_objects,
    ),
    _format(
        "azure-is-record",
        "Azure AutoML instance segmentation",
        rules=(*_SHARED, *_OBJECTS, ODD_POLYGON, DEGENERATE_POLYGON, RLE_MASK),
        verdicts=SEGMENTATION_VERDICTS,
        specific=_shows_outlines,
        read=read_objects,
    ),
)
