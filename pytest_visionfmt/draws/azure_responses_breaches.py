"""The breach of every rule of Azure responses: what their schemas cannot say about breaking them.

What a change leads to is a matter of the whole response: a class more in one item is one that all others
lack. So the rules on scores, classes and explanations are said a second time here, in ``_also``.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence
from pytest_visionfmt.draws.azure_explanations import visualizations
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_responses_xai_rules import EXPLANATIONS
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import fresh

__all__ = ["response_breaches"]

_LENGTHS, _CLASSES, _SORTED, _SUM = "VF430", "VF431", "VF432", "VF433"
_POLYGON, _ORDER, _ODD = "VF434", "VF435", "VF436"
_UNASKED, _UNEQUAL, _TOO_MANY, _UNEVEN, _UNDECODABLE, _IN_PART = "VF437", "VF438", "VF439", "VF440", "VF441", "VF442"
_ITEM: Path = (0,)
_LARGEST = 2**63 - 1
_OBJECT: Path = (0, "boxes", 0)
_AXES = (("topX", "bottomX"), ("topY", "bottomY"))
_TRIANGLE = [[0.25, 0.25, 0.75, 0.25, 0.75, 0.75]]
_PIXELS = {"topX": 160, "topY": 160, "bottomX": 320, "bottomY": 320}
_TEXT = base64.b64encode(b"no image, but a text").decode()


def response_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in a format of Azure responses beyond its schema."""
    root = nodes_of(format_, profile)
    item = root.items or Node()
    codes = {rule.code for rule in format_.rules}
    record = [breach for rule, make in _BREACHES if rule in codes for breach in make(root, item)]
    known, several = _images_known(item), _several(item)
    return Breaches(record=tuple(record), also=lambda value, place: _also(value, codes, known, several))


Make = Callable[[Node, Node], Iterator[Breach]]


def _of_item(
    change: str, make: Callable[[dict[str, Any]], dict[str, Any]], item: Node, rule: str, path: Path
) -> Breach:
    """Return the breach of a rule by a change to one item."""
    return Breach(_ITEM, change, make, lambda made: [Consequence(rule, path), *refusals(item, made)], holds="object")


def _of_added(change: str, make: Callable[[list[Any]], list[Any]], root: Node, rule: str, key: str) -> Breach:
    """Return the breach of a rule by an item more, at whose key it is found."""

    def consequences(made: list[Any]) -> list[Consequence]:
        return [Consequence(rule, (len(made) - 1, key)), *refusals(root, made)]

    return Breach((), change, make, consequences, holds="array")


# Scores and classes.


def _with_more(labels: list[Any]) -> list[Any]:
    """Return classes, sorted, with one more of the same type."""
    last = labels[-1]
    if isinstance(last, str):
        return [*labels, f"{last}a"]
    more = last + 1 if last < _LARGEST else next(n for n in range(_LARGEST, 0, -1) if n not in labels)
    return sorted([*labels, more])


