"""What an edge case is: a named value that is valid, and that few people would think of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, value_at
from pytest_visionfmt.values import fresh

__all__ = ["EdgeCase", "EdgeFile", "holds", "same", "values_at"]


@dataclass(frozen=True, eq=False, repr=False)
class EdgeCase:
    """A valid record, or document, at the edge of what its format allows.

    ``str(case)`` is its ``id``, which is unique within the format and made to be a test's id. ``why`` says
    in a sentence what is at the edge. ``drawn`` says whether the format's strategy must be able to draw its
    like, and ``like(record)`` whether a record is one.
    """

    id: str
    why: str
    drawn: bool
    like: Callable[[Any], bool]
    _value: Any

    @property
    def value(self) -> Any:
        """The record, a fresh copy every time: a test may change it."""
        return fresh(self._value)

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"<EdgeCase {self.id}>"


@dataclass(frozen=True, eq=False, repr=False)
class EdgeFile:
    """A whole valid file, written in a way that few people would think of.

    ``str(case)`` is its ``id``, ``value`` its content as bytes, ``why`` says in a sentence what is at the
    edge. ``drawn`` says whether the strategy ``jsonl`` must be able to draw its like, and
    ``like(content)`` whether a file is one.
    """

    id: str
    why: str
    drawn: bool
    like: Callable[[bytes], bool]
    value: bytes

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"<EdgeFile {self.id}>"


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same to JSON, which tells 1, 1.0, true and "1" apart."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    return type(a) is type(b) and bool(a == b)


def values_at(value: Any, path: Path) -> list[Any]:
    """Return what stands at a path of a value, where an index stands for every item of a list."""
    found = [value]
    for step in path:
        if step is INSIDE:
            found = [held for text in found if (held := value_at(text, (INSIDE,))) is not MISSING]
        elif isinstance(step, int):
            found = [item for items in found if isinstance(items, list) for item in items]
        else:
            found = [item[step] for item in found if isinstance(item, dict) and step in item]
    return found


def holds(path: Path, wanted: Any) -> Callable[[Any], bool]:
    """Return the test whether a record holds exactly this value at a path, in any item of its lists."""
    return lambda record: any(same(found, wanted) for found in values_at(record, path))
