"""Making records around one value: the simplest record of a schema, with something placed in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from math import ceil
from typing import Any, TypeAlias, TypeVar

from hypothesis import HealthCheck, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from pytest_visionfmt.checking import check_record
from pytest_visionfmt.edges.cases import EdgeCase, same
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, site_of, value_at
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of
from pytest_visionfmt.strategies import record as records_of
from pytest_visionfmt.values import fresh

__all__ = ["Maker", "Simplest", "name_of", "paths_of"]

Simplest: TypeAlias = Callable[[Node], Any]
"""Returns the simplest value of a place, given its node; None where the schema alone is to say."""

T = TypeVar("T")

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# The same outcome in every process.
_FIND = settings(
    max_examples=200, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


def name_of(path: Path) -> str:
    """Return a path as the beginning of a name: ``label.topX``, ``label.polygon.item``."""
    steps = [step for step in path if step is not INSIDE]
    names = [
        "item" if isinstance(step, int) else str(step)
        for i, step in enumerate(steps)
        if isinstance(step, str) or not isinstance(steps[i + 1] if i + 1 < len(steps) else 0, str)
    ]
    return ".".join(names) or "record"


def paths_of(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every place of a schema with its node, the first item standing for all of a list."""
    yield path, node
    for key, child in node.properties.items():
        yield from paths_of(child, (*path, key))
    if node.items:
        yield from paths_of(node.items, (*path, 0))
    if node.content:
        yield from paths_of(node.content, (*path, INSIDE))


