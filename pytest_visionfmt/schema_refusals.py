"""What our JSON Schema subset says of a value, said a second time.

The breaches state what a change leads to by this, not by asking the checker: it is small, knows only
our own keywords, and is held against the reference implementation in the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pytest_visionfmt.breaches import Consequence
from pytest_visionfmt.json_paths import INSIDE, Path
from pytest_visionfmt.schema_nodes import Node, compile_pattern

__all__ = ["accepts", "is_of_type", "refusals", "refused_keywords", "same"]


def is_of_type(value: Any, type_: str) -> bool:
    """Whether JSON Schema calls a value of a type; 1.0 is an integer, True is not."""
    match type_:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return not isinstance(value, bool) and (
                isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return False


def same(a: Any, b: Any) -> bool:
    """Whether JSON calls two values equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def refused_keywords(node: Node, value: Any) -> Iterator[str]:
    """Yield the keywords of a node itself that a value breaks, not those of nodes below."""
    if node.types and not any(is_of_type(value, type_) for type_ in node.types):
        yield "type"
    if node.enum is not None and not any(same(value, allowed) for allowed in node.enum):
        yield "enum"
    if is_of_type(value, "number"):
        if node.minimum is not None and value < node.minimum:
            yield "minimum"
        if node.maximum is not None and value > node.maximum:
            yield "maximum"
    if isinstance(value, str):
        if node.pattern is not None and not compile_pattern(node.pattern).search(value):
            yield "pattern"
        if node.max_length is not None and len(value) > node.max_length:
            yield "maxLength"
    if isinstance(value, list):
        if len(value) < node.min_items:
            yield "minItems"
        if node.max_items is not None and len(value) > node.max_items:
            yield "maxItems"
        if node.unique_items and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
            yield "uniqueItems"


def refusals(node: Node, value: Any, path: Path = ()) -> Iterator[Consequence]:
    """Yield everything that a node and those below it say against a value, unknown keys included.

    Every unknown key is taken for one that is no near miss of a known one.
    """
    for keyword in refused_keywords(node, value):
        yield Consequence(keyword, path)
    if isinstance(value, dict):
        for key in node.required:
            if key not in value:
                yield Consequence("required", (*path, key))
        for key, item in value.items():
            if child := node.properties.get(key):
                yield from refusals(child, item, (*path, key))
            elif node.properties:
                yield Consequence("properties", (*path, key))
    elif isinstance(value, list) and node.items:
        for i, item in enumerate(value):
            yield from refusals(node.items, item, (*path, i))
    elif isinstance(value, str) and node.content:
        try:
            inner = json.loads(value)
        except ValueError:
            yield Consequence("invalid-json", (*path, INSIDE))
        else:
            yield from refusals(node.content, inner, (*path, INSIDE))


def accepts(node: Node, value: Any) -> bool:
    """Whether a node and those below it say nothing against a value."""
    return next(refusals(node, value), None) is None
