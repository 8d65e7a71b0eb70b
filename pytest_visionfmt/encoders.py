"""Pixels to the bytes of image files, with Pillow; plain pictures are encoded once and kept.

Two things Pillow does not do are done here: PNG in the seven passes of Adam7, and JPEG of pictures whose
rows repeat, of which every band of eight rows is encoded once.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pytest_visionfmt.image_facts import type_of

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "INTERLACED",
    "MODES",
    "Recipe",
    "as_repr",
    "banded_jpeg",
    "check_size",
    "encode",
    "encoded",
    "known_type",
    "plain_image",
    "with_size",
]

MODES: dict[str, tuple[str, ...]] = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "L", "P", "1", "RGBA", "I;16"),
    "BMP": ("RGB", "L", "P", "1"),
    "TIFF": ("RGB", "L", "P", "1", "RGBA", "CMYK", "I;16"),
}
"""The modes in which a type is written and read back as they are; any other type is written as RGB."""
INTERLACED = {"L": (0, 1), "RGB": (2, 3), "P": (3, 1), "RGBA": (6, 4)}
"""Mode: colour type of PNG, and bytes of a pixel."""
_MOST_PIXELS = 1 << 26
_LONGEST_SIDE = {"JPEG": 65500}
_ORIENTATION = 0x0112
_BAND = 8
_SMALL = 1 << 14
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
# Nothing lost but rounding, and no colour shared between neighbours.
_FINEST: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {"compress_level": 1},
    "WEBP": {"lossless": True, "quality": 0},
}


def as_repr(value: object, printer: Any, cycle: bool) -> None:
    """Print a value to Hypothesis as its ``repr``, which leaves out the bytes of its image."""
    printer.text(repr(value))


def known_type(spelling: str) -> str:
    """Return Pillow's name of the image type that a spelling means. Raises ``ValueError`` where there is none."""
    if (type_ := type_of(spelling)) is None:
        raise ValueError(f"{spelling!r} is no image type that Pillow knows by that name")
    return type_


def check_size(type_: str, width: int, height: int) -> None:
    """Raise ``ValueError`` where an image of that size cannot be of that type, or is too large to make."""
    if width < 1 or height < 1:
        raise ValueError(f"an image of {width} x {height} pixels has none")
    longest = _LONGEST_SIDE.get(type_, _MOST_PIXELS)
    if max(width, height) > longest:
        raise ValueError(f"{width} x {height}: a side of a {type_} image is at most {longest} pixels long")
    if width * height > _MOST_PIXELS:
        raise ValueError(f"{width} x {height} is over {_MOST_PIXELS} pixels, more than is drawn")


def encode(image: Image, type_: str, **options: Any) -> bytes:
    """Return an image as the bytes of a file, as finely as its type can hold it."""
    out = io.BytesIO()
    image.save(out, type_, **{**_FINEST.get(type_, {}), **options})
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image file is to be: ``tile`` is 4 x 4 pixels of RGB that are stretched over it."""

    type: str
    mode: str
    width: int
    height: int
    tile: bytes = bytes(48)
    orientation: int = 1
    progressive: bool = False
    interlaced: bool = False
    pages: int = 1


@lru_cache(maxsize=256)
def encoded(recipe: Recipe) -> bytes:
    """Return the file that a recipe makes; the same object when asked again."""
    from PIL import Image

    check_size(recipe.type, recipe.width, recipe.height)
    if any(recipe.tile):
        tile = Image.frombytes("RGB", (4, 4), recipe.tile)
        picture = tile.resize((recipe.width, recipe.height), Image.Resampling.NEAREST)
    else:
        picture = Image.new("RGB", (recipe.width, recipe.height))
    image = _in_mode(picture, recipe.mode)
    options: dict[str, Any] = {}
    if recipe.orientation != 1:
        exif = Image.Exif()
        exif[_ORIENTATION] = recipe.orientation
        options["exif"] = exif.tobytes()
    if recipe.progressive:
        options["progressive"] = True
    if recipe.interlaced:
        return _interlaced(image, options.get("exif", b""))
    if recipe.pages > 1:
        options.update(save_all=True, append_images=[image] * (recipe.pages - 1))
    return encode(image, recipe.type, **options)


@lru_cache(maxsize=256)
def plain_image(type_: str, width: int, height: int, mode: str = "RGB") -> bytes:
    """Return a black image of a type and size, encoded once."""
    return encoded(Recipe(type_, mode, width, height))


def _in_mode(picture: Image, mode: str) -> Image:
    if mode == "RGB":
        return picture
    if mode == "I;16":
        return picture.convert("L").convert("I").convert("I;16")
    return picture.convert(mode)


def with_size(png: bytes, width: int, height: int) -> bytes:
    """Return a PNG whose header claims another size than its pixels have."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


