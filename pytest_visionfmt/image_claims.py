"""Making true what a record says of its image: the ending of the name, the size and the type."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.format import Format
from pytest_visionfmt.image_facts import ImageLimits, type_of
from pytest_visionfmt.images import documented_spellings
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.painting import plain_side
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["ending_of", "fit_claim", "put", "small_size"]

_SIDES = (1, 2, 7, 8, 9, 16, 31, 33, 48, 65, 100)


def small_size(format_: Format, first: int, second: int) -> tuple[int, int]:
    """Return a width and a height that two bytes tell, for an image that may be of any size; 0 is the simplest."""
    sides = _sides(format_)
    return sides[first % len(sides)], sides[second % len(sides)]


def _sides(format_: Format) -> tuple[int, ...]:
    """Return sides that images may have, the simplest first: as many as any format's, from its least on."""
    limits = format_.image_limits or ImageLimits()
    sides = (plain_side(format_), *(limits.min_side - 1 + side for side in _SIDES))
    return tuple(side for side in sides if limits.max_side is None or side <= limits.max_side) or (limits.min_side,)


def ending_of(format_: Format, claim: ImageClaim, byte: int, *, keep: bool = False) -> str:
    """Return an ending for the name of a record's image: the type that it says, where there is such a type.

    Else a byte tells which of those that the format has; with ``keep`` the one that the name has, if it will do.
    """
    if claim.type is not None and type_of(claim.type):
        return claim.type
    limits = format_.image_limits.endings if format_.image_limits else ()
    _, _, own = claim.url.rpartition(".")
    if keep and claim.type is None and type_of(own) in set(map(type_of, limits or documented_spellings())):
        return own
    node = nodes_of(format_, "documented").at(claim.type_at) if claim.type_at else None
    endings = tuple(map(str, node.enum)) if node and node.enum else limits or documented_spellings()
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
