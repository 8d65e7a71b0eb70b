"""Our subset of JSON Schema as values: the one place that reads the keywords.

Checker, strategies and whatever else follows a schema walk these nodes, so that a keyword
means the same to all of them and one that none of them knows is an error, not a silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from keyword import iskeyword
from typing import Any

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, Step, site_of

__all__ = [
    "ANNOTATIONS",
    "KEYWORDS",
    "Node",
    "UnsupportedKeyword",
    "attribute",
    "compile_pattern",
    "nodes_of",
    "read_schema",
]

ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples"})
KEYWORDS = frozenset(
    {
        "$ref",
        "type",
        "enum",
        "minimum",
        "maximum",
        "pattern",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "items",
        "properties",
        "required",
        "contentMediaType",
        "contentSchema",
    }
)
_JSON = "application/json"


class UnsupportedKeyword(ValueError):
    """A schema uses a keyword outside the subset; the message names it and its place."""


@dataclass(frozen=True, eq=False)
class Node:
    """One subschema. ``types`` is empty where any type will do, ``enum`` None where any value will.

    ``default`` is what an absent key stands for, ``MISSING`` where nobody says. ``content`` is the
    schema of the JSON that a string holds, and ``content_schema`` the same as it stands in the file,
    able to serve alone.
    """

    types: tuple[str, ...] = ()
    enum: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    max_length: int | None = None
    min_items: int = 0
    max_items: int | None = None
    unique_items: bool = False
    items: Node | None = None
    properties: Mapping[str, Node] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    default: Any = MISSING
    examples: tuple[Any, ...] = ()
    content: Node | None = None
    content_schema: Mapping[str, Any] | None = None

    @property
    def optional(self) -> tuple[str, ...]:
        """The documented keys that may be left out, in the schema's order."""
        return tuple(key for key in self.properties if key not in self.required)

    def child(self, step: Step) -> Node | None:
        """Return the node of a member, an item or the JSON inside; None where the schema says nothing of it."""
        if step is INSIDE:
            return self.content
        return self.items if isinstance(step, int) else self.properties.get(step)

    def at(self, path: Path) -> Node | None:
        """Return the node at a path below this one, None where the schema says nothing of it."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node else None
        return node

    def walk(self, site: str = "$") -> Iterator[tuple[str, Node]]:
        """Yield every site of the schema with its node, this one first."""
        yield site, self
        for key, node in self.properties.items():
            yield from node.walk(f"{site}{site_of((key,))[1:]}")
        if self.items:
            yield from self.items.walk(f"{site}[*]")
        if self.content:
            yield from self.content.walk(f"{site}{INSIDE.value}")


def attribute(key: str) -> str:
    """Return the name under which a decoded object has a key: ``source_ref`` for ``source-ref``."""
    name = re.sub(r"\W", "_", key, flags=re.ASCII)
    return name if name.isidentifier() and not iskeyword(name) and not name.startswith("_") else f"key_{name}"


def read_schema(schema: Mapping[str, Any]) -> Node:
    """Return the schema as nodes, every ``$ref`` resolved.

    Raises ``UnsupportedKeyword`` for a keyword outside the subset, and ``ValueError`` for a
    ``$ref`` that is not local, names nothing, or leads back to itself.
    """
    return _read(schema, "#", schema, ())


@lru_cache(maxsize=128)
def nodes_of(format_: Format, profile: Profile) -> Node:
    """Return the schema of a format in one profile as nodes, read once."""
    return read_schema(format_.schema(profile))


def _read(schema: Any, place: str, root: Mapping[str, Any], open_refs: tuple[str, ...]) -> Node:
    if not isinstance(schema, Mapping):
        raise UnsupportedKeyword(f"a schema must be an object, not {schema!r}, at {place}")
    for keyword in schema:
        if keyword not in KEYWORDS | ANNOTATIONS:
            known = ", ".join(sorted(KEYWORDS))
            raise UnsupportedKeyword(f"keyword {keyword!r} at {place} is outside the subset read here: {known}")
    if "$ref" in schema:
        if beside := sorted(schema.keys() & KEYWORDS - {"$ref"}):
            raise UnsupportedKeyword(f"keyword {beside[0]!r} beside $ref at {place}: write it into the $ref's target")
        return _read(*_resolve(schema["$ref"], place, root, open_refs))
    types = schema.get("type", ())
    content = schema.get("contentSchema")
    if (content is not None) != (schema.get("contentMediaType") == _JSON):
        raise UnsupportedKeyword(f"contentSchema and contentMediaType {_JSON!r} go together, at {place}")
    return Node(
        types=(types,) if isinstance(types, str) else tuple(types),
        enum=tuple(schema["enum"]) if "enum" in schema else None,
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        pattern=schema.get("pattern"),
        max_length=schema.get("maxLength"),
        min_items=schema.get("minItems", 0),
        max_items=schema.get("maxItems"),
        unique_items=schema.get("uniqueItems", False),
        items=_read(schema["items"], f"{place}/items", root, open_refs) if "items" in schema else None,
        properties={
            key: _read(value, f"{place}/properties/{key}", root, open_refs)
            for key, value in schema.get("properties", {}).items()
        },
        required=tuple(schema.get("required", ())),
        default=schema.get("default", MISSING),
        examples=tuple(schema.get("examples", ())),
        content=_read(content, f"{place}/contentSchema", root, open_refs) if content is not None else None,
        content_schema={"$defs": root.get("$defs", {}), **content} if content is not None else None,
    )


def _resolve(
    ref: str, place: str, root: Mapping[str, Any], open_refs: tuple[str, ...]
) -> tuple[Any, str, Mapping[str, Any], tuple[str, ...]]:
    if ref in open_refs:
        raise ValueError(f"$ref {ref!r} at {place} leads back to itself: recursive schemas are not read here")
    if not ref.startswith("#/"):
        raise ValueError(f"$ref {ref!r} at {place} is not local: only '#/...' is read here")
    target: Any = root
    for token in ref[2:].split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(target, Mapping) or key not in target:
            raise ValueError(f"$ref {ref!r} at {place} names nothing in this schema")
        target = target[key]
    return target, ref, root, (*open_refs, ref)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a schema's pattern as ECMA-262 means it: a final ``$`` is the very end of the text.

    Python's ``$`` also matches before a last newline, and so would let ``"400px\\n"`` through.
    """
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        pattern = pattern[:-1] + r"\Z"
    return re.compile(pattern, re.ASCII)
