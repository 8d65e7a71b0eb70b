"""The rules of Azure responses on explanations: where they may stand, how many, and of what shape."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from pytest_visionfmt.format import Hit, Record, Rule
from pytest_visionfmt.formats.azure_requests_verdicts import WRAPPER
from pytest_visionfmt.formats.azure_responses_rules import predictions
from pytest_visionfmt.formats.azure_responses_verdicts import NOT_SEEN, PAGE_OUTPUT, PAGE_XAI_OUTPUT
from pytest_visionfmt.image_facts import ImageProblem, facts_of_first
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import show

__all__ = [
    "EXPLANATIONS",
    "MULTICLASS_XAI_RULES",
    "MULTILABEL_XAI_RULES",
    "NO_XAI_RULES",
    "has_content",
]

EXPLANATIONS = ("visualizations", "attributions")


def has_content(explanation: Any) -> bool:
    """Whether something stands under a key of explanations: more than null, or null for each class."""
    if isinstance(explanation, list):
        return any(one is not None for one in explanation)
    return explanation is not None


def _explanation_in_scores(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        for key in EXPLANATIONS:
            if has_content(item.get(key)):
                yield Hit((i, key), f"{key} in a response of scores alone")


def _explained_in_part(value: Any) -> Iterator[Hit]:
    items = list(predictions(value))
    for key in EXPLANATIONS:
        having = next((i for i, item in items if key in item), None)
        for i, item in items:
            if having is not None and key not in item:
                yield Hit((i, key), f"the key {show(key)} is missing, which item {having} has; a request asks for all")


def _unequal_explanations(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        if all(key in item for key in EXPLANATIONS):
            images, scores = (_count(item[key]) for key in EXPLANATIONS)
            if images is not None and scores is not None and images != scores:
                message = f"{scores} attributions beside {images} visualizations; the two are of the same classes"
                yield Hit((i, "attributions"), message)


def _count(explanations: object) -> int | None:
    """Return how many classes are explained; null is how the service writes none."""
    return len(explanations) if isinstance(explanations, list) else 0 if explanations is None else None


def _too_many_explanations(value: Any) -> Iterator[Hit]:
    for i, item in predictions(value):
        labels = item.get("labels")
        if not isinstance(labels, list):
            continue
        for key in EXPLANATIONS:
            found = _count(item.get(key))
            if found is not None and found > len(labels):
                yield Hit((i, key), f"{found} {key} for {len(labels)} classes")


def _of_the_image(value: Any, key: str) -> Iterator[tuple[Path, Any]]:
    for i, item in predictions(value):
        yield (i, key), item.get(key)


def _of_each_class(value: Any, key: str) -> Iterator[tuple[Path, Any]]:
    for path, explanations in _of_the_image(value, key):
        for k, one in enumerate(explanations if isinstance(explanations, list) else ()):
            yield (*path, k), one


def _uneven(attribution: Any) -> tuple[Path, str] | None:
    """Return where an attribution is not square, and how; of its numbers the schema speaks."""
    if not isinstance(attribution, list) or not attribution or not _all_lists(attribution):
        return None
    size = len(attribution[0])
    for c, channel in enumerate(attribution):
        if len(channel) != size:
            return (c,), f"a channel of {len(channel)} rows; the first has {size}"
        if _all_lists(channel) and set(map(len, channel)) - {size}:
            r, row = next((r, row) for r, row in enumerate(channel) if len(row) != size)
            return (c, r), f"a row of {len(row)} scores in channels of {size} rows; they are square"
    return None


def _all_lists(items: list[Any]) -> bool:
    return set(map(type, items)) <= {list}


_Places = Callable[[Any, str], Iterator[tuple[Path, Any]]]


def _uneven_attribution(places: _Places) -> Record:
    def find(value: Any) -> Iterator[Hit]:
        for path, attribution in places(value, "attributions"):
            if uneven := _uneven(attribution):
                below, message = uneven
                yield Hit((*path, *below), message)

    return Record(find)


def _undecodable_visualization(places: _Places) -> Record:
    def find(value: Any) -> Iterator[Hit]:
        for path, text in places(value, "visualizations"):
            if isinstance(text, str) and (why := _undecodable(text)):
                yield Hit(path, f"{show(text)} is no image in base64: {why}")

    return Record(find)


def _undecodable(text: str) -> str:
    try:
        data = base64.b64decode(text.replace("\n", ""), validate=True)
    except ValueError as error:
        return str(error)
    facts = facts_of_first(data)
    return facts.message if isinstance(facts, ImageProblem) else ""


NO_XAI_RULES = (
    Rule(
        "VF437", "explanation-in-scores", "A response of scores alone has explanations.",
        f"{PAGE_OUTPUT}, Image classification; Output format (XAI), Object detection", NOT_SEEN,
        Record(_explanation_in_scores), frozenset({"VF612"}),
    ),
)  # fmt: skip


def _shared(places: _Places) -> tuple[Rule, ...]:
    return (
        Rule(
            "VF440", "uneven-attribution", "The channels of an attribution are not square, all of one size.",
            PAGE_XAI_OUTPUT, NOT_SEEN, _uneven_attribution(places),
        ),
        Rule(
            "VF441", "undecodable-visualization", "A visualization is no image in base64.", PAGE_XAI_OUTPUT, NOT_SEEN,
            _undecodable_visualization(places),
        ),
        Rule(
            "VF442", "explained-in-part", "Some items of one response lack a key of explanations that others have.",
            WRAPPER, NOT_SEEN, Record(_explained_in_part),
        ),
    )  # fmt: skip


MULTICLASS_XAI_RULES = _shared(_of_the_image)
MULTILABEL_XAI_RULES = (
    *_shared(_of_each_class),
    Rule(
        "VF438", "unequal-explanations", "An item has another number of attributions than of visualizations.", WRAPPER,
        NOT_SEEN, Record(_unequal_explanations),
    ),
    Rule(
        "VF439", "too-many-explanations", "More classes are explained than there are.", PAGE_XAI_OUTPUT, NOT_SEEN,
        Record(_too_many_explanations),
    ),
)  # fmt: skip
