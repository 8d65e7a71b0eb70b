"""The rules on moderation labels: what ground truth may name, and what fits the model's taxonomy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pytest_visionfmt.findings import Reaction
from pytest_visionfmt.format import Hit, Record, Rule
from pytest_visionfmt.formats.moderation_taxonomy import (
    LATEST,
    TAXONOMIES,
    TAXONOMY_PAGE,
    ModerationLabel,
    top_level,
)
from pytest_visionfmt.formats.rekognition_clean import clean_predictions, clean_response, clean_truth
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, REPOST, TRUTH, warning
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import is_number, plain_key, show

__all__ = ["GROUND_TRUTH_LABELS", "predicted_labels"]

_NEAR = 0.8


def _members(holder: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects among the ModerationLabels of an object, with their index."""
    labels = holder.get("ModerationLabels") if isinstance(holder, dict) else None
    for i, label in enumerate(labels if isinstance(labels, list) else ()):
        if isinstance(label, dict):
            yield i, label


def _where(name: str) -> ModerationLabel | None:
    """Return the row of the latest version that has a name, None where none has."""
    return next((row for row in TAXONOMIES[LATEST] if row.name == name), None)


def _below(row: ModerationLabel) -> str:
    return f"below {show(row.parent)}" if row.parent else "at the top"


def _hint(name: str, names: Iterable[str]) -> str:
    plain = {plain_key(candidate): candidate for candidate in names}
    near = get_close_matches(plain_key(name), plain, n=1, cutoff=_NEAR)
    return f"; {show(plain[near[0]])} is one" if near else ""


def _of_other_version(name: str) -> str:
    versions = [version for version, rows in TAXONOMIES.items() if any(row.name == name for row in rows)]
    return f"; it is one of {versions[0]}" if versions else ""


# Ground truth. What each name is decides which of three rules it breaks.


@lru_cache(maxsize=1024)
def _kind_of_name(name: str) -> tuple[str, str]:
    """Return the rule that a name breaks in ground truth, and the message; nothing where it is right."""
    if name in top_level():
        return "", ""
    for version in TAXONOMIES:
        if name in top_level(version):
            now = (row := _where(name)) and f"in {LATEST} it is of level {row.level}, {_below(row)}"
            return (
                "older",
                f"{show(name)} is a top-level label of {version}; {now or f'{LATEST} has none of that name'}",
            )
    for version, rows in TAXONOMIES.items():
        if row := next((row for row in rows if row.name == name), None):
            message = f"{show(name)} is a label of level {row.level} in {version}, {_below(row)}"
            return "lower", f"{message}; ground truth names those of the top level"
    return "unknown", f"{show(name)} is no moderation label{_hint(name, top_level())}"


def _truth(kind: str) -> Record:
    def find(value: Any) -> Iterator[Hit]:
        for i, label in _members(value.get(TRUTH) if isinstance(value, dict) else None):
            if isinstance(name := label.get("Name"), str):
                found, message = _kind_of_name(name)
                if found == kind:
                    yield Hit((TRUTH, "ModerationLabels", i, "Name"), message)

    return Record(find, clean_truth)


_NOT_PROCESSED = warning(
    'an AWS answer on re:Post: labels that are not of the top level "will not be processed"; the image may train as '
    "one without the label, silently",
    Reaction.OBJECT_DROPPED,
)
GROUND_TRUTH_LABELS = (
    Rule(
        "VF506", "lower-level-label", "Ground truth names a label of the second or third level.", REPOST,
        _NOT_PROCESSED, _truth("lower"),
    ),
    Rule(
        "VF507", "unknown-label", "Ground truth names a label that no taxonomy has.", TAXONOMY_PAGE,
        warning("not published; the page's own sample has such a label, \"Rude Gesture\""), _truth("unknown"),
    ),
    Rule(
        "VF508", "older-label", "Ground truth names a label of the top level of an older taxonomy.", TAXONOMY_PAGE,
        warning(f"not published; it fits an adapter of the older model, and {LATEST} is the current one"),
        _truth("older"),
    ),
)  # fmt: skip


