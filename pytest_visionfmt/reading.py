"""A record or document to what it shows, the same whatever the format."""

from __future__ import annotations

from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.findings import InvalidRecord
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named

__all__ = ["UNREADABLE", "images_in", "read"]

UNREADABLE = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What ``images_in`` may raise on what is no record of the format."""


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
        return images_in(value, format_)
    except UNREADABLE as error:
        from pytest_visionfmt.checking import check_record  # loads the validators, which reading does without

        raise InvalidRecord(f"cannot be read as {format_.id}:", check_record(value, format_)) from error


def images_in(value: Any, format_: Format) -> list[AnnotatedImage]:
    """Return what a record or document shows; raises any of ``UNREADABLE``, without a word on what is wrong."""
    if format_.read is None:
        raise ValueError(f"a {format_.id} shows no annotations")
    images = format_.read(value)
    for image in images:
        if not (image.name is None or isinstance(image.name, str)):
            raise TypeError("the name of an image is no text")
        if not all(isinstance(item.label, str | int) for item in image.objects):
            raise TypeError("a class is neither a text nor an integer")
    return images
