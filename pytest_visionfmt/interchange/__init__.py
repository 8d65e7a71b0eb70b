"""The formats on the other side of a conversion, and any format as a side of one."""

from __future__ import annotations

from difflib import get_close_matches

from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import TABLE, UnknownFormat
from pytest_visionfmt.interchange.coco_side import COCO_SIDE
from pytest_visionfmt.interchange.interchange import Interchange
from pytest_visionfmt.interchange.of_records import side_of
from pytest_visionfmt.interchange.voc_side import PASCAL_VOC_SIDE

__all__ = ["INTERCHANGE", "Interchange", "side"]

INTERCHANGE: dict[str, Interchange] = {found.id: found for found in (COCO_SIDE, PASCAL_VOC_SIDE)}
"""The interchange formats by their id."""


def side(format: str | Format | Interchange) -> Interchange:
    """Return what a converter converts from or to: an interchange format, or a format of records or documents.

    Raises ``UnknownFormat`` (a ``ValueError``) for an id that is neither's.
    """
    if isinstance(format, Interchange):
        return format
    if isinstance(format, Format):
        return side_of(format)
    if found := INTERCHANGE.get(format):
        return found
    if format in TABLE:
        return side_of(TABLE[format])
    known = [*INTERCHANGE, *TABLE]
    near = get_close_matches(str(format), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownFormat(f"unknown format {format!r}.{hint} There are: {', '.join(known)}")
