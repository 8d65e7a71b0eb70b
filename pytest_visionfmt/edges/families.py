"""What a family says of its edge cases beyond its schemas: a value, one for each family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.edges.maker import Maker, Simplest

__all__ = ["Edges", "FileRecords"]

FileRecords: TypeAlias = tuple[str, str, list[Any]]
"""The name of a file, why it is at the edge, and its records."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What a family adds to the edge cases of one of its formats.

    * ``simplest`` maps a site to what is simplest there, where the schema alone does not lead to a valid
      record: corners of a box in order, an outline with an area.
    * ``settle(record)`` mends a record after a value was placed in it, where keys must agree.
    * ``cases(maker)`` yields the cases that people of the field know. One that an edited schema no
      longer allows is left out.
    * ``files(maker)`` yields (name, why, records) of files that people of the field know. Images that
      repeat are told apart afterwards, as the family's ``FileDraws`` do it.
    """

    simplest: Mapping[str, Simplest] = field(default_factory=dict)
    settle: Callable[[Any], None] | None = None
    cases: Callable[[Maker], Iterator[EdgeCase]] = lambda maker: iter(())
    files: Callable[[Maker], Iterator[FileRecords]] = lambda maker: iter(())
