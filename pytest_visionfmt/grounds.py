"""Valid values to break: whole records, and the piece that is missing where a breach is to be made."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_visionfmt.byte_draws import apart, drawn
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.json_paths import INSIDE, Path
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of
from pytest_visionfmt.schema_refusals import accepts, is_of_type
from pytest_visionfmt.strategies import record
from pytest_visionfmt.values import fresh

__all__ = ["Grounds", "grounds_of"]

T = TypeVar("T")
_SAMPLES = 100
_SAMPLE = settings(
    max_examples=_SAMPLES, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Grounds:
    """The valid values of a format in one profile: the schema's examples, else what the strategy draws."""

    def __init__(self, format_: Format, profile: Profile) -> None:
        self.format = format_
        self.profile: Profile = profile
        self.root: Node = nodes_of(format_, profile)
        self._pieces: dict[tuple[Path, str], Any] = {}
        self._drawn: list[Any] | None = None

    def record(self) -> Any:
        """Return a valid record, fresh, the same every time."""
        return self.piece(())

    def piece(self, site: Path, type_: str = "") -> Any:
        """Return what may stand at a site of the format, of a JSON type if one is given, fresh."""
        found = self._pieces.get((site, type_), self)
        if found is self:
            found = self._pieces[site, type_] = self._found(site, type_)
        return fresh(found)

    def _found(self, site: Path, type_: str) -> Any:
        node = self.root.at(site) or Node()
        for example in node.examples:
            if (not type_ or is_of_type(example, type_)) and accepts(node, example):
                return example
        drawn = [value for record in self.drawn() for value in _at(record, site)]
        fitting = [value for value in drawn if not type_ or is_of_type(value, type_)]
        return min(fitting, key=lambda value: len(json.dumps(value))) if fitting else _simplest(node, type_)

    def drawn(self) -> list[Any]:
        """Return some records that the strategy draws, the same every time."""
        if self._drawn is None:
            # Not by a test as below: what that draws depends a little on which modules are loaded.
            self._drawn = drawn(record(self.format, profile=self.profile), range(_SAMPLES), "grounds")
        return self._drawn


def _sample(strategy: st.SearchStrategy[T]) -> list[T]:
    """Return some values of a strategy, the same every time."""
    values: list[T] = []

    def collect_all() -> None:
        @_SAMPLE
        @given(strategy)
        def collect(value: T) -> None:
            values.append(value)

        collect()

    apart(collect_all)
    return values


@lru_cache(maxsize=128)
def grounds_of(format_: Format, profile: Profile) -> Grounds:
    """Return the valid values of a format in one profile, kept for the next time."""
    return Grounds(format_, profile)


def _at(value: Any, site: Path) -> list[Any]:
    """Return all that stands at a site of one value; an index stands for any item."""
    if not site:
        return [value]
    step, rest = site[0], site[1:]
    if step is INSIDE:
        return _at(json.loads(value), rest) if isinstance(value, str) else []
    if isinstance(step, int):
        return [found for item in value for found in _at(item, rest)] if isinstance(value, list) else []
    return _at(value[step], rest) if isinstance(value, dict) and step in value else []


def _simplest(node: Node, type_: str = "") -> Any:
    """Return the simplest value that a node allows, for where neither an example nor a draw has any."""
    if node.enum is not None:
        return next((value for value in node.enum if not type_ or is_of_type(value, type_)), node.enum[0])
    low = node.minimum if node.minimum is not None else min(0, node.maximum or 0)
    match type_ or (node.types[0] if node.types else "null"):
        case "object":
            return {key: _simplest(node.properties.get(key, Node())) for key in node.required}
        case "array":
            return [_simplest(node.items or Node()) for _ in range(node.min_items)]
        case "string" if node.content:
            return json.dumps(_simplest(node.content))
        case "string" if node.pattern is not None:
            return _matching(node.pattern)
        case "string":
            return "a"[: node.max_length]
        case "integer":
            return math.ceil(low)
        case "number":
            return low
        case "boolean":
            return False
    return None


@lru_cache(maxsize=256)
def _matching(pattern: str) -> str:
    """Return a short string that has a form."""
    strings = st.from_regex(compile_pattern(pattern), alphabet=st.characters(codec="utf-8"))
    return min(_sample(strings), key=lambda text: (len(text), text))
