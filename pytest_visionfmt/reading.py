"""A record or document to what it shows, the same whatever the format."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.checking import check_record
from pytest_visionfmt.findings import InvalidRecord
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named

__all__ = ["read"]


def read(value: Any, format: str | Format) -> list[AnnotatedImage]:
    """Return what a record or document shows, one ``AnnotatedImage`` for each image of it.

    * ``format`` is the id of a format, or a ``Format`` of your own with a ``read``.

    Boxes and polygons are ratios in [0, 1] of the image's width and height. What the record does not
    say is None: a response names no image. Raises ``InvalidRecord`` where the value cannot be read,
    with the findings that keep it from being a record of the format, and ``ValueError`` for an unknown
    format and for one that shows no annotations.
    """
    format_ = named(format)
    if format_.read is None:
        raise ValueError(f"a {format_.id} shows no annotations, so there is nothing to read")
    try:
        return format_.read(value)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidRecord(f"cannot be read as {format_.id}:", check_record(value, format_)) from error
