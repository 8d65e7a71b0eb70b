"""What a format's JSON Schema says of a value, in our words and with our codes.

jsonschema-rs judges; what no keyword says (unknown and misspelt keys) is added from the same nodes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import jsonschema_rs

from pytest_visionfmt.format import Format, Hit, Profile
from pytest_visionfmt.json_paths import Path, site_of, value_at
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.values import TYPE_NAMES, describe, plain_key, show

__all__ = ["schema_hits", "validator_of"]

_NEAR_MISS = 0.8
_MOST_LISTED = 12


@lru_cache(maxsize=128)
def validator_of(format_: Format, profile: Profile) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of a format's schema in one profile, built once."""
    return jsonschema_rs.Draft202012Validator(dict(format_.schema(profile)))


def schema_hits(value: Any, format_: Format, profile: Profile) -> Iterator[tuple[str, Hit]]:
    """Yield (keyword, hit) for everything the schema says against ``value``.

    ``value`` must be free of what JSON has not: NaN, lone surrogates, keys that are no strings.
    """
    root = nodes_of(format_, profile)
    misspelt = list(_odd_keys(value, root, (), format_.misspellings))
    # A required key that was misspelt is one finding, at the key that was found.
    meant = {(*hit.path[:-1], key) for keyword, hit, key in misspelt if keyword == "misspelt"}
    for error in validator_of(format_, profile).iter_errors(value):
        keyword, path = str(error.schema_path[-1]), tuple(error.instance_path)
        node = root.at(path) or root
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            path = (*path, error.kind.property)
            if path in meant:
                continue
            yield keyword, Hit(path, f"the key {show(path[-1])} is missing")
        else:
            yield keyword, Hit(path, _WORDS[keyword](value_at(value, path), node))
    for keyword, hit, _ in misspelt:
        yield keyword, hit


def _odd_keys(value: Any, node: Node, path: Path, misspellings: Mapping[str, str]) -> Iterator[tuple[str, Hit, str]]:
    if isinstance(value, dict) and node.properties:
        absent = [key for key in node.properties if key not in value]
        for key in value:
            if child := node.properties.get(key):
                yield from _odd_keys(value[key], child, (*path, key), misspellings)
            elif meant := _meant(key, absent, misspellings):
                site = site_of((*path, meant))
                yield "misspelt", Hit((*path, key), f"the key {show(key)} looks like {show(meant)}", site=site), meant
            else:
                yield "properties", Hit((*path, key), f"the key {show(key)} is not a documented one"), ""
    elif isinstance(value, list) and node.items and _holds_objects(node.items):
        for i, item in enumerate(value):
            yield from _odd_keys(item, node.items, (*path, i), misspellings)


@lru_cache(maxsize=512)
def _holds_objects(node: Node) -> bool:
    """Whether an object with documented keys may stand somewhere below: lists of numbers need no walk."""
    return any(below.properties for _, below in node.walk())


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


_WORDS: dict[str, Callable[[Any, Node], str]] = {
    "type": _wrong_type,
    "enum": _not_allowed,
    "pattern": _wrong_form,
    "minimum": lambda value, node: f"{show(value)} is less than {node.minimum}",
    "maximum": lambda value, node: f"{show(value)} is greater than {node.maximum}",
    "minItems": lambda value, node: f"a list of {len(value)}; at least {node.min_items} items are wanted",
}
