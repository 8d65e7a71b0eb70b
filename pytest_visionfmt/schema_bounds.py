"""Values of the right types that break a bound: found without asking a validator about all the others.

Relaxed, a schema keeps its types and keys and gives up its bounds. What it then takes can only be
refused for a bound, and most values of a record are seen to be within theirs by one comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import jsonschema_rs
import msgspec

from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_decoders import type_of
from pytest_visionfmt.schema_nodes import Node

__all__ = ["Bounds", "Broken", "bounds_of", "relaxed"]

Broken: TypeAlias = list[tuple[str, Path]]
"""The keyword and the path of every bound that is broken."""

_KEYWORDS = {
    "enum": "enum",
    "minimum": "minimum",
    "maximum": "maximum",
    "pattern": "pattern",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique_items": "uniqueItems",
}
_NO_BOUNDS = Node()
_NUMBERS = frozenset({int, float})
_HASHED = frozenset({int, str})


def relaxed(node: Node) -> Node:
    """Return a schema without its bounds. An enumeration that gives no type stays."""
    bounds = {field: getattr(_NO_BOUNDS, field) for field in _KEYWORDS if field != "enum" or node.types}
    return replace(
        node,
        **bounds,
        items=relaxed(node.items) if node.items else None,
        properties={key: relaxed(child) for key, child in node.properties.items()},
    )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a schema, for values of its types.

    ``is_within(value)`` is sure that they hold, or not sure. ``find(value, path, broken)`` is exact: it takes
    a value that stands at ``path``, and adds what is broken.
    """

    is_within: Callable[[Any], bool]
    find: Callable[[Any, Path, Broken], None]


def bounds_of(node: Node) -> Bounds | None:
    """Return the bounds of a schema and of what is below, None where it has none."""
    own = _own_bounds(node)
    keys = [(key, bounds) for key, child in node.properties.items() if (bounds := bounds_of(child))]
    items = bounds_of(node.items) if node.items else None
    if not (keys or items):
        return own

    def find(value: Any, path: Path, broken: Broken) -> None:
        if own:
            own.find(value, path, broken)
        if keys and isinstance(value, dict):
            for key, bounds in keys:
                if key in value:
                    bounds.find(value[key], (*path, key), broken)
        elif items and isinstance(value, list):
            for i, item in enumerate(value):
                if not items.is_within(item):
                    items.find(item, (*path, i), broken)

    return Bounds(_fits(node), find)


def _fits(node: Node) -> Callable[[Any], bool]:
    """Return what is sure of most values of a node that they are within its bounds, those below included."""
    type_ = type_of(node)
    if type_ is None:
        return lambda value: False

    def fits(value: Any) -> bool:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError:
            return False
        return True

    return fits


def _own_bounds(node: Node) -> Bounds | None:
    given = {
        keyword: list(bound) if isinstance(bound := getattr(node, field), tuple) else bound
        for field, keyword in _KEYWORDS.items()
        if getattr(node, field) != getattr(_NO_BOUNDS, field)
    }
    if not given:
        return None
    validator = jsonschema_rs.Draft202012Validator(given)

    if given.keys() <= {"minimum", "maximum"}:
        return _range(node, validator)

    def find(value: Any, path: Path, broken: Broken) -> None:
        if not is_within(value):
            broken.extend((str(error.schema_path[-1]), path) for error in validator.iter_errors(value))

    is_within = _choice(node) if given.keys() == {"enum"} else validator.is_valid
    return Bounds(is_within, find)


def _range(node: Node, validator: jsonschema_rs.Draft202012Validator) -> Bounds:
    """Return the bounds of numbers: to compare costs a tenth of asking a validator."""
    low = node.minimum if node.minimum is not None else float("-inf")
    high = node.maximum if node.maximum is not None else float("inf")

    def find(value: Any, path: Path, broken: Broken) -> None:
        if type(value) in _NUMBERS:
            if value < low:
                broken.append(("minimum", path))
            if value > high:
                broken.append(("maximum", path))
        else:
            broken.extend((str(error.schema_path[-1]), path) for error in validator.iter_errors(value))

    return Bounds(lambda value: type(value) in _NUMBERS and low <= value <= high, find)


def _choice(node: Node) -> Callable[[Any], bool]:
    allowed = {(type(value), value) for value in node.enum or () if type(value) in _HASHED}
    return lambda value: type(value) in _HASHED and (type(value), value) in allowed