# PNG in seven passes: (first column, first row, step of columns, step of rows).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def _interlaced(image: Image, exif: bytes) -> bytes:
    colour, size = INTERLACED[image.mode]
    width, height = image.size
    pixels = image.tobytes()
    raw = bytearray()
    for left, top, across, down in _ADAM7:
        columns = range(left, width, across)
        for y in range(top, height, down) if columns else ():
            row = pixels[y * width * size : (y + 1) * width * size]
            thinned = bytearray(len(columns) * size)
            for part in range(size):
                thinned[part::size] = row[left * size + part :: across * size]
            raw += b"\0" + thinned
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 1))]
    if image.mode == "P":
        chunks.append((b"PLTE", bytes(image.getpalette() or ())))
    if exif:
        chunks.append((b"eXIf", exif.removeprefix(b"Exif\0\0")))
    chunks += [(b"IDAT", zlib.compress(bytes(raw), 1)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(b)) + a + b + struct.pack(">I", zlib.crc32(a + b)) for a, b in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def banded_jpeg(
    width: int, height: int, boxes: Sequence[tuple[int, int, int, int]], colours: Sequence[tuple[int, int, int]]
) -> bytes:
    """Return a JPEG of boxes of one colour each, painted in order on black.

    Between two edges all bands of eight rows are the same. So one band of each kind is painted and
    encoded, each as a restart interval of its own, and the intervals are repeated where their bands stand.
    A small picture is painted and encoded as it is.
    """
    from PIL import Image

    if width * height <= _SMALL:
        whole = Image.new("RGB", (width, height))
        for box, colour in zip(boxes, colours, strict=True):
            whole.paste(colour, box)
        return encode(whole, "JPEG")
    count = (height + _BAND - 1) // _BAND
    # What reaches the bottom goes on below it, as the encoder has it with the part of a band that is not shown.
    boxes = [(*box[:3], box[3] if box[3] < height else count * _BAND) for box in boxes]
    edges = sorted({edge for _, top, _, bottom in boxes for edge in (top, bottom)})
    cut = {edge // _BAND for edge in edges if edge % _BAND}
    kinds: dict[tuple[bool, int], int] = {}
    bands = []
    for band in range(count):
        kind = (True, band) if band in cut else (False, bisect_right(edges, band * _BAND))
        bands.append(kinds.setdefault(kind, len(kinds)))
    bands.append(len(kinds))  # below the last
    image = Image.new("RGB", (width, len(kinds) * _BAND))
    for (left, top, right, bottom), colour in zip(boxes, colours, strict=True):
        first, last = (bands[edge // _BAND] * _BAND + edge % _BAND for edge in (top, bottom))
        image.paste(colour, (left, first, right, last))
    reduced = encode(image, "JPEG", restart_marker_rows=1)
    frame, scan = _frame_and_scan(reduced)
    intervals = _RESTART.split(reduced[scan:-2])
    parts = [reduced[: frame + 5], height.to_bytes(2, "big"), reduced[frame + 7 : scan]]
    for number, kind_ in enumerate(bands[:-1]):
        parts += [b"\xff", bytes((0xD0 + (number - 1) % 8,))] if number else []
        parts.append(intervals[kind_])
    return b"".join([*parts, b"\xff\xd9"])


def _frame_and_scan(jpeg: bytes) -> tuple[int, int]:
    """Return where the frame header begins, and where the coded pixels do."""
    at, frame = 2, 0
    while True:
        marker, length = jpeg[at + 1], jpeg[at + 2] << 8 | jpeg[at + 3]
        if marker == 0xC0:
            frame = at
        at += 2 + length
        if marker == 0xDA:
            return frame, at
