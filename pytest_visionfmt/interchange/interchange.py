"""What a side of a conversion is: a frozen value made of functions, so that a new one is one constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.facets import FACETS
from pytest_visionfmt.findings import Finding

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["UNITS", "ConversionUnit", "Draw", "Interchange", "Tree"]

ConversionUnit: TypeAlias = Literal["record", "dataset", "folder"]
UNITS: tuple[ConversionUnit, ...] = ("record", "dataset", "folder")
"""What a converter takes at once: one value, the values of a whole dataset, or a folder of files."""

Tree: TypeAlias = Mapping[str, bytes]
"""The files of a folder, by their path below it."""


class Draw(Protocol):
    """Returns a strategy of sources."""

    def __call__(self, unit: ConversionUnit, *, whole: bool) -> SearchStrategy[Any]: ...


def _any(text: str) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Interchange:
    """A format as the source or the target of a conversion.

    * ``carries`` are the facets that the format can say; the others nobody can keep.
    * ``draw(unit, whole=)`` returns a strategy of what a converter is handed: one value, or a dataset. With
      ``whole``, for a target of pixels, all sizes are said and every box is at least a pixel.
    * ``read(value)`` says what such a value shows; it raises ``ValueError``, or ``InvalidRecord``.
    * ``check(value)`` returns the findings on it, and ``shape(value, unit)`` why it is of the wrong Python
      type, or an empty string.
    * ``reverse(value)`` is the same data in the opposite order; ``join(a, b)`` returns the second with its
      images in a folder of their own, and the data of the first and of that together.
    * ``relabel(value, names)`` renames classes. ``double(value)`` returns the value with its coordinates in
      whole pixels, and that with every coordinate and size doubled; None where there are no pixels.
    * ``write(value, folder)`` and ``load(tree)`` are the folder form, images beside.
    * ``edge_cases()`` are named values at the edge, and ``invalid(unit)`` pairs of one that is not valid, and why.
    * ``pixels`` says that coordinates are pixels rather than ratios, ``names_images`` that images are named,
      ``boxes`` that there are boxes rather than classes of the whole image, and ``single`` that an image has
      exactly one class.
    * ``can_write(text)`` says whether a class name can be written at all.
    """

    id: str
    title: str
    source: str
    carries: frozenset[str]
    draw: Draw
    read: Callable[[Any], list[AnnotatedImage]]
    check: Callable[[Any], tuple[Finding, ...]]
    shape: Callable[[Any, ConversionUnit], str]
    reverse: Callable[[Any], Any]
    join: Callable[[Any, Any], tuple[Any, Any]]
    relabel: Callable[[Any, Mapping[Any, Any]], Any]
    double: Callable[[Any], tuple[Any, Any] | None]
    write: Callable[[Any, Path], None]
    load: Callable[[Tree], Any]
    edge_cases: Callable[[], tuple[EdgeCase, ...]]
    invalid: Callable[[ConversionUnit], list[tuple[Any, str]]]
    pixels: bool = True
    names_images: bool = True
    boxes: bool = True
    single: bool = False
    can_write: Callable[[str], bool] = _any

    def __post_init__(self) -> None:
        if unknown := self.carries - FACETS:
            raise ValueError(f"{self.id!r} carries {sorted(unknown)[0]!r}; there are: {', '.join(sorted(FACETS))}")

    def __repr__(self) -> str:
        return f"<Interchange {self.id}>"