def _lengths(root: Node, item: Node) -> Iterator[Breach]:
    def score_more(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": [*value["probs"], 0.0]}

    def label_more(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "labels": _with_more(value["labels"])}

    def score_less(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": value["probs"][:-1]}

    yield _of_item("a score more than there are labels", score_more, item, _LENGTHS, ("probs",))
    yield _of_item("a label more than there are scores", label_more, item, _LENGTHS, ("probs",))
    yield _of_item("a score less than there are labels", score_less, item, _LENGTHS, ("probs",))


def _none_and_twice(root: Node, item: Node) -> Iterator[Breach]:
    """Yield what the schema says, broken in scores and labels alike: so it is the only reason."""

    def none(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": [], "labels": []}

    def twice(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": [*value["probs"], 0.0], "labels": [*value["labels"], value["labels"][-1]]}

    yield _of_item("no class, and no score", none, item, "minItems", ("probs",))
    yield _of_item("a class twice, with a score each", twice, item, "uniqueItems", ("labels",))


def _other_classes(root: Node, item: Node) -> Iterator[Breach]:
    def another(items: list[Any]) -> list[Any]:
        added = fresh(items[0])
        last = added["labels"][-1]
        added["labels"] = [label for label in _with_more(added["labels"]) if label != last]
        return [*items, added]

    def one_more(items: list[Any]) -> list[Any]:
        added = fresh(items[0])
        added["labels"] = _with_more(added["labels"])
        added["probs"].append(0.0)
        return [*items, added]

    yield _of_added("an item added with another class", another, root, _CLASSES, "labels")
    yield _of_added("an item added with a class more", one_more, root, _CLASSES, "labels")


def _with_two(value: dict[str, Any]) -> dict[str, Any]:
    """Return an item of two classes at least."""
    labels, probs = list(value["labels"]), list(value["probs"])
    if len(labels) < 2:
        labels, probs = _with_more(labels), [*probs, 0.0]
    return {**value, "labels": labels, "probs": probs}


def _out_of_order(root: Node, item: Node) -> Iterator[Breach]:
    def backwards(value: dict[str, Any]) -> dict[str, Any]:
        two = _with_two(value)
        return {**two, "labels": two["labels"][::-1]}

    def of_two_types(value: dict[str, Any]) -> dict[str, Any]:
        two = _with_two(value)
        first = two["labels"][0]
        return {**two, "labels": [first, 1 if isinstance(first, str) else "a", *two["labels"][2:]]}

    yield _of_item("labels backwards", backwards, item, _SORTED, ("labels", 1))
    yield _of_item("labels of two types", of_two_types, item, _SORTED, ("labels", 1))


def _not_of_one(root: Node, item: Node) -> Iterator[Breach]:
    def twice(value: dict[str, Any]) -> dict[str, Any]:
        two = _with_two(value)
        return {**two, "probs": [1.0, 1.0, *[0.0] * (len(two["probs"]) - 2)]}

    def nothing(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": [0.0] * len(value["probs"])}

    def half(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "probs": [prob / 2 for prob in value["probs"]]}

    yield _of_item("scores that sum to 2", twice, item, _SUM, ("probs",))
    yield _of_item("scores that are all 0", nothing, item, _SUM, ("probs",))
    yield _of_item("scores that sum to a half", half, item, _SUM, ("probs",))


# Objects.


def _polygon_beside_box(root: Node, item: Node) -> Iterator[Breach]:
    found = item.at(("boxes", 0)) or Node()
    for change, polygon in (("a polygon", _TRIANGLE), ("an empty polygon", []), ("null for a polygon", None)):
        yield Breach(
            _OBJECT, f"{change} in detection", partial(_setting, {"polygon": polygon}),
            lambda made: [Consequence(_POLYGON, ("polygon",)), *refusals(found, made)], holds="object",
        )  # fmt: skip


def _setting(members: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return {**value, **fresh(members)}


def _corners(root: Node, item: Node) -> Iterator[Breach]:
    place: Path = (*_OBJECT, "box")
    box = item.at(("boxes", 0, "box")) or Node()
    for low, high in _AXES:
        changes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            f"{low} and {high} the wrong way round": partial(_swapped, low, high),
            f"{low} and {high} equal": partial(_equal, low, high),
            f"{low} one ulp above {high}": partial(_setting, {low: math.nextafter(0.5, 1), high: 0.5}),
        }
        for change, make in changes.items():
            yield Breach(place, change, make, _found(box, Consequence(_ORDER, (high,))), holds="object")
    # The first consequence is that of the schema: pixels are in order.
    yield Breach(place, "in pixels", partial(_setting, _PIXELS), lambda made: refusals(box, made), holds="object")


def _found(node: Node, first: Consequence) -> Callable[[Any], list[Consequence]]:
    return lambda made: [first, *refusals(node, made)]


def _swapped(low: str, high: str, value: dict[str, Any]) -> dict[str, Any]:
    return {**value, low: value[high], high: value[low]}


def _equal(low: str, high: str, value: dict[str, Any]) -> dict[str, Any]:
    return {**value, high: value[low]}


def _odd_contour(root: Node, item: Node) -> Iterator[Breach]:
    contour = item.at(("boxes", 0, "polygon", 0)) or Node()
    for change, make in (
        ("one coordinate too many", lambda points: [*points, points[0]]),
        ("seven coordinates", lambda points: (points * 4)[:7]),
    ):
        yield Breach((*_OBJECT, "polygon", 0), change, make, _found(contour, Consequence(_ODD)), holds="array")


# Explanations.


def _explanation_in_scores(root: Node, item: Node) -> Iterator[Breach]:
    for key, explanation in (("visualizations", visualizations()[0]), ("attributions", [[[0.0]]] * 3)):
        for change, found in ((key, explanation), (f"a list of {key}", [explanation])):
            make = partial(_setting, {key: found})
            yield _of_item(f"{change} in a response of scores alone", make, item, _UNASKED, (key,))


def _several(item: Node) -> bool:
    """Whether an item explains several classes."""
    return "array" in item.properties.get("visualizations", Node()).types


def _unequal(root: Node, item: Node) -> Iterator[Breach]:
    image, pixels = visualizations()[0], [[[0.0]]] * 3
    for change, images, scores in (
        ("an attribution, no visualization", [], [pixels]),
        ("a visualization, null for attributions", [image], None),
        ("null for visualizations, an attribution", None, [pixels]),
    ):
        make = partial(_setting, {"visualizations": images, "attributions": scores})
        yield _of_item(change, make, item, _UNEQUAL, ("attributions",))


def _too_many(root: Node, item: Node) -> Iterator[Breach]:
    def more(key: str, explanation: Any, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, key: [fresh(explanation) for _ in range(len(value["labels"]) + 1)]}

    for key, explanation in (("visualizations", visualizations()[0]), ("attributions", [[[0.0]]] * 3)):
        make = partial(more, key, explanation)
        yield _of_item(f"{key} of a class more than there are", make, item, _TOO_MANY, (key,))

    def both(value: dict[str, Any]) -> dict[str, Any]:
        return more("attributions", [[[0.0]]] * 3, more("visualizations", visualizations()[0], value))

    yield _of_item("explanations of a class more than there are", both, item, _TOO_MANY, ("visualizations",))


def _uneven(root: Node, item: Node) -> Iterator[Breach]:
    place: Path = (0, "attributions", *[0] * _several(item))
    node = root.at(place) or Node()

    def row_more(channels: list[Any]) -> list[Any]:
        return [*channels[:-1], [*channels[-1], list(channels[-1][0])]]

    def longer_row(channels: list[Any]) -> list[Any]:
        *rows, last = channels[-1]
        return [*channels[:-1], [*rows, [*last, 0.0]]]

    def at_channel(made: list[Any]) -> list[Consequence]:
        return [Consequence(_UNEVEN, (len(made) - 1,)), *refusals(node, made)]

    def at_row(made: list[Any]) -> list[Consequence]:
        return [Consequence(_UNEVEN, (len(made) - 1, len(made[-1]) - 1)), *refusals(node, made)]

    yield Breach(place, "a row too many in one channel", row_more, at_channel, holds="array")
    yield Breach(place, "a row longer than the others", longer_row, at_row, holds="array")


def _undecodable(root: Node, item: Node) -> Iterator[Breach]:
    place: Path = (0, "visualizations", *[0] * _several(item))
    image = visualizations()[0]
    for change, text in (
        ("an empty string", ""),
        ("no base64", "!!!!"),
        ("base64 of a text", _TEXT),
        ("base64 cut short in a group", image[:-1]),
        ("base64 of half an image", image[: len(image) // 8 * 4]),
        ("a data URL", f"data:image/png;base64,{image}"),
        ("an address", "https://example.org/a.png"),
    ):
        yield put(place, change, text, [Consequence(_UNDECODABLE)])


def _in_part(root: Node, item: Node) -> Iterator[Breach]:
    explanations: dict[str, Any] = {"visualizations": visualizations()[0], "attributions": [[[0.0]]] * 3}

    def without(key: str, items: list[Any]) -> list[Any]:
        one = explanations[key]
        first = {**items[0]}
        first.setdefault(key, [fresh(one)] if _several(item) else fresh(one))
        added = {name: fresh(found) for name, found in items[0].items() if name != key}
        return [first, *items[1:], added]

    for key in EXPLANATIONS:
        yield _of_added(f"an item added without {key}", partial(without, key), root, _IN_PART, key)


_BREACHES: tuple[tuple[str, Make], ...] = (
    (_LENGTHS, _lengths),
    (_LENGTHS, _none_and_twice),
    (_CLASSES, _other_classes),
    (_SORTED, _out_of_order),
    (_SUM, _not_of_one),
    (_POLYGON, _polygon_beside_box),
    (_ORDER, _corners),
    (_ODD, _odd_contour),
    (_UNASKED, _explanation_in_scores),
    (_UNEQUAL, _unequal),
    (_TOO_MANY, _too_many),
    (_UNEVEN, _uneven),
    (_UNDECODABLE, _undecodable),
    (_IN_PART, _in_part),
)


# The rules a second time: what is broken in a whole response.


def _images_known(item: Node) -> frozenset[str]:
    """Return the images that a valid response may hold here: those drawn, and those of the schema's examples."""
    node = item.properties.get("visualizations", Node())
    nodes = (node, node.items or Node())
    return frozenset((*visualizations(), *(text for n in nodes for text in n.examples if isinstance(text, str))))


def _also(value: Any, codes: set[str], known: frozenset[str], several: bool) -> Iterator[Consequence]:
    """Yield what is broken in a response, whichever change broke it, of the rules that its format has."""
    items = [(i, item) for i, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []
    found = [*_of_classes(items), *_of_explained(items, known, several)]
    for i, item in items:
        boxes = item.get("boxes")
        for j, one in enumerate(boxes if isinstance(boxes, list) else ()):
            if isinstance(one, dict):
                found += [hit._replace(path=(i, "boxes", j, *hit.path)) for hit in _of_object(one)]
    yield from (hit for hit in found if hit.rule in codes)


def _of_classes(items: list[tuple[int, dict[str, Any]]]) -> Iterator[Consequence]:
    all_classes: set[Any] | None = None
    for i, item in items:
        probs, labels = item.get("probs"), item.get("labels")
        if isinstance(probs, list) and isinstance(labels, list) and len(probs) != len(labels):
            yield Consequence(_LENGTHS, (i, "probs"))
        if isinstance(probs, list) and _is_off(probs):
            yield Consequence(_SUM, (i, "probs"))
        if not isinstance(labels, list) or {type(label) for label in labels} - {str, int}:
            continue
        if all_classes is None:
            all_classes = set(labels)
        elif all_classes != set(labels):
            yield Consequence(_CLASSES, (i, "labels"))
        for k, (a, b) in enumerate(pairwise(labels)):
            if type(a) is not type(b) or sorted((a, b)) != [a, b]:
                yield Consequence(_SORTED, (i, "labels", k + 1))
                break


def _is_off(probs: list[Any]) -> bool:
    """Whether scores, all of them such, do not sum to 1."""
    scores = [p for p in probs if type(p) in (int, float) and 0 <= p <= 1]
    return 0 < len(scores) == len(probs) and abs(sum(scores) - 1) > max(0.01, len(scores) / 2000) + 1e-9


def _of_explained(
    items: list[tuple[int, dict[str, Any]]], known: frozenset[str], several: bool
) -> Iterator[Consequence]:
    for i, item in items:
        images, scores = (_how_many(item, key) for key in EXPLANATIONS)
        if images != scores and None not in (images, scores):
            yield Consequence(_UNEQUAL, (i, "attributions"))
        for key, count in zip(EXPLANATIONS, (images, scores), strict=True):
            explanation, labels = item.get(key), item.get("labels")
            if any(key in other for _, other in items) and key not in item:
                yield Consequence(_IN_PART, (i, key))
            if explanation is not None and explanation != [None] * (count or 0):
                yield Consequence(_UNASKED, (i, key))
            if isinstance(labels, list) and (count or 0) > len(labels):
                yield Consequence(_TOO_MANY, (i, key))
            each: list[tuple[Path, Any]] = [((i, key), explanation)]
            if several:
                each = [
                    ((i, key, k), one) for k, one in enumerate(explanation if isinstance(explanation, list) else ())
                ]
            for path, one in each:
                if key == "visualizations" and isinstance(one, str) and one not in known:
                    yield Consequence(_UNDECODABLE, path)
                if key == "attributions" and (below := _first_uneven(one)) is not None:
                    yield Consequence(_UNEVEN, (*path, *below))


def _how_many(item: dict[str, Any], key: str) -> int | None:
    """Return how many explanations stand under a key, where null is none; None where no list does."""
    found = item.get(key, "")
    return 0 if found is None else len(found) if isinstance(found, list) else None


def _first_uneven(attribution: Any) -> Path | None:
    """Return the first channel, or row of one, that keeps an attribution from being square."""
    if not isinstance(attribution, list) or not all(isinstance(channel, list) for channel in attribution):
        return None
    for c, channel in enumerate(attribution):
        if len(channel) != len(attribution[0]):
            return (c,)
        if all(isinstance(row, list) for row in channel):
            for r, row in enumerate(channel):
                if len(row) != len(channel):
                    return c, r
    return None


def _of_object(found: dict[str, Any]) -> Iterator[Consequence]:
    corners: Any = found.get("box")
    polygon = found.get("polygon")
    if "polygon" in found:
        yield Consequence(_POLYGON, ("polygon",))
    for low, high in _AXES if isinstance(corners, dict) else ():
        with suppress(KeyError, TypeError, ValueError):
            if float(corners[low]) >= float(corners[high]):
                yield Consequence(_ORDER, ("box", high))
    for k, contour in enumerate(polygon if isinstance(polygon, list) else ()):
        if isinstance(contour, list) and len(contour) % 2 and all(type(n) in (int, float) for n in contour):
            yield Consequence(_ODD, ("polygon", k))