# Predictions, in two blocks of an output record or as a whole response.

_Block = tuple[Path, dict[str, Any]]


def _blocks_of_record(value: Any) -> Iterator[_Block]:
    for key in (ADAPTER, BASE_MODEL):
        block = value.get(key) if isinstance(value, dict) else None
        if isinstance(block, dict):
            yield (key,), block


def _whole_response(value: Any) -> Iterator[_Block]:
    if isinstance(value, dict):
        yield (), value


def _version(block: dict[str, Any]) -> str | None:
    version = block.get("ModerationModelVersion")
    return version if isinstance(version, str) else None


def _unknown_version(block: dict[str, Any]) -> Iterator[Hit]:
    version = _version(block)
    if version is not None and version not in TAXONOMIES:
        known = " and ".join(TAXONOMIES)
        message = f"the taxonomy of version {show(version)} is not known here, so no label is looked up; {known} are"
        yield Hit(("ModerationModelVersion",), message)


def _not_in_taxonomy(block: dict[str, Any]) -> Iterator[Hit]:
    version = _version(block) or ""
    rows = TAXONOMIES.get(version)
    if rows is None:
        return
    for i, label in _members(block):
        name, parent, level = (label.get(key) for key in ("Name", "ParentName", "TaxonomyLevel"))
        if not isinstance(name, str) or not isinstance(parent, str):
            continue
        named = [row for row in rows if row.name == name]
        row = next((row for row in named if row.parent == parent), None)
        if not named:
            hint = _of_other_version(name) or _hint(name, [row.name for row in rows])
            yield Hit((i, "Name"), f"{show(name)} is no label of version {version}{hint}")
        elif row is None:
            right = " or ".join(_below(row) for row in named)
            wrong = f"below {show(parent)}" if parent else "at the top"
            yield Hit((i, "ParentName"), f"{show(name)} stands {right} in version {version}, not {wrong}")
        elif is_number(level) and level != row.level:
            yield Hit((i, "TaxonomyLevel"), f"{show(name)} is of level {row.level} in version {version}, not {level}")


def _missing_ancestor(block: dict[str, Any]) -> Iterator[Hit]:
    members = list(_members(block))
    for i, label in members:
        name, parent = label.get("Name"), label.get("ParentName")
        if isinstance(parent, str) and parent and not any(x.get("Name") == parent for j, x in members if j != i):
            yield Hit((i, "ParentName"), f"the parent of {show(name)}, {show(parent)}, is not in the list")


def predicted_labels(*, whole: bool) -> tuple[Rule, ...]:
    """Return the rules on predictions: those of a ``whole`` response, or of the two blocks of an output record."""
    blocks = _whole_response if whole else _blocks_of_record

    def everywhere(find: Any) -> Record:
        def found(value: Any) -> Iterator[Hit]:
            for path, block in blocks(value):
                for hit in find(block):
                    steps = hit.path if isinstance(hit.path[0], str) else ("ModerationLabels", *hit.path)
                    yield hit._replace(path=(*path, *steps))

        return Record(found, clean_response if whole else clean_predictions)

    return (
        Rule(
            "VF510", "unknown-model-version", "Predictions name a version of the model whose taxonomy is not known.",
            TAXONOMY_PAGE, warning("a newer or older model; whether its labels are right cannot be told"),
            everywhere(_unknown_version),
        ),
        Rule(
            "VF511", "not-in-taxonomy", "A predicted label, its parent and its level are no row of the taxonomy.",
            TAXONOMY_PAGE, warning("inferred from the taxonomy: the model of this version has no such label"),
            everywhere(_not_in_taxonomy), frozenset({"VF512"}),
        ),
        Rule(
            "VF512", "missing-ancestor", "A label is predicted, and its parent is not.", TAXONOMY_PAGE,
            warning("inferred: the documents say that a top-level label is returned along with those below it"),
            everywhere(_missing_ancestor),
        ),
    )  # fmt: skip
