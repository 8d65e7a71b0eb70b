"""What values of any kind show: images as they are, records of a format that is named or told by their keys.

It loads no validator: a failing test waits for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.facets import FACETS, facets_of, keys_of
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import TABLE, named
from pytest_visionfmt.reading import read

__all__ = ["CORNERS", "Shown", "corners_of", "format_of", "images_of", "shown"]

CORNERS = ("left", "top", "right", "bottom")
_AZURE_CORNERS = ("topX", "topY", "bottomX", "bottomY")
_LOOKED_AT = 100

Reading: TypeAlias = Callable[[Any, Format], list[AnnotatedImage]]


class Shown(NamedTuple):
    """What a value shows, which facets it can say, and the names of the edges of its boxes."""

    images: list[AnnotatedImage]
    facets: frozenset[str] = FACETS
    corners: tuple[str, ...] = CORNERS


def shown(value: Any, format: str | Format | None, name: str = "a value") -> Shown:
    """Return what a value shows: an ``AnnotatedImage``, a record or a document, or a list of images or records.

    Raises ``InvalidRecord`` for what cannot be read, ``ValueError`` where no format is given and none is known.
    """
    items = value if isinstance(value, list | tuple) else [value]
    if all(isinstance(item, AnnotatedImage) for item in items):
        return Shown(list(items))
    format_ = named(format) if format is not None else format_of(value)
    if format_ is None:
        raise ValueError(f"{name} shows no key of a known format; give the format")
    images = images_of(value, format_, read)
    return Shown(images, facets_of(format_) | _said(images), corners_of(format_))


def corners_of(format_: Format) -> tuple[str, ...]:
    """Return what a format calls the edges of a box."""
    return _AZURE_CORNERS if keys_of(format_).issuperset(_AZURE_CORNERS) else CORNERS


def images_of(
    value: Any, format_: Format, read_one: Callable[[Any, Format], list[AnnotatedImage]]
) -> list[AnnotatedImage]:
    """Return the images of a record or document, or of a list of records."""
    records = value if isinstance(value, list) and format_.unit == "jsonl" else [value]
    return [image for one in records for image in read_one(one, format_)]


def format_of(*values: Any) -> Format | None:
    """Return the format whose keys the values show best, of those that show annotations; None where none does.

    Valid or not is not asked.
    """
    best: tuple[int, Format | None] = (-1, None)
    for format_ in TABLE.values():
        if format_.read and all(any(format_.marks & item.keys() for item in _items(value)) for value in values):
            parts = [part for value in values for part in _parts(value, format_)]
            rank = -1 if (ranks := [format_.specific(part) for part in parts]) and min(ranks) < 0 else max(ranks)
            best = max(best, (rank, format_), key=lambda pair: pair[0])
    return best[1]


def _items(value: Any) -> Iterator[dict[Any, Any]]:
    for item in (value if isinstance(value, list) else [value])[:_LOOKED_AT]:
        if isinstance(item, dict):
            yield item


def _parts(value: Any, format_: Format) -> list[Any]:
    return list(_items(value)) if format_.unit == "jsonl" else [value]


def _said(images: list[AnnotatedImage]) -> frozenset[str]:
    """Return the facets that are said, whatever the format of one's own calls them."""
    objects = [item for image in images for item in image.objects]
    said = {
        "size": any(image.width is not None or image.height is not None for image in images),
        "format": any(image.type is not None for image in images),
        "folders": any(image.name is not None for image in images),
        "polygon": any(item.polygons for item in objects),
        "crowd": any(item.crowd is not None for item in objects),
        "difficult": any(item.difficult is not None for item in objects),
        "score": any(item.score is not None for item in objects),
    }
    return frozenset(facet for facet, is_said in said.items() if is_said) | {"empty-images"}
