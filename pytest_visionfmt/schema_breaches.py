"""Every site of a schema, and every way to break it there.

The schema drives: a bound that moves, a key that comes or goes, a value that is allowed from now on
changes what is a breach. Of every change it is known which keywords it breaks, and the change that
breaks one keyword only is taken where there is one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import partial
from typing import Any, TypeAlias

from pytest_visionfmt.breaches import Breach, Consequence
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path
from pytest_visionfmt.json_scan import MAX_DEPTH
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import is_of_type, refusals, refused_keywords, same
from pytest_visionfmt.values import TYPE_NAMES, fresh, show

__all__ = ["put", "schema_breaches", "sites_of", "unknown_key"]

Piece: TypeAlias = Callable[[Path, str], Any]
"""``piece(site, type)`` returns what may stand at a site, fresh, of a JSON type if one is given."""

_UNKNOWN_KEYS = ("note", "zzz", "0", "~~~~")
_NEAR = 0.6
_LONG_ENOUGH = 4  # to be known by one letter too many
_LONE = "\ud83d"
# What stands for each JSON type where another is wanted; the first that breaks nothing else is taken.
_STAND_INS: tuple[tuple[Any, ...], ...] = (
    (None,),
    (True, False),
    (1, 0, 7),
    (0.5, 1.5, -0.5),
    ("a", ""),
    ([],),
    ({},),
)


def sites_of(node: Node, site: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every site of a schema as a path in which index 0 stands for any item."""
    yield site, node
    for key, child in node.properties.items():
        yield from sites_of(child, (*site, key))
    if node.items:
        yield from sites_of(node.items, (*site, 0))
    if node.content:
        yield from sites_of(node.content, (*site, INSIDE))


def schema_breaches(root: Node, misspellings: Mapping[str, str], piece: Piece) -> Iterator[Breach]:
    """Yield every breach of a schema, and of what JSON asks for at its sites.

    ``misspellings`` maps keys that people write to the documented ones.
    """
    for site, node in sites_of(root):
        for key in node.required:
            yield _missing(site, key)
        for key in node.properties:
            for spelling in _spellings(key, node, misspellings):
                yield _misspelt(site, key, spelling, piece)
        if node.properties:
            yield _unknown(site, node)
        yield from _of_type(site, node)
        yield from _of_enum(site, node)
        yield from _of_bounds(site, node)
        yield from _of_strings(site, node, piece)
        yield from _of_lists(site, node, piece)
        yield from _of_json(site, node, piece)
    yield Breach((), f"nested {MAX_DEPTH + 1} deep", _nest, (Consequence("nested-too-deep"),))


def put(place: Path, change: str, value: Any, consequences: Iterable[Consequence], **rest: Any) -> Breach:
    """Return the breach that puts a value at a place, whatever stood there."""
    return Breach(place, change, lambda _: fresh(value), tuple(consequences), puts=value, **rest)


def _against_list(node: Node, first: str) -> Callable[[Any], Iterable[Consequence]]:
    """Return what a node says of a list of valid items, the keyword that the breach is named for first."""
    return lambda value: map(Consequence, sorted(refused_keywords(node, value), key=lambda word: word != first))


def _put(site: Path, node: Node, keyword: str, change: str, value: Any) -> Breach:
    """Return the breach that puts a value somewhere, the keyword that it is named for first."""
    found = sorted(refusals(node, value), key=lambda found: (found.path, found.rule) != ((), keyword))
    return put(site, change, value, found)


def _clean_first(node: Node, keyword: str, values: Iterable[Any]) -> Any:
    """Return the first value that breaks this keyword only, else the first that breaks it, else ``MISSING``."""
    broken = [(value, list(refused_keywords(node, value))) for value in values]
    broken = [(value, keywords) for value, keywords in broken if keyword in keywords]
    return next((value for value, keywords in broken if keywords == [keyword]), broken[0][0] if broken else MISSING)


# Keys.


def _missing(site: Path, key: str) -> Breach:
    def make(value: dict[str, Any]) -> dict[str, Any]:
        value.pop(key, None)
        return value

    return Breach(site, f"{show(key)} missing", make, (Consequence("required", (key,)),), holds="object")


