"""What a format's JSON Schema says of a value, in our words and with our codes.

jsonschema-rs judges; what no keyword says (unknown and misspelt keys) is added from the same nodes.
JSON that stands in a string is judged by the ``contentSchema`` there, which validators pass over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any

import jsonschema_rs

from pytest_visionfmt.format import Format, Hit, Profile
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, site_of, value_at
from pytest_visionfmt.parsing import LineParser, Parsing
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.values import TYPE_NAMES, describe, plain_key, show

__all__ = ["Inner", "inner_texts", "refused_paths", "schema_hits", "validator_of"]

_NEAR_MISS = 0.8
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Inner:
    """JSON that stands in a string: where, what it parses to, and the schema of it.

    ``holder`` is the schema of the string itself.
    """

    path: Path
    parsing: Parsing
    node: Node
    holder: Node

    def is_valid(self) -> bool:
        """Whether the schema says nothing against it, as far as there is a value to speak of."""
        return self.parsing.value is MISSING or bool(self.parsing.facts) or self.validator.is_valid(self.parsing.value)

    @property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The validator of what the string holds."""
        return _inner_validator(self.holder)


def inner_texts(value: Any, format_: Format, profile: Profile) -> list[Inner]:
    """Return the strings of a value that the schema says hold JSON, parsed; none is in another."""
    root = nodes_of(format_, profile)
    if not _holds(root, _has_content):
        return []
    parser = LineParser()
    return [
        Inner((*path, INSIDE), parser.parse(text), content, node)
        for path, text, node in _strings(value, root, ())
        if (content := node.content)
    ]


def _strings(value: Any, node: Node, path: Path) -> Iterator[tuple[Path, str, Node]]:
    if isinstance(value, str):
        yield path, value, node
    elif isinstance(value, dict):
        for key, child in node.properties.items():
            if key in value and _holds(child, _has_content):
                yield from _strings(value[key], child, (*path, key))
    elif isinstance(value, list) and node.items and _holds(node.items, _has_content):
        for i, item in enumerate(value):
            yield from _strings(item, node.items, (*path, i))


def _has_content(node: Node) -> bool:
    return node.content is not None


def _has_keys(node: Node) -> bool:
    return bool(node.properties)


@lru_cache(maxsize=1024)
def _holds(node: Node, what: Callable[[Node], bool]) -> bool:
    """Whether ``what`` is true of a node or somewhere below: lists of numbers need no walk."""
    return any(what(below) for _, below in node.walk())


@lru_cache(maxsize=128)
def validator_of(format_: Format, profile: Profile) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of a format's schema in one profile, built once."""
    return jsonschema_rs.Draft202012Validator(dict(format_.schema(profile)))


@lru_cache(maxsize=128)
def _inner_validator(node: Node) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(dict(node.content_schema or {}))


def schema_hits(value: Any, format_: Format, profile: Profile) -> Iterator[tuple[str, Hit]]:
    """Yield (keyword, hit) for everything the schema says against ``value``.

    ``value`` must be free of what JSON has not: NaN, lone surrogates, keys that are no strings.
    Strings that hold JSON are judged where what they hold is free of it, too.
    """
    root = nodes_of(format_, profile)
    yield from _hits(value, root, validator_of(format_, profile), format_.misspellings)
    for inner in inner_texts(value, format_, profile):
        if inner.parsing.value is MISSING or inner.parsing.facts:
            continue
        for keyword, hit in _hits(inner.parsing.value, inner.node, inner.validator, format_.misspellings):
            site = hit.site and site_of(inner.path) + hit.site[1:]
            yield keyword, hit._replace(path=(*inner.path, *hit.path), site=site)


def refused_paths(value: Any, format_: Format, profile: Profile) -> set[Path]:
    """Return where the schema of a profile says anything against a value without odd keys."""
    if _holds(nodes_of(format_, profile), _has_content):
        return {hit.path for _, hit in schema_hits(value, format_, profile)}
    return {_place(error) for error in validator_of(format_, profile).iter_errors(value)}


def _place(error: jsonschema_rs.ValidationError) -> Path:
    path = tuple(error.instance_path)
    return (*path, error.kind.property) if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required) else path


