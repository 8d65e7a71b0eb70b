"""The breach of every rule of Azure training records: what their schemas cannot say about breaking them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from pytest_visionfmt.breaches import Breach, Breaches, Consequence, FileBreach
from pytest_visionfmt.draws.azure_geometry_breaches import (
    box,
    box_breaches,
    corner_out_of_order,
    odd_segment,
    outline,
    outline_breaches,
    stated,
)
from pytest_visionfmt.draws.line_files import as_lines
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_training_rules import (
    ALL_BACKGROUND,
    BACKGROUND,
    DISPLACES_BACKGROUND,
    REPEATED_LABEL,
)
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_breaches import put
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refusals
from pytest_visionfmt.values import fresh, show

__all__ = ["training_breaches"]

# Rules that each format makes with arguments of its own are known here by their codes.
_MIXED_LABELS, _FLOAT_LABEL, _DUPLICATE_IMAGE, _MIXED_CLASSES = "VF102", "VF110", "VF301", "VF302"

_LABEL = ("label",)
_ITEM = ("label", 0)
_ITEM_CLASS = ("label", 0, "label")


def training_breaches(format_: Format, profile: Profile) -> Breaches:
    """Return what is broken in an Azure training format beyond its schema."""
    return _FAMILY[format_.id](nodes_of(format_, profile))


# Classes.


def _multiclass(root: Node) -> Breaches:
    return Breaches(
        record=(_float_class(root, _LABEL),),
        file=(_DUPLICATES, _number_among_strings(root, {"label": 1}, _LABEL)),
        also=partial(_float, places=lambda place: place == _LABEL),
        tidy=_name_images,
    )


def _multilabel(root: Node) -> Breaches:
    return Breaches(
        record=(*_added_classes(root.at(_LABEL) or Node()), _float_class(root, _ITEM)),
        file=(_DUPLICATES, _number_among_strings(root, {"label": [1]}, _ITEM)),
        also=partial(_float, places=lambda place: place[:1] == _LABEL and len(place) == 2),
        alone=lambda breach: breach.place == _ITEM and isinstance(breach.puts, int),
        tidy=partial(_tidy, ["a"]),
    )


def _float_class(root: Node, place: Path) -> Breach:
    """A class that JSON Schema takes for an integer."""
    consequences = stated(root.at(place) or Node(), _FLOAT_LABEL)
    return put(place, "1.0, a float without a fraction", 1.0, consequences(1.0))


def _float(value: Any, place: Path, *, places: Callable[[Path], bool]) -> Iterable[Consequence]:
    """Yield a class that is a float since it was broken."""
    if places(place) and isinstance(value_at(value, place), float):
        yield Consequence(_FLOAT_LABEL, place)


def _added_classes(labels: Node) -> Iterator[Breach]:
    def added(label: Callable[[Any], Any], classes: list[Any]) -> list[Any]:
        classes = classes or ["a"]
        return [*classes, label(classes[0])]

    for change, label, rule in (
        ("a class of another type added", lambda first: 1 if isinstance(first, str) else "a", _MIXED_LABELS),
        ("its first class twice", lambda first: first, REPEATED_LABEL.code),
    ):
        yield Breach(_LABEL, change, partial(added, label), partial(_at_last, labels, rule, ()), holds="array")


def _at_last(node: Node, rule: str, below: Path, items: list[Any]) -> list[Consequence]:
    """Return a rule at the last item, or below it, and what a node says of the list."""
    return stated(node, rule, path=(len(items) - 1, *below))(items)


# Objects.


def _detection(root: Node) -> Breaches:
    item = root.at(_ITEM) or Node()
    return _of_objects(root, box(item), box_breaches(item), corner_out_of_order)


def _segmentation(root: Node) -> Breaches:
    item = root.at(_ITEM) or Node()
    return _of_objects(root, outline(item), outline_breaches(item), odd_segment)


def _of_objects(
    root: Node,
    example: dict[str, Any],
    geometry: Iterable[Breach],
    also: Callable[[Any, Path], Iterable[Consequence]],
) -> Breaches:
    """Return the breaches of a format of objects, ``example`` being one of them."""

    def also_float(value: Any, place: Path) -> Iterator[Consequence]:
        yield from also(value, place)
        yield from _float(value, place, places=lambda place: place[:1] == _LABEL and place[2:] == _LABEL)

    mixed = _number_among_strings(root, {"label": [{**example, "label": 1}]}, _ITEM_CLASS)
    return Breaches(
        record=(*_displacing(), *_added_objects(root, example), _float_class(root, _ITEM_CLASS), *geometry),
        file=(_DUPLICATES, mixed, _ALL_BACKGROUND),
        also=also_float,
        alone=lambda breach: breach.place == _ITEM_CLASS and isinstance(breach.puts, int),
        tidy=partial(_tidy, [example]),
    )


def _displacing() -> Iterator[Breach]:
    for name in (BACKGROUND, "", " a", "#x", "+1", "-"):
        why = "the background class itself" if name == BACKGROUND else "which sorts before the background class"
        yield put(_ITEM_CLASS, f"{show(name)}, {why}", name, [Consequence(DISPLACES_BACKGROUND.code)])


def _added_objects(root: Node, example: dict[str, Any]) -> Iterator[Breach]:
    def added(label: Any, objects: list[Any]) -> list[Any]:
        objects = objects or [fresh(example)]
        return [*objects, {**fresh(objects[0]), "label": label}]

    for label in (1, True):
        consequences = partial(_at_last, root.at(_LABEL) or Node(), _MIXED_LABELS, _LABEL)
        change = f"an object of class {show(label)} added"
        yield Breach(_LABEL, change, partial(added, label), consequences, holds="array")


# Files.


def _name_images(values: list[Any]) -> None:
    """Give every record an image of its own."""
    for n, value in enumerate(values):
        folder, slash, name = value["image_url"].rpartition("/")
        value["image_url"] = f"{folder}{slash}{n}-{name}"


def _tidy(labels: list[Any], values: list[Any]) -> None:
    """Give every record an image of its own, and the first one a class."""
    _name_images(values)
    values[0]["label"] = values[0]["label"] or fresh(labels)


def _with_first_image_again(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
    again = [*values, {**values[-1], "image_url": values[0]["image_url"]}]
    return as_lines(again), [Consequence(_DUPLICATE_IMAGE, ("image_url",), len(again))]


def _number_among_strings(root: Node, members: dict[str, Any], path: Path) -> FileBreach:
    def make(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
        line = len(values)
        values[-1].update(fresh(members))
        by_schema = (found._replace(line=line) for found in refusals(root, values[-1]))
        return as_lines(values), [Consequence(_MIXED_CLASSES, path, line), *by_schema]

    return FileBreach("a class that is a number among classes that are strings", make, least=2)


def _without_objects(values: list[Any], at: int) -> tuple[bytes, list[Consequence]]:
    for value in values:
        value["label"] = []
    return as_lines(values), [Consequence(ALL_BACKGROUND.code, _LABEL, 1)]


_DUPLICATES = FileBreach("the first image again", _with_first_image_again)
_ALL_BACKGROUND = FileBreach("no object in any record", _without_objects)

_FAMILY: dict[str, Callable[[Node], Breaches]] = {
    "azure-multiclass-record": _multiclass,
    "azure-multilabel-record": _multilabel,
    "azure-od-record": _detection,
    "azure-is-record": _segmentation,
}
