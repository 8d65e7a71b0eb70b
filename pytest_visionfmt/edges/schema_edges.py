"""The edge cases that a schema alone gives: the boundaries of every place, and which keys are there."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, takewhile
from typing import Any, NamedTuple

from pytest_visionfmt.edges.cases import EdgeCase, holds, values_at
from pytest_visionfmt.edges.maker import Maker, name_of, paths_of
from pytest_visionfmt.json_paths import MISSING, Path, value_at
from pytest_visionfmt.schema_nodes import Node, compile_pattern
from pytest_visionfmt.values import TYPE_NAMES, show

__all__ = ["boundaries", "presence"]

_LARGEST = 2**63 - 1
_MOST_IN_PAIRS = 5
_MOST_KEYS_DRAWN = 7
"""Of more optional keys, no strategy has every choice among a few hundred records."""
_DRAWN_BEYOND_SHORTEST = 4
_LONGEST_IN_NAME = 24


class _Edge(NamedTuple):
    """One value at a boundary: what its case is called after the place's name, why, and the value.

    ``drawn`` is false where a strategy would have to hit one value of very many. ``by_type`` is set where any
    value of the same type is the like of this one.
    """

    name: str
    why: str
    value: Any
    drawn: bool = True
    by_type: bool = False


def boundaries(maker: Maker) -> Iterator[EdgeCase]:
    """Yield a case for every boundary of the schema that a record without a finding can stand on."""
    for path, node in paths_of(maker.root):
        for edge in _edges(maker, path, node):
            value = maker.clean_record({path: edge.value})
            if value is not MISSING:
                why = f"{name_of(path)} is {edge.why}."
                like = _holds_type(path, type(edge.value)) if edge.by_type else holds(path, edge.value)
                yield EdgeCase(f"{name_of(path)}{edge.name}", why, edge.drawn, like, value)
        if "array" in node.types and node.enum is None:
            yield from _lengths(maker, path, node)


def _edges(maker: Maker, path: Path, node: Node) -> Iterator[_Edge]:
    if node.enum is not None:
        for value in node.enum:
            yield _Edge(f"={_in_name(value)}", f"{show(value)}, one of the values allowed", value)
        return
    if "number" in node.types:
        yield from _numbers(node)
    if "integer" in node.types:
        yield from _integers(node)
    if "string" in node.types:
        yield from _strings(node)
    if "boolean" in node.types:
        for value in (False, True):
            yield _Edge(f"={_in_name(value)}", "a boolean", value)
    if len(node.types) > 1:
        for type_ in node.types:
            why = f"{TYPE_NAMES.get(type_, type_)}, one of the types allowed"
            yield _Edge(f"-{type_}", why, maker.simplest(path, type_), by_type=True)


def _holds_type(path: Path, wanted: type) -> Callable[[Any], bool]:
    return lambda record: any(type(value) is wanted for value in values_at(record, path))


def _in_name(value: Any) -> str:
    """Return a value as its name shows it: a string in quotes only where it could be taken for something else."""
    text = json.dumps(value)
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return text[1:-1]
    return text


def _numbers(node: Node) -> Iterator[_Edge]:
    low, high = node.minimum, node.maximum
    if low is not None:
        yield _Edge("-minimum", "the smallest number allowed", float(low))
        above = math.nextafter(low, math.inf)
        yield _Edge("-above-minimum", "the next double above the smallest number allowed", above, drawn=False)
    if high is not None:
        below = math.nextafter(high, -math.inf)
        yield _Edge("-below-maximum", "the next double below the largest number allowed", below, drawn=False)
        yield _Edge("-maximum", "the largest number allowed", float(high))


def _integers(node: Node) -> Iterator[_Edge]:
    low, high = node.minimum, node.maximum
    if low is not None:
        yield _Edge("-minimum-integer", "the smallest integer allowed", math.ceil(low))
        above = math.ceil(low) + 1
        yield _Edge("-above-minimum-integer", "one more than the smallest integer allowed", above, drawn=False)
    else:
        yield _Edge("-smallest-integer", "the smallest integer of 64 bits", -_LARGEST - 1, drawn=False)
    if high is not None:
        below = math.floor(high) - 1
        yield _Edge("-below-maximum-integer", "one less than the largest integer allowed", below, drawn=False)
        yield _Edge("-maximum-integer", "the largest integer allowed", math.floor(high))
    else:
        yield _Edge("-largest-integer", "the largest integer of 64 bits", _LARGEST, drawn=False)


def _strings(node: Node) -> Iterator[_Edge]:
    if node.content is not None:
        return  # what the string holds has edges of its own
    if node.pattern is None:
        yield _Edge("-empty", "the empty string", "")
        if node.max_length is not None:
            yield _Edge("-longest", "the longest string allowed", "x" * node.max_length, drawn=False)
        return
    # Which spellings there are, only the examples say; a strategy has others of its own.
    matches = compile_pattern(node.pattern).search
    spellings = [example for example in node.examples if isinstance(example, str) and matches(example)]
    for number, example in enumerate(spellings, 1):
        name = f"={_in_name(example)}" if len(example) <= _LONGEST_IN_NAME else f"-example-{number}"
        yield _Edge(name, "spelt as an example of the schema", example, drawn=False)


def _lengths(maker: Maker, path: Path, node: Node) -> Iterator[EdgeCase]:
    least = node.min_items
    lengths = {
        "-shortest": (least, "the shortest list allowed"),
        "-one-more": (least + 1, "one longer than it must be"),
    }
    if node.max_items is not None:
        lengths["-longest"] = (node.max_items, "the longest list allowed")
    for name, (length, why) in lengths.items():
        simplest = maker.simplest(path, "array")
        items = simplest if len(simplest) == length else maker.items(path, length)
        value = maker.clean_record({path: items})
        if value is not MISSING:
            drawn = length <= least + _DRAWN_BEYOND_SHORTEST
            yield EdgeCase(
                f"{name_of(path)}{name}", f"{name_of(path)} is {why}.", drawn, _of_length(path, length), value
            )


def _of_length(path: Path, length: int) -> Callable[[Any], bool]:
    return lambda record: any(isinstance(items, list) and len(items) == length for items in values_at(record, path))


def presence(maker: Maker) -> Iterator[EdgeCase]:
    """Yield cases in which optional keys are there and not there: none, all, each, all but each, every pair.

    Pairs are those of the first five optional keys. What a list holds is told by its first item.
    """
    places = [(path, node) for path, node in paths_of(maker.root) if _is_by_first_types(maker, path)]
    optional = [(*path, key) for path, node in places for key in node.optional]
    if not optional:
        return
    chosen: dict[str, tuple[Path, ...]] = {"without-optional-keys": (), "with-all-optional-keys": tuple(optional)}
    for path in optional:
        chosen[f"only-{name_of(path)}"] = (path,)
        chosen[f"all-but-{name_of(path)}"] = tuple(p for p in optional if not _is_below(p, path))
    for a, b in combinations(optional[:_MOST_IN_PAIRS], 2):
        shared = sum(1 for _ in takewhile(lambda steps: steps[0] == steps[1], zip(a[:-1], b[:-1], strict=False)))
        chosen[f"only-{name_of(a)}-and-{name_of(b[shared:])}"] = (a, b)
    for name, present in chosen.items():
        wanted = {path: any(_is_below(other, path) for other in present) for path in optional}
        changes = {path: maker.simplest(path) for path in present}
        value = maker.clean_record(changes, tuple(path for path, there in wanted.items() if not there))
        if value is not MISSING:
            drawn = len(optional) <= _MOST_KEYS_DRAWN
            yield EdgeCase(name, _keys_in_words(wanted), drawn, _with_keys(wanted), value)


def _is_by_first_types(maker: Maker, path: Path) -> bool:
    """Whether the place is there in the simplest record: not within a list that stands for a string, say."""
    nodes = [(step, maker.node(path[:at])) for at, step in enumerate(path)]
    return all(not isinstance(step, int) or node.types[:1] in ((), ("array",)) for step, node in nodes)


def _is_below(path: Path, other: Path) -> bool:
    """Whether a path is another or leads on from it."""
    return path[: len(other)] == other


def _keys_in_words(wanted: Mapping[Path, bool]) -> str:
    there = [name_of(path) for path, present in wanted.items() if present]
    return f"Of the optional keys {'there are only ' + ', '.join(there) if there else 'none is there'}."


def _with_keys(wanted: Mapping[Path, bool]) -> Callable[[Any], bool]:
    def like(record: Any) -> bool:
        for path, there in wanted.items():
            items = max((at for at, step in enumerate(path) if isinstance(step, int)), default=-1)
            if value_at(record, path[: items + 1]) is MISSING:  # an empty list shows nothing
                return False
            parent = value_at(record, path[:-1])
            if (isinstance(parent, dict) and path[-1] in parent) != there:
                return False
        return True

    return like
