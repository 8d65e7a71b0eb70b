"""Image files of a given size: what stands beside annotations in the folder form."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.findings import InvalidRecord

__all__ = ["images_of", "write_image"]

_TYPES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def write_image(path: Path, width: int | None, height: int | None) -> None:
    """Write a grey image of the type that the name says, PNG where it says none; one pixel without a size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_encoded(width or 1, height or 1, _TYPES.get(path.suffix.lower(), "PNG")))


@lru_cache(maxsize=32)
def _encoded(width: int, height: int, type_: str) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("L", (width, height), 128).save(stream, type_)
    return stream.getvalue()


def images_of(value: Any, read: Callable[[Any], list[AnnotatedImage]], example: Any) -> list[AnnotatedImage]:
    """Return the images that stand beside a value; those of the example it was made from, where it is not valid."""
    try:
        return read(value)
    except (ArithmeticError, AttributeError, InvalidRecord, LookupError, TypeError, ValueError):
        return read(example)
