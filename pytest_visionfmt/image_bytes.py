"""What the bytes of an image are: type and size in pixels, or why they are no image. Pillow judges."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from enum import Enum
from io import BytesIO

__all__ = ["Fault", "ImageFacts", "look_at"]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_CHUNK_AROUND = 12
# To load them, Pillow starts another program.
_NEVER_LOADED = frozenset({"EPS"})


class Fault(Enum):
    """Why bytes are no image that can be used."""

    UNIDENTIFIED = "unidentified"
    TOO_LARGE = "too large"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the bytes are: Pillow's name of the type, width and height; ``fault`` where they are no image.

    What cannot be told is None or 0. ``why`` is the fault in words.
    """

    type: str | None = None
    width: int = 0
    height: int = 0
    fault: Fault | None = None
    why: str = ""


def look_at(data: bytes) -> ImageFacts:
    """Return what the bytes of an image are. Never raises, and lets no warning out.

    The header says type and size. The pixels are decoded only where the structure of the file does
    not show that nothing is missing: a PNG whose chunks are whole up to its end, a JPEG that ends in
    its end marker.
    """
    from PIL import Image

    if not data:
        return ImageFacts(fault=Fault.UNIDENTIFIED, why="no bytes at all")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(BytesIO(data))
        except Image.DecompressionBombError as error:
            return ImageFacts(fault=Fault.TOO_LARGE, why=_words(error))
        except Exception:  # a plugin of Pillow may raise anything on bytes that are not its own
            begin = data[:8].hex(" ")
            return ImageFacts(fault=Fault.UNIDENTIFIED, why=f"{len(data)} bytes, beginning {begin}, of no known type")
        with image:
            facts = ImageFacts(image.format, image.width, image.height)
            if image.format in _NEVER_LOADED or _is_whole_png(data) or _is_whole_jpeg(data):
                return facts
            try:
                image.convert("RGB")
            except Image.DecompressionBombError as error:
                return ImageFacts(*_shape(facts), Fault.TOO_LARGE, _words(error))
            except Exception as error:
                return ImageFacts(*_shape(facts), Fault.BROKEN, _words(error))
    return facts


def _shape(facts: ImageFacts) -> tuple[str | None, int, int]:
    return facts.type, facts.width, facts.height


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _is_whole_png(data: bytes) -> bool:
    """Whether every chunk of a PNG is there and sound, from the first to the one that ends it."""
    if not data.startswith(_PNG):
        return False
    view = memoryview(data)
    at = len(_PNG)
    seen = set()
    while at + _CHUNK_AROUND <= len(data):
        end = at + 8 + int.from_bytes(view[at : at + 4])
        if end + 4 > len(data) or zlib.crc32(view[at + 4 : end]) != int.from_bytes(view[end : end + 4]):
            return False
        seen.add(kind := bytes(view[at + 4 : at + 8]))
        if kind == b"IEND":
            return b"IDAT" in seen
        at = end + 4
    return False


def _is_whole_jpeg(data: bytes) -> bool:
    # Some cameras and editors fill up with zeros after the end.
    return data.startswith(_JPEG) and data.rstrip(b"\0 \t\r\n").endswith(_JPEG_END)
