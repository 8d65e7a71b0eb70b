"""The cheap twins of the rules of Rekognition's manifests and responses: they take records decoded to structs.

A twin is made for a schema and must be sure under it: each looks first whether the schema lets
through nothing else than it counts on, and is None where it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from pytest_visionfmt.format import Twin
from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES, top_level
from pytest_visionfmt.formats.promises import has, is_list_of, types_at
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF, TRUTH
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node, attribute

__all__ = [
    "clean_extension",
    "clean_prediction_pair",
    "clean_predictions",
    "clean_response",
    "clean_scheme",
    "clean_truth",
    "no_reserved_attribute",
    "quick_bucket",
    "quick_kind",
]

_LABELS = "ModerationLabels"
_SCHEME = "s3://"
_ENDINGS = (".jpg", ".jpeg", ".png")
_LONGEST_ENDING = max(map(len, _ENDINGS))
_TOP_LEVEL = frozenset(top_level())
_LEVELS = {
    version: {(row.name, row.parent): row.level for row in reversed(rows)} for version, rows in TAXONOMIES.items()
}

_Add = Callable[[int, Any], bool]


def _has_source(root: Node) -> bool:
    return has(root, (), SOURCE_REF) and types_at(root, (SOURCE_REF,)) == {"string"}


def clean_scheme(root: Node) -> Twin | None:
    """Return the twin of upper-case-scheme."""
    return _of_line(root, _has_lower_scheme)


def clean_extension(root: Node) -> Twin | None:
    """Return the twin of image-extension."""
    return _of_line(root, _has_extension)


def clean_truth(root: Node) -> Twin | None:
    """Return the twin of the three rules on what ground truth may name."""
    return _of_line(root, _has_clean_truth)


def _of_line(root: Node, sure: Callable[[Any], bool]) -> Twin | None:
    return Twin(sure, _is_clean_line) if _has_source(root) and _has_truth(root) else None


def _has_truth(root: Node) -> bool:
    labels: Path = (TRUTH, _LABELS)
    item = (*labels, 0)
    is_there = has(root, (), TRUTH) and has(root, (TRUTH,), _LABELS) and is_list_of(root, labels, "object")
    return is_there and has(root, item, "Name") and types_at(root, (*item, "Name")) == {"string"}


def _has_lower_scheme(record: Any) -> bool:
    return bool(record.source_ref.startswith(_SCHEME))


def _has_extension(record: Any) -> bool:
    return bool(record.source_ref[-_LONGEST_ENDING:].lower().endswith(_ENDINGS))


def _has_clean_truth(record: Any) -> bool:
    return all(label.Name in _TOP_LEVEL for label in record.content_moderation_groundtruth.ModerationLabels)


def _is_clean_line(record: Any) -> bool:
    for label in record.content_moderation_groundtruth.ModerationLabels:
        if label.Name not in _TOP_LEVEL:
            return False
    source = record.source_ref
    # What does not sort before "s" does not begin with "S": so to compare costs half of startswith.
    return source >= "s" and (source.endswith(_ENDINGS) or _has_extension(record))


def no_reserved_attribute(root: Node) -> Literal[True] | None:
    """Return the twin of reserved-attribute: an accepted record has the keys of the schema alone."""
    return True if root.properties and not any(key.startswith("$") for key in root.properties) else None


# Predictions.


def _are_predictions(root: Node, path: Path) -> bool:
    """Whether what stands at a path, if anything does, is an object of labels with a version."""
    node = root.at(path)
    item = (*path, _LABELS, 0)
    return (
        node is not None
        and "ModerationModelVersion" in node.properties
        and has(root, path, _LABELS)
        and is_list_of(root, (*path, _LABELS), "object")
        and has(root, item, "Name", "ParentName")
        and all(types_at(root, (*item, key)) == {"string"} for key in ("Name", "ParentName"))
        and types_at(root, (*item, "TaxonomyLevel")) == {"integer"}
    )


def clean_response(root: Node) -> Twin | None:
    """Return the twin of the rules on labels, for a response."""
    return Twin(_has_clean_labels, _has_clean_labels) if _are_predictions(root, ()) else None


def clean_predictions(root: Node) -> Twin | None:
    """Return the twin of the rules on predicted labels, for a record with two blocks of them."""
    both = all(_are_predictions(root, (key,)) for key in (ADAPTER, BASE_MODEL))
    return Twin(_has_clean_predictions, _has_clean_predictions) if both else None


def clean_prediction_pair(root: Node) -> Twin | None:
    """Return the twin of one-prediction."""
    return Twin(_has_both_or_none) if clean_predictions(root) else None


def _has_clean_labels(block: Any) -> bool:
    levels = _LEVELS.get(block.ModerationModelVersion)
    if levels is None:
        return False
    labels = block.ModerationLabels
    names = {label.Name for label in labels}
    for label in labels:
        name, parent, level = label.Name, label.ParentName, label.TaxonomyLevel
        right = levels.get((name, parent))
        # An absent level is no integer. A label may be of the same name as its parent, which then is another.
        if right is None or (type(level) is int and level != right):
            return False
        if parent and (parent == name or parent not in names):
            return False
    return True


def _has_clean_predictions(record: Any) -> bool:
    # An absent block is false, and an object with keys never is.
    for block in (record.detect_moderation_labels, record.detect_moderation_labels_base_model):
        if block and not _has_clean_labels(block):
            return False
    return True


def _has_both_or_none(record: Any) -> bool:
    return bool(record.detect_moderation_labels) == bool(record.detect_moderation_labels_base_model)


# The folds. A state is that of ``file_rules``: only what a record adds is found more cheaply. They take
# every record that the schema takes, whether or not a rule has something against it.


def quick_bucket(names: Callable[[Any], Iterable[tuple[str, Path]]], root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold over buckets; ``names`` yields those of a value."""
    if not _has_source(root):
        return None
    low = high = ""

    def add(n: int, record: Any) -> bool:
        nonlocal low, high
        source = record.source_ref
        if not low < source < high:  # not in the bucket of the line before
            for name, path in names({SOURCE_REF: source}):
                state.first.setdefault(name, (n, path))
            bucket = source[: source.find("/", len(_SCHEME))]
            low, high = f"{bucket}/", f"{bucket}{chr(ord('/') + 1)}"
        return False

    return add


def quick_kind(names: Callable[[Any], Iterable[tuple[str, Path]]], root: Node, state: Any) -> _Add | None:
    """Return the twin of the fold over kinds of output; ``names`` yields those of a value."""
    if not clean_predictions(root):
        return None
    keys = [(key, attribute(key)) for key in (ADAPTER, BASE_MODEL)]
    last: bool | None = None

    def add(n: int, record: Any) -> bool:
        nonlocal last
        predicts = bool(record.detect_moderation_labels or record.detect_moderation_labels_base_model)
        if predicts is not last:
            last = predicts
            for name, path in names({key: {} for key, name in keys if getattr(record, name)}):
                state.first.setdefault(name, (n, path))
        return False

    return add
