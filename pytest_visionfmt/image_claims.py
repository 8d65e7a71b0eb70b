"""Making true what a record says of its image: the ending of the name, the size and the type."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.format import Format
from pytest_visionfmt.image_facts import type_of
from pytest_visionfmt.images import documented_spellings
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["ending_of", "fit_claim", "known_ending", "put", "small_size"]

# The first is the simplest.
_SIDES = (64, 1, 2, 7, 8, 9, 16, 31, 33, 48, 65, 100)


def small_size(first: int, second: int) -> tuple[int, int]:
    """Return a width and a height that two bytes tell, for an image that may be of any size."""
    return _SIDES[first % len(_SIDES)], _SIDES[second % len(_SIDES)]


def known_ending(url: str) -> str:
    """Return the ending of an image's name where it is that of a type of image, else nothing."""
    _, dot, ending = url.rpartition(".")
    return ending if dot and type_of(ending) else ""


def ending_of(format_: Format, claim: ImageClaim, byte: int) -> str:
    """Return an ending for the name of a record's image: the type that it says, where there is such a type.

    Where the format has no place for the type, it is the ending that the name has; else a byte tells which.
    """
    if claim.type is not None and type_of(claim.type):
        return claim.type
    if not claim.type_at and (own := known_ending(claim.url)):
        return own
    node = nodes_of(format_, "documented").at(claim.type_at) if claim.type_at else None
    endings = tuple(map(str, node.enum)) if node and node.enum else documented_spellings()
    return endings[byte % len(endings)]


def fit_claim(value: Any, claim: ImageClaim, sides: tuple[int, int], ending: str) -> None:
    """Make what a record says of its image's size and type true, in the spelling that it has."""
    for claimed, path, side in ((claim.width, claim.width_at, sides[0]), (claim.height, claim.height_at, sides[1])):
        if claimed is not None:
            was = value_at(value, path)
            put(value, path, was.replace(str(claimed), str(side)) if isinstance(was, str) else side)
    if claim.type is not None:
        put(value, claim.type_at, ending)


def put(value: Any, path: Path, new: Any) -> None:
    """Place something in a record."""
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new