def _hits(
    value: Any, root: Node, validator: jsonschema_rs.Draft202012Validator, misspellings: Mapping[str, str]
) -> Iterator[tuple[str, Hit]]:
    odd = list(_odd_keys(value, root, (), misspellings))
    # A required key that was misspelt is one finding, at the key that was found.
    meant = {(*hit.path[:-1], key) for keyword, hit, key in odd if keyword == "misspelt"}
    for error in validator.iter_errors(value):
        keyword, path = str(error.schema_path[-1]), tuple(error.instance_path)
        node = root.at(path) or root
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            path = (*path, error.kind.property)
            if path in meant:
                continue
            yield keyword, Hit(path, f"the key {show(path[-1])} is missing")
        else:
            yield keyword, Hit(path, partial(_WORDS[keyword], value_at(value, path), node))
    for keyword, hit, _ in odd:
        yield keyword, hit


def _odd_keys(value: Any, node: Node, path: Path, misspellings: Mapping[str, str]) -> Iterator[tuple[str, Hit, str]]:
    if isinstance(value, dict) and node.properties:
        if value.keys() <= node.properties.keys():  # nothing odd here; below there may be
            for key, below in _keyed(node):
                if key in value:
                    yield from _odd_keys(value[key], below, (*path, key), misspellings)
            return
        absent = [key for key in node.properties if key not in value]
        for key in value:
            if child := node.properties.get(key):
                if _holds(child, _has_keys):
                    yield from _odd_keys(value[key], child, (*path, key), misspellings)
            elif meant := _meant(key, absent, misspellings):
                site = site_of((*path, meant))
                yield "misspelt", Hit((*path, key), f"the key {show(key)} looks like {show(meant)}", site=site), meant
            else:
                message = f"the key {show(key)} is not a documented one"
                yield "properties", Hit((*path, key), message, site=f"{site_of(path)}.*"), ""
    elif isinstance(value, list) and node.items and _holds(node.items, _has_keys):
        known = node.items.properties.keys()
        is_deep = bool(_keyed(node.items))
        for i, item in enumerate(value):
            if is_deep or not isinstance(item, dict) or not item.keys() <= known:
                yield from _odd_keys(item, node.items, (*path, i), misspellings)


@lru_cache(maxsize=1024)
def _keyed(node: Node) -> tuple[tuple[str, Node], ...]:
    """Return the properties of a node that have properties themselves, somewhere."""
    return tuple((key, child) for key, child in node.properties.items() if _holds(child, _has_keys))


def _meant(key: str, absent: list[str], misspellings: Mapping[str, str]) -> str | None:
    """Return the documented key that ``key`` was meant for, if it is absent; else None."""
    if (known := misspellings.get(key)) in absent:
        return str(known)
    plain = {plain_key(candidate): candidate for candidate in absent}
    near = get_close_matches(plain_key(key), plain, n=1, cutoff=_NEAR_MISS)
    return plain[near[0]] if near else None


def _wrong_type(value: Any, node: Node) -> str:
    wanted = " or ".join(TYPE_NAMES[name] for name in node.types)
    return f"{show(value)} is {describe(value)}; {wanted} is wanted"


def _not_allowed(value: Any, node: Node) -> str:
    allowed = [show(item) for item in node.enum or ()]
    listed = ", ".join(allowed[:_MOST_LISTED]) + (", …" if len(allowed) > _MOST_LISTED else "")
    return f"{show(value)} is not one of {listed}"


def _wrong_form(value: Any, node: Node) -> str:
    like = next((example for example in node.examples if isinstance(example, str)), None)
    # The example is given whole: it is there to be copied.
    form = json.dumps(like, ensure_ascii=False) if like else node.pattern
    return f"{show(value)} does not have the form of {form}"


def _repeated(value: Any, node: Node) -> str:
    for i, item in enumerate(value):
        for first, earlier in enumerate(value[:i]):
            if _same(item, earlier):
                return f"item {i}, {show(item)}, stands in the list already, as item {first}"
    return "two items of the list are the same"


def _same(a: Any, b: Any) -> bool:
    """Whether JSON calls two values equal: 1 and 1.0 are, 1 and true are not."""
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


_WORDS: dict[str, Callable[[Any, Node], str]] = {
    "type": _wrong_type,
    "enum": _not_allowed,
    "pattern": _wrong_form,
    "minimum": lambda value, node: f"{show(value)} is less than {node.minimum}",
    "maximum": lambda value, node: f"{show(value)} is greater than {node.maximum}",
    "maxLength": lambda value, node: f"a string of {len(value)} characters; {node.max_length} are the most",
    "minItems": lambda value, node: f"a list of {len(value)}; at least {node.min_items} items are wanted",
    "maxItems": lambda value, node: f"a list of {len(value)}; {node.max_items} items are the most",
    "uniqueItems": _repeated,
}