class Maker:
    """Makes records of one format in one profile.

    ``simplest`` maps a site to what is simplest there, where the schema alone does not lead to a valid
    record. ``settle`` is called with every record made, and mends what must agree across its keys.
    """

    def __init__(
        self,
        format_: Format,
        profile: Profile,
        simplest: Mapping[str, Simplest] | None = None,
        settle: Callable[[Any], None] | None = None,
    ) -> None:
        self.format = format_
        self.profile = profile
        self.root = nodes_of(format_, profile)
        self._simplest = simplest
        self._settle = settle
        self._seeds: tuple[Any, ...] | None = None

    def node(self, path: Path) -> Node:
        """Return the node of a place, an empty one where the schema says nothing of it."""
        return self.root.at(path) or Node()

    def is_clean(self, value: Any) -> bool:
        """Whether a record has no finding in this profile."""
        return not check_record(value, self.format, profile=self.profile)

    def simplest(self, path: Path, type_: str | None = None) -> Any:
        """Return the simplest value of a place, of one of its types where asked for."""
        node = self.node(path)
        if make := (self._simplest or {}).get(site_of(path)):
            value = make(node)
            if value is not None and (type_ is None or _is_of(type_, value)):
                return value
        if node.enum is not None:
            return fresh(node.enum[0])
        type_ = type_ or (node.types[0] if node.types else "object")
        match type_:
            case "object":
                return {key: self.simplest((*path, key)) if key in node.properties else None for key in node.required}
            case "array":
                return self.items(path, node.min_items)
            case "string" if node.content:
                return json.dumps(self.simplest((*path, INSIDE)))
            case "string":
                return _string(node)
            case "number":
                return float(_nearest_to_zero(node))
            case "integer":
                return ceil(_nearest_to_zero(node))
            case "boolean":
                return False
        return None

    def items(self, path: Path, length: int) -> list[Any]:
        """Return a list of so many simplest items; plain strings, and values listed, differ from each other."""
        item = (*path, 0)
        node = self.node(item)
        if node.enum is not None:
            return [fresh(node.enum[i % len(node.enum)]) for i in range(length)]
        known = site_of(item) in (self._simplest or {})
        if node.types[:1] == ("string",) and node.pattern is None and node.content is None and not known:
            return [_LETTERS[i % 26] * (1 + i // 26) for i in range(length)]
        return [self.simplest(item) for _ in range(length)]

    def record(self, changes: Mapping[Path, Any] | None = None) -> Any:
        """Return a fresh simplest record with these values at their places."""
        return self._placed(self.simplest(()), changes or {})

    def whole(self, changes: Mapping[Path, Any] | None = None) -> Any:
        """Return a fresh simplest record that has an item in every list, with these values."""
        value = self.simplest(())
        for path, node in paths_of(self.root):
            if value_at(value, path) == [] and node.items is not None:
                value = self._place(value, (*path, 0), self.simplest((*path, 0)))
        return self._placed(value, changes or {})

    def clean_record(self, changes: Mapping[Path, Any], without: tuple[Path, ...] = ()) -> Any:
        """Return a record without a finding that has these values, and lacks those; ``MISSING`` where there is none.

        Where the simplest record is no valid one, others are tried: the schema's examples, then what
        the format's strategy draws.
        """
        for seed in self._seeds_tried():
            value = fresh(seed)
            for path in without:
                value = _without(value, path)
            value = self._placed(value, changes)
            if all(value_at(value, path) is MISSING for path in without) and self.is_clean(value):
                return value
        return MISSING

    def case(
        self, name: str, why: str, changes: Mapping[Path, Any], like: Callable[[Any], bool] | None = None
    ) -> Iterator[EdgeCase]:
        """Yield one case, drawn where its ``like`` is given; none where an edited schema does not allow it."""
        value = self.clean_record(changes)
        if value is not MISSING:
            yield EdgeCase(name, why, like is not None, like or (lambda record: same(record, value)), value)

    def _seeds_tried(self) -> tuple[Any, ...]:
        if self._seeds is None:
            whole = self.whole()
            seeds = [whole, self.simplest(())]
            if self._simplest is None and not self.is_clean(whole):
                seeds = [seed for seed in (*seeds, *self.root.examples) if self.is_clean(seed)]
                seeds += _drawn(self, [path for path, _ in paths_of(self.root) if value_at(whole, path) is not MISSING])
            self._seeds = tuple(seeds)
        return self._seeds

    def _placed(self, value: Any, changes: Mapping[Path, Any]) -> Any:
        for path, new in changes.items():
            value = self._place(value, path, new)
        if self._settle:
            self._settle(value)
        return value

    def _place(self, value: Any, path: Path, new: Any, at: int = 0) -> Any:
        """Return ``value`` with ``new`` at the rest of the path; keys stand in the schema's order."""
        if at == len(path):
            return fresh(new)
        step, here = path[at], path[:at]
        if step is INSIDE:
            held = json.loads(value if isinstance(value, str) else self.simplest(here, "string"))
            return json.dumps(self._place(held, path, new, at + 1))
        if isinstance(step, int):
            items = value if isinstance(value, list) else self.simplest(here, "array")
            while len(items) <= step:
                items.append(self.simplest((*here, 0)))
            items[step] = self._place(items[step], path, new, at + 1)
            return items
        members = value if isinstance(value, dict) else self.simplest(here, "object")
        below = members[step] if step in members else self.simplest((*here, step))
        members[step] = self._place(below, path, new, at + 1)
        order = [key for key in self.node(here).properties if key in members]
        return {key: members[key] for key in dict.fromkeys((*order, *members))}


def _is_of(type_: str, value: Any) -> bool:
    kinds = {"object": dict, "array": list, "string": str, "number": float, "integer": int, "boolean": bool}
    return type(value) is kinds.get(type_, type(None))


def _nearest_to_zero(node: Node) -> float:
    low = 0 if node.minimum is None else max(0, node.minimum)
    return low if node.maximum is None else min(low, node.maximum)


def _string(node: Node) -> str:
    if node.pattern is None:
        return "a"
    matches = compile_pattern(node.pattern).search
    examples = (example for example in node.examples if isinstance(example, str) and matches(example))
    return next(examples, None) or _matching(node.pattern)


@lru_cache(maxsize=256)
def _matching(pattern: str) -> str:
    strings = st.from_regex(compile_pattern(pattern), alphabet=st.characters(codec="ascii"))
    return _found(strings, lambda text: True)


def _found(strategy: st.SearchStrategy[T], condition: Callable[[T], bool]) -> T:
    # In a thread of its own: edge cases may be asked for inside a property, where Hypothesis allows no other.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(find, strategy, condition, settings=_FIND).result()


def _drawn(maker: Maker, paths: list[Path]) -> list[Any]:
    """Return a record that the format's strategy draws, clean and with something at every path, if there is one."""

    def is_seed(value: Any) -> bool:
        return all(value_at(value, path) is not MISSING for path in paths) and maker.is_clean(value)

    try:
        return [_found(records_of(maker.format, profile=maker.profile), is_seed)]
    except NoSuchExample:
        return []


def _without(value: Any, path: Path) -> Any:
    """Return a value without what stands at a path, if anything does."""
    if value_at(value, path) is MISSING:
        return value
    step, *rest = path
    if step is INSIDE:
        return json.dumps(_without(json.loads(value), tuple(rest)))
    if rest:
        value[step] = _without(value[step], tuple(rest))
    else:
        del value[step]
    return value