def _misspelt(site: Path, key: str, spelling: str, piece: Piece) -> Breach:
    def make(value: dict[str, Any]) -> dict[str, Any]:
        if key not in value:
            value[key] = piece((*site, key), "")
        return {spelling if old == key else old: item for old, item in value.items()}

    found = (Consequence("misspelt", (spelling,), meant=key),)
    return Breach(site, f"{show(key)} misspelt {show(spelling)}", make, found, holds="object")


def _spellings(key: str, node: Node, misspellings: Mapping[str, str]) -> list[str]:
    """Return the ways people write a key: another case, other separators, the plural, another format's name."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").split("_")
    camel = words[0].lower() + "".join(word.title() for word in words[1:])
    spellings = [key.lower(), key.upper(), "_".join(words).lower(), "-".join(words).lower(), camel]
    spellings += [f"{key}s"] if len(key) >= _LONG_ENOUGH else []
    known = [spelling for spelling, right in misspellings.items() if right == key]
    return [s for s in dict.fromkeys((*spellings, *known)) if s != key and s not in node.properties]


def unknown_key(node: Node) -> str:
    """Return a key that is none of an object's documented ones, nor like any."""
    plain = [key.casefold() for key in node.properties]
    unlike = (k for k in _UNKNOWN_KEYS if all(SequenceMatcher(None, k, key).ratio() < _NEAR for key in plain))
    return next(unlike, "\N{REFERENCE MARK}")


def _unknown(site: Path, node: Node) -> Breach:
    name = unknown_key(node)

    def make(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, name: "a"}

    return Breach(site, f"another key, {show(name)}", make, (Consequence("properties", (name,)),), holds="object")


# Types and values.


def _of_type(site: Path, node: Node) -> Iterator[Breach]:
    if not node.types:
        return
    wanted = " or ".join(TYPE_NAMES[type_] for type_ in node.types)
    for stand_ins in _STAND_INS:
        values = [value for value in stand_ins if not any(is_of_type(value, allowed) for allowed in node.types)]
        if values:
            value = _clean_first(node, "type", values)
            yield _put(site, node, "type", f"{show(value)}, not {wanted}", value)
    if "string" not in node.types:
        # As the file of a spreadsheet, or another language's output, would have it.
        spelt = "true" if "boolean" in node.types else _middle(node) if {"integer", "number"} & {*node.types} else ""
        if spelt:
            yield _put(site, node, "type", f"{show(spelt)}, not {wanted}", spelt)


def _middle(node: Node) -> str:
    low = node.minimum if node.minimum is not None else min(0, node.maximum or 0)
    high = node.maximum if node.maximum is not None else max(1, low)
    middle = (low + high) / 2
    return json.dumps(middle if "number" in node.types else round(middle))


def _of_enum(site: Path, node: Node) -> Iterator[Breach]:
    if node.enum is None:
        return
    text = next((value for value in node.enum if isinstance(value, str) and value), None)
    near: list[Any] = []
    if text:
        near += [text.upper(), text.title(), text.lower(), f" {text}", f"{text} ", f"{text}s", ""]
    if any(isinstance(value, bool) for value in node.enum):
        near += ["TRUE", "yes", " 1"]
    numbers = [value for value in node.enum if is_of_type(value, "number")]
    near += [max(numbers) + 1, min(numbers) - 1, str(numbers[0])] if numbers else [7]
    allowed = ", ".join(map(show, node.enum[:3])) + (", …" if len(node.enum) > 3 else "")
    seen: list[Any] = list(node.enum)
    for value in (*near, 0.5, None, True, "a", [], {}):
        if not any(same(value, other) for other in seen):
            seen.append(value)
            yield _put(site, node, "enum", f"{show(value)}, none of {allowed}", value)


