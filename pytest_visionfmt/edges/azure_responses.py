"""Edge cases of Azure responses: scores, boxes as models give them, explanations of none, one and all classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import fsum
from typing import Any, TypeAlias

from pytest_visionfmt.draws.azure_explanations import visualizations
from pytest_visionfmt.edges import azure_objects
from pytest_visionfmt.edges.azure_training import CLASS_PAIRS, CLASSES
from pytest_visionfmt.edges.cases import EdgeCase, holds, values_at
from pytest_visionfmt.edges.families import Edges
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.formats.azure_responses_xai_rules import EXPLANATIONS
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node

__all__ = ["EDGES"]

Row: TypeAlias = tuple[str, str, list[float], Callable[[Any], bool] | None]
"""The name of a case, why, the scores of one image, and whether scores are the like of it."""

_BOXES: Path = (0, "boxes")
_OBJECT: Path = (*_BOXES, 0)
_POLYGON: Path = (*_OBJECT, "polygon")
_PROBS: Path = (0, "probs")
_LABELS: Path = (0, "labels")
_THRESHOLD = 0.5
_CROP = 224
_TOLERANCE = 0.005
_FOUR = ["can", "carton", "milk_bottle", "water_bottle"]


def _any_response(maker: Maker) -> Iterator[EdgeCase]:
    """Yield what any response may be; by default, a strategy draws none that is about no image."""
    yield from maker.case("no-image-decodes", "No image of the request could be decoded.", {(): []})
    if maker.profile == "reader":
        nulls = [key for key in EXPLANATIONS if key not in maker.node((0,)).properties]
        older: dict[Path, Any] = {(0, "filename"): "tmp0a1b2c3d", **{(0, key): None for key in nulls}}
        why = "The keys that the service wrote until June 2023 are there."
        yield from maker.case("older-keys", why, older, _has_keys("filename", *nulls))


def _has_keys(*keys: Any) -> Callable[[Any], bool]:
    return lambda response: any(all(key in item for key in keys) for item in response)


# Scores.


def _classes(maker: Maker) -> Iterator[EdgeCase]:
    first: Path = (*_LABELS, 0)
    for name, label, why, drawn in CLASSES:
        yield from maker.case(name, why, {first: label}, holds(first, label) if drawn else None)
    for name, labels, why in CLASS_PAIRS:
        yield from maker.case(name, why, {_LABELS: sorted(labels)})
    thousand = [f"class {number:03}" for number in range(1000)]
    yield from maker.case("very-many-classes", "The dataset has a thousand classes.", {_LABELS: thousand})


def _scores(maker: Maker, rows: tuple[Row, ...]) -> Iterator[EdgeCase]:
    yield from _any_response(maker)
    if maker.profile == "reader":
        yield from maker.case("integer-classes", "Classes are integers, sorted as numbers.", {_LABELS: [0, 1, 9, 10]})
        return
    yield from _classes(maker)
    for name, why, probs, like in rows:
        yield from maker.case(name, why, {_PROBS: probs, _LABELS: _FOUR[: len(probs)]}, like and _in_probs(like))
    two: dict[Path, Any] = {_PROBS: [0.0, 1.0], _LABELS: _FOUR[:2], (1, "probs"): [1.0, 0.0], (1, "labels"): _FOUR[:2]}
    yield from maker.case("several-images", "Two images have different scores.", two, _are_different)


def _in_probs(like: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda response: any(map(like, values_at(response, _PROBS)))


def _are_different(response: Any) -> bool:
    return any(item["probs"] != response[0]["probs"] for item in response[1:])


def _tie(probs: list[float]) -> bool:
    return len(probs) > 1 and probs.count(max(probs)) > 1


def _has_many_digits(probs: list[float]) -> bool:
    return any(len(repr(prob)) > 17 for prob in probs)


_TINY: Row = (
    "tiny-scores", "Scores are so small that most decimals lose them.", [2.098e-06, 4.783e-08, 0.9999892148, 8.637e-06],
    lambda probs: any(0 < prob < 1e-5 for prob in probs),
)  # fmt: skip
_OF_ONE: tuple[Row, ...] = (
    ("one-class", "The dataset has one class.", [1.0], lambda probs: probs == [1]),
    ("certain", "One class has it all.", [0.0, 1.0, 0.0, 0.0], lambda probs: len(probs) > 1 and 1 in probs),
    ("equal-scores", "No class is more likely than another.", [0.25] * 4, _tie),
    ("two-highest-scores", "Two classes have the same highest score.", [0.0, 0.5, 0.5], _tie),
    _TINY,
    ("rounded-down", "The scores are rounded, as on the page, and sum to less than 1.", [0.333] * 3, None),
    ("rounded-up", "The scores are rounded, and sum to more than 1.", [0.167, 0.167, 0.667], None),
    ("many-digits", "Scores have as many digits as a double has.", [1 / 3, 1 - 1 / 3], _has_many_digits),
)
_OF_SEVERAL: tuple[Row, ...] = (
    ("one-class", "The dataset has one class.", [1.0], lambda probs: len(probs) == 1),
    ("all-scores-0", "The image has no class.", [0.0] * 4, lambda probs: not any(probs)),
    ("all-scores-1", "The image has every class for certain.", [1.0] * 4, lambda probs: set(probs) == {1}),
    ("equal-scores", "Two classes have the same highest score.", [0.994, 0.994, 0.043], _tie),
    _TINY,
    ("many-digits", "Scores have as many digits as a double has.", [0.1 + 0.2, 0.17234468937875752], _has_many_digits),
)


def _multiclass(maker: Maker) -> Iterator[EdgeCase]:
    return _scores(maker, _OF_ONE)


def _multilabel(maker: Maker) -> Iterator[EdgeCase]:
    return _scores(maker, _OF_SEVERAL)


def _fit_scores(response: Any) -> None:
    """Have an item have as many scores as classes, and over the threshold as many as are explained."""
    for item in _scored(response):
        probs, labels = item["probs"], item["labels"]
        probs += [0.0] * (len(labels) - len(probs))
        while labels and len(labels) < len(probs):
            labels.append(f"{labels[-1]}a" if isinstance(labels[-1], str) else labels[-1] + 1)
        lists = [found for key in EXPLANATIONS if isinstance(found := item.get(key), list)]
        for i in range(min(max(map(len, lists), default=0), len(probs))):
            if sum(prob > _THRESHOLD for prob in probs) <= i:
                probs[i] = 1.0


def _fit_sum(response: Any) -> None:
    """Have an item have as many scores as classes, and a class more for what is missing from 1."""
    for item in _scored(response):
        missing = 1 - fsum(item["probs"])
        if missing > _TOLERANCE and len(item["probs"]) == 1:
            item["probs"].append(missing)
        elif missing > _TOLERANCE:
            item["probs"][-1] += missing
        labels = item["labels"]
        item["probs"] += [0.0] * (len(labels) - len(item["probs"]))
        while labels and len(labels) < len(item["probs"]):
            labels.append(f"{labels[-1]}a" if isinstance(labels[-1], str) else labels[-1] + 1)


def _scored(response: Any) -> Iterator[dict[str, Any]]:
    for item in response if isinstance(response, list) else ():
        probs, labels = (item.get(key) if isinstance(item, dict) else None for key in ("probs", "labels"))
        if isinstance(probs, list) and isinstance(labels, list):
            yield item


# Explanations.


def _attribution(size: int) -> list[list[list[float]]]:
    return [[[(-1) ** column * row / 1000 for column in range(size)] for row in range(size)] for _ in range(3)]


def _explained_multiclass(maker: Maker) -> Iterator[EdgeCase]:
    yield from _multiclass(maker)
    image: Path = (0, "visualizations")
    pixels: Path = (0, "attributions")
    if maker.profile == "reader":
        for key in EXPLANATIONS:
            why = f"Null under {key}, which were not asked for."
            yield from maker.case(f"{key}-not-asked-for", why, {(0, key): None}, holds((0, key), None))
        return
    for text in visualizations()[:4]:
        yield from maker.case("visualization", "The explanation is an image.", {image: text}, holds(image, text))
    two: dict[Path, Any] = {pixels: _attribution(2)}
    yield from maker.case("attribution", "The explanation is scores of pixels.", two, _has_keys("attributions"))
    large: dict[Path, Any] = {pixels: _attribution(_CROP)}
    yield from maker.case("attribution-of-224", "Attributions are as large as the service's own.", large)


def _explained_multilabel(maker: Maker) -> Iterator[EdgeCase]:
    yield from _multilabel(maker)
    if maker.profile == "reader":
        for key in EXPLANATIONS:
            changes: dict[Path, Any] = {(0, key): [None, None], _PROBS: [1.0, 1.0], _LABELS: _FOUR[:2]}
            why = f"A list of null under {key}, which were not asked for."
            yield from maker.case(f"{key}-not-asked-for", why, changes, _has_null(key))
        return
    for count, name in ((1, "one-class-explained"), (2, "two-classes-explained"), (4, "all-classes-explained")):
        changes = {
            (0, "visualizations"): [visualizations()[0]] * count,
            (0, "attributions"): [_attribution(2)] * count,
            _PROBS: [1.0] * count + [0.0] * (4 - count),
            _LABELS: _FOUR,
        }
        yield from maker.case(name, f"Of four classes, {count} of them explained.", changes, _explains(count))
    for name, nothing in (
        ("no-class-explained", None),
        ("no-class-explained-empty", []),
    ):
        why = "No class scores above the threshold, so that none is explained."
        both: dict[Path, Any] = {(0, key): nothing for key in EXPLANATIONS}
        yield from maker.case(name, why, both, holds((0, "visualizations"), nothing))
    large = {(0, "attributions"): [_attribution(_CROP)], _PROBS: [1.0]}
    yield from maker.case("attribution-of-224", "Attributions are as large as the service's own.", large)


def _has_null(key: str) -> Callable[[Any], bool]:
    return lambda response: any(None in (item.get(key) or ()) for item in response)


def _explains(count: int) -> Callable[[Any], bool]:
    return lambda response: any(len(item.get("visualizations") or ()) == count for item in response)


def _image(node: Node) -> str:
    return visualizations()[0]


# Objects.


def _objects(maker: Maker) -> Iterator[EdgeCase]:
    yield from _any_response(maker)
    label: Path = (*_OBJECT, "label")
    if maker.profile == "reader":
        yield from maker.case("integer-class", "The class is an integer.", {label: 3}, _has_integer_class)
        box: Path = (*_OBJECT, "box")
        outside = {(*box, "topX"): -0.002, (*box, "bottomY"): 1.002}
        yield from maker.case("box-just-outside", "The box leaves the image, as the model gave it.", outside)
        return
    yield from maker.case("no-box", "The image has no object.", {_BOXES: []}, holds(_BOXES, []))
    some: dict[Path, Any] = {_BOXES: [], (1, "boxes", 0, "label"): "a"}
    yield from maker.case("image-without-a-box", "Of two images, one has an object.", some, _has_both)
    for name, text, why, drawn in CLASSES:
        yield from maker.case(name, why, {label: text}, holds(label, text) if drawn else None)
    for name, labels, why in CLASS_PAIRS:
        pair: dict[Path, Any] = {(*_BOXES, i, "label"): text for i, text in enumerate(labels)}
        yield from maker.case(name, why, pair)
    for score in (0, 1):
        place: Path = (*_OBJECT, "score")
        why = f"The score is the integer {score}."
        yield from maker.case(f"score-{score}", why, {place: score}, holds(place, score))
    hundred = {_BOXES: [maker.simplest(_OBJECT) for _ in range(100)]}
    yield from maker.case("a-hundred-boxes", "The image has as many objects as a model predicts at most.", hundred)
    yield from azure_objects.boxes(maker, lambda i: (*_BOXES, i, "box"))


def _has_integer_class(response: Any) -> bool:
    return any(type(found) is int for found in values_at(response, (*_OBJECT, "label")))


def _has_both(response: Any) -> bool:
    return len({bool(item["boxes"]) for item in response}) == 2


def _outlined(maker: Maker) -> Iterator[EdgeCase]:
    yield from _objects(maker)
    if maker.profile == "reader":
        yield from maker.case("empty-outline", "The mask is empty.", {_POLYGON: []}, holds(_POLYGON, []))
        for name, contour in (("one-point", [0.25, 0.75]), ("two-points", [0.25, 0.75, 0.75, 0.25])):
            why = f"A contour has {name.replace('-', ' ')}, as older models keep it."
            yield from maker.case(f"contour-of-{name}", why, {_POLYGON: [contour]}, _has_contour(len(contour)))
        return
    small: dict[Path, Any] = {(*_OBJECT, "box", key): value for key, value in (("bottomX", 0.397), ("bottomY", 0.5))}
    yield from maker.case("outline-leaves-its-box", "The outline leaves its box, as on the page.", small)
    yield from azure_objects.outlines(maker, _POLYGON)


def _has_contour(length: int) -> Callable[[Any], bool]:
    return lambda response: any(len(found) == length for found in values_at(response, (*_POLYGON, 0)))


def _smallest(node: Node) -> float:
    return float(node.minimum if node.minimum is not None else 0)


_BOX: dict[str, Simplest] = {
    **{f"$[*].boxes[*].box.{corner}": _smallest for corner in ("topX", "topY")},
    **{f"$[*].boxes[*].box.{corner}": azure_objects.largest for corner in ("bottomX", "bottomY")},
}
_OUTLINE: dict[str, Simplest] = {**_BOX, "$[*].boxes[*].polygon[*]": azure_objects.triangle}
_SURE: dict[str, Simplest] = {"$[*].probs": lambda node: [1.0]}

EDGES: dict[str, Edges] = {
    "azure-multiclass-response": Edges(_SURE, _fit_sum, _multiclass),
    "azure-multilabel-response": Edges({}, _fit_scores, _multilabel),
    "azure-od-response": Edges(_BOX, None, _objects),
    "azure-is-response": Edges(_OUTLINE, None, _outlined),
    "azure-multiclass-xai-response": Edges({**_SURE, "$[*].visualizations": _image}, _fit_sum, _explained_multiclass),
    "azure-multilabel-xai-response": Edges({"$[*].visualizations[*]": _image}, _fit_scores, _explained_multilabel),
}
