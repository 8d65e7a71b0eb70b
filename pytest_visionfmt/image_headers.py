"""The headers of the four documented image types, read without Pillow where they are as plain as most are."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["ORIENTATION", "PNG", "READERS", "ImageFacts", "Unsure"]

PNG = b"\x89PNG\r\n\x1a\n"
"""How a PNG file begins."""
ORIENTATION = 0x0112
"""The EXIF tag of an image's orientation."""
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_JPEG_TABLES = frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image file is: its type as Pillow names it (``"JPEG"``), its size in pixels, its EXIF orientation.

    ``orientation`` is 1 where the file says nothing of it; 5 to 8 are those that turn the image on its side.
    """

    type: str
    width: int
    height: int
    orientation: int = 1


class Unsure(Exception):
    """A header is not of the plain kind: Pillow must say."""


def _png(b: bytes) -> ImageFacts:
    if not b.startswith(PNG + b"\0\0\0\rIHDR") or len(b) < 33:
        raise Unsure
    width, height = int.from_bytes(b[16:20], "big"), int.from_bytes(b[20:24], "big")
    sound = zlib.crc32(b[12:29]) == int.from_bytes(b[29:33], "big")
    if not (sound and width and height and b[24] in _PNG_DEPTHS.get(b[25], ()) and b[26:28] == b"\0\0" and b[28] < 2):
        raise Unsure
    at = 33
    while (name := b[at + 4 : at + 8]) != b"IDAT":
        if len(name) < 4 or name == b"eXIf":
            raise Unsure
        at += 12 + int.from_bytes(b[at : at + 4], "big")
    return ImageFacts("PNG", width, height)


def _jpeg(b: bytes) -> ImageFacts:
    at = 2
    width = height = 0
    orientation = 1
    while True:
        if b[at] != 0xFF:
            raise Unsure
        marker = b[at + 1]
        if marker == 0xDA and width and height:
            return ImageFacts("JPEG", width, height, orientation)
        length = b[at + 2] << 8 | b[at + 3]
        if marker in _JPEG_FRAMES and b[at + 4] == 8 and b[at + 9] in (1, 3, 4):
            height, width = b[at + 5] << 8 | b[at + 6], b[at + 7] << 8 | b[at + 8]
        elif marker not in _JPEG_TABLES or length < 2:
            raise Unsure
        elif marker == 0xE1 and b[at + 4 : at + 10] == b"Exif\0\0":
            if at + 2 + length > len(b):
                raise IndexError
            orientation = _tags(b[at + 10 : at + 2 + length]).get(ORIENTATION, 1)
            if not 1 <= orientation <= 8:
                raise Unsure
        at += 2 + length


def _bmp(b: bytes) -> ImageFacts:
    if len(b) < 54 or int.from_bytes(b[14:18], "little") not in (40, 108, 124):
        raise Unsure
    width = int.from_bytes(b[18:22], "little", signed=True)
    height = abs(int.from_bytes(b[22:26], "little", signed=True))
    depth, packing, colours = (int.from_bytes(b[i : i + n], "little") for i, n in ((28, 2), (30, 4), (46, 4)))
    if width <= 0 or not height or depth not in (1, 8, 24, 32) or packing or colours > 256:
        raise Unsure
    return ImageFacts("BMP", width, height)


def _tiff(b: bytes) -> ImageFacts:
    tags = _tags(b)
    # A TIFF that is to be turned is turned by Pillow itself, in newer versions.
    if tags.get(ORIENTATION, 1) != 1 or not tags.get(256) or not tags.get(257):
        raise Unsure
    return ImageFacts("TIFF", tags[256], tags[257])


def _tags(b: bytes) -> dict[int, int]:
    """Return the tags of a first image directory that hold one short or long integer."""
    order: Literal["little", "big"] = "little" if b[:2] == b"II" else "big"
    if b[:4] not in (b"II*\0", b"MM\0*"):
        raise Unsure
    at = int.from_bytes(b[4:8], order)
    end = at + 2 + 12 * int.from_bytes(b[at : at + 2], order)
    if at < 8 or end > len(b):
        raise Unsure
    tags = {}
    for entry in range(at + 2, end, 12):
        kind, count = int.from_bytes(b[entry + 2 : entry + 4], order), int.from_bytes(b[entry + 4 : entry + 8], order)
        if count == 1 and kind in (3, 4):
            tag = int.from_bytes(b[entry : entry + 2], order)
            tags[tag] = int.from_bytes(b[entry + 8 : entry + (10 if kind == 3 else 12)], order)
    return tags


READERS: dict[bytes, Callable[[bytes], ImageFacts]] = {
    b"\x89P": _png, b"\xff\xd8": _jpeg, b"BM": _bmp, b"II": _tiff, b"MM": _tiff,
}  # fmt: skip
"""By its first two bytes, what reads a header. It raises ``Unsure`` or ``IndexError`` where Pillow must say."""