def _of_bounds(site: Path, node: Node) -> Iterator[Breach]:
    whole = "integer" in node.types and "number" not in node.types
    for keyword, bound, away, round_ in (
        ("minimum", node.minimum, -1, math.ceil),
        ("maximum", node.maximum, 1, math.floor),
    ):
        if bound is None:
            continue
        where = f"{'below' if away < 0 else 'above'} {show(bound)}"
        if not whole:
            yield _put(site, node, keyword, f"just {where}", math.nextafter(bound, away * math.inf))
        beyond = (round_(bound) if whole else bound) + away
        yield _put(site, node, keyword, f"{show(beyond)}, {where}", beyond)


# Strings.


def _of_strings(site: Path, node: Node, piece: Piece) -> Iterator[Breach]:
    if node.types and "string" not in node.types:
        return
    good = piece(site, "string") if node.types else ""
    if node.pattern is not None:
        changed = {
            "empty": "",
            "a space before": f" {good}",
            "a space behind": f"{good} ",
            "a line break behind": f"{good}\n",
            "in capitals": good.upper(),
            "its first character missing": good[1:],
            "its last character missing": good[:-1],
            "twice": good * 2,
            "another word": "a",
        }
        for change, text in changed.items():
            if list(refused_keywords(node, text)) == ["pattern"]:
                yield _put(site, node, "pattern", change, text)
    if node.max_length is not None:
        most = node.max_length
        long = [good.ljust(most + 1, good[-1:] or "a"), good.rjust(most + 1, good[:1] or "a")]
        value = _clean_first(node, "maxLength", long)
        yield _put(site, node, "maxLength", f"{most + 1} characters long", value)
    if node.content:
        for change, text in (("empty", ""), ("JSON cut short", "{"), ("a Python value", "{'a': None}")):
            json_fault = Consequence("invalid-json", (INSIDE,))
            others = [Consequence(keyword) for keyword in refused_keywords(node, text)]
            yield put(site, f"{change}, no JSON", text, (json_fault, *others))


# Lists.


def _of_lists(site: Path, node: Node, piece: Piece) -> Iterator[Breach]:
    if node.types and "array" not in node.types:
        return

    def cut(length: int) -> Callable[[list[Any]], list[Any]]:
        return lambda items: items[:length]

    def extend(items: list[Any], length: int) -> list[Any]:
        more = length - len(items)
        return items + [fresh(items[-1]) if items else piece((*site, 0), "") for _ in range(more)]

    def repeat(items: list[Any]) -> list[Any]:
        items = extend(items, 1)
        if node.max_items is not None and len(items) >= node.max_items:
            items = items[: node.max_items - 1]
        return [*items, fresh(items[0])]

    for length in sorted({node.min_items - 1, 0}, reverse=True) if node.min_items else ():
        change = f"{_items(length)}, fewer than {node.min_items}" if length else "empty"
        yield Breach(site, change, cut(length), _against_list(node, "minItems"), holds="array")
    if (most := node.max_items) is not None:
        change = f"{_items(most + 1)}, more than {most}"
        yield Breach(site, change, partial(extend, length=most + 1), _against_list(node, "maxItems"), holds="array")
    if node.unique_items and node.max_items != 1:
        yield Breach(site, "an item twice", repeat, _against_list(node, "uniqueItems"), holds="array")


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


# What JSON asks for.


def _of_json(site: Path, node: Node, piece: Piece) -> Iterator[Breach]:
    """Yield what no JSON text can hold, each where the value would be right but for that."""
    if {"integer", "number"} & {*node.types}:
        for value in (math.nan, math.inf):
            yield put(site, show(value), value, (Consequence("not-a-number"),))
        if not list(refused_keywords(node, 2**63)):
            yield put(site, "2^63, beyond 64 bits", 2**63, (Consequence("integer-too-large"),))
    if "string" in node.types and not node.content and INSIDE not in site:
        text = piece(site, "string") + _LONE
        yield put(site, "half of a surrogate pair", text, (Consequence("lone-surrogate"),))
        yield put(site, "bytes, which JSON has not", b"a", (Consequence("not-json"),))
    if "array" in node.types and INSIDE not in site:
        consequence = (Consequence("not-json"),)
        yield Breach(site, "a tuple, which JSON has not", tuple, consequence, holds="array")


def _nest(value: Any) -> Any:
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    return value
