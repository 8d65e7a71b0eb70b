"""What the bytes of an image file are: type, size, EXIF orientation, and whether they can be decoded.

Pillow says. For the headers of the four documented types there are readers of our own beside it, which
are several times as fast: they answer where a header is as plain as most are, and ask Pillow where it
is not.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from os import PathLike
from typing import Any, Literal, TypeAlias

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.locations import Why

__all__ = ["ImageFacts", "ImageProblem", "ProblemKind", "SeenImage", "facts_of", "type_of"]

ProblemKind: TypeAlias = Literal["unreadable", "truncated"]

_HEAD = 4096
# Opening a pipe that nobody feeds would otherwise not return.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_ORIENTATION = 0x0112
_PLAIN_PIXELS = 1 << 24
"""Up to this size no image is a bomb, so that Pillow need not be asked what it takes for one."""
# Decoding these starts another program.
_NOT_DECODED = ("EPS",)
# What Pillow says, in one version or another, of a file that ends too soon.
_ENDS_EARLY = ("truncated", "unexpected end", "not enough", "eof")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image file is: its type as Pillow names it (``"JPEG"``), its size in pixels, its EXIF orientation.

    ``orientation`` is 1 where the file says nothing of it; 5 to 8 are those that turn the image on its side.
    """

    type: str
    width: int
    height: int
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """Why a file is no image that can be decoded; ``facts`` is what its header says, where it has one."""

    kind: ProblemKind
    message: str
    facts: ImageFacts | None = None


@dataclass(frozen=True, slots=True)
class SeenImage:
    """What a record claims of its image's file, and what is there.

    ``lost`` and ``message`` say why no file was found, or none to decide for. Else ``facts`` is what its header
    says, None where it has none, and ``problem`` what keeps it from being decoded.
    """

    claim: ImageClaim
    lost: Why | None = None
    message: str = ""
    facts: ImageFacts | None = None
    problem: ImageProblem | None = None


class _Unsure(Exception):
    """A header is not of the plain kind: Pillow must say."""


def facts_of(source: bytes | str | PathLike[str], *, full: bool = False) -> ImageFacts | ImageProblem:
    """Return what an image is, given its bytes or its path; or what is wrong with it.

    Without ``full`` the header alone is read; with it every pixel of every frame is decoded, which is
    the only way to notice that a file is cut short or damaged. Never raises on bad data.
    """
    if isinstance(source, bytes):
        return _decoded(source) if full else _headed(source, lambda: source)
    try:
        file = os.open(source, _READ_ONLY)
        try:
            if full:
                return _decoded(_rest(file))
            head = os.read(file, _HEAD)
            return _headed(head, lambda: head if len(head) < _HEAD else head + _rest(file))
        finally:
            os.close(file)
    except (OSError, ValueError) as error:
        return ImageProblem("unreadable", f"it cannot be read: {getattr(error, 'strerror', None) or error}")


def _rest(file: int) -> bytes:
    if not stat.S_ISREG(os.fstat(file).st_mode):  # a device may have no end
        raise OSError("it is not a regular file")
    with open(file, "rb", closefd=False) as stream:
        return stream.read()


@cache
def _types() -> dict[str, str]:
    from PIL import Image

    return Image.registered_extensions()


def type_of(spelling: str) -> str | None:
    """Return Pillow's name of the type that a spelling means, ``"jpe"`` or ``"JPEG"``; None for no image type."""
    found = _types().get(f".{spelling.lower()}")
    return "JPEG" if found == "MPO" else found


# With Pillow.


def _headed(head: bytes, whole: Callable[[], bytes]) -> ImageFacts | ImageProblem:
    """Return what a header says, by the reader of its type or else by Pillow, who gets the whole file."""
    reader = _READERS.get(head[:2])
    if reader:
        try:
            facts = reader(head)
            if facts.width * facts.height <= _PLAIN_PIXELS:
                return facts
        except (_Unsure, IndexError):  # IndexError: the header is longer than the head
            pass
    data = whole()
    opened, facts_or_problem = _opened(data)
    if opened is not None:
        opened.close()
    return facts_or_problem


def _opened(data: bytes) -> tuple[Any, ImageFacts | ImageProblem]:
    from PIL import Image

    if not data:
        return None, ImageProblem("unreadable", "the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as error:
        return None, ImageProblem("unreadable", str(error).rstrip("."))
    except Exception as error:  # damaged headers make Pillow raise whatever its parsers stumble over
        if _lacks_end(data):
            return None, ImageProblem("truncated", "the file ends within its header")
        why = (
            "Pillow does not know it for an image" if isinstance(error, OSError) else f"its header is damaged: {error}"
        )
        return None, ImageProblem("unreadable", why)
    # A JPEG with a second picture in it, of a stereo camera or a phone, is a JPEG to everybody else.
    type_ = "JPEG" if image.format == "MPO" else str(image.format)
    return image, ImageFacts(type_, *image.size, _orientation(image))


def _orientation(image: Any, *, decoded: bool = False) -> int:
    # To look for the EXIF data of a PNG behind its pixels, Pillow decodes them.
    if image.format == "PNG" and "exif" not in image.info and not decoded:
        return 1
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF data of any shape
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _decoded(data: bytes) -> ImageFacts | ImageProblem:
    image, found = _opened(data)
    if isinstance(found, ImageProblem) or found.type in _NOT_DECODED:
        return found
    try:
        with warnings.catch_warnings(), image:
            warnings.simplefilter("ignore")
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                image.load()
            if found.type == "PNG":
                found = replace(found, orientation=_orientation(image, decoded=True))
    except Exception as error:  # as above
        said = str(error) or type(error).__name__
        early = _lacks_end(data) or any(words in said.lower() for words in _ENDS_EARLY)
        if early:
            return ImageProblem("truncated", "the file ends before its image is complete", found)
        return ImageProblem("unreadable", f"its pixels cannot be decoded: {said}", found)
    return found


def _lacks_end(data: bytes) -> bool:
    """Whether a file of a type that says where it ends is shorter than that."""
    if data.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" not in data[-1024:]
    if data.startswith(_PNG):
        at = len(_PNG)
        while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IEND":
            at += 12 + int.from_bytes(data[at : at + 4], "big")
        return at + 12 > len(data)
    if data.startswith(b"BM"):
        return len(data) < 14 or len(data) < int.from_bytes(data[2:6], "little")
    if data[:4] in (b"II*\0", b"MM\0*"):
        return len(data) < 8 or int.from_bytes(data[4:8], "little" if data[:2] == b"II" else "big") + 2 > len(data)
    return False


# The plain headers.

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_JPEG_TABLES = frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})


def _png(b: bytes) -> ImageFacts:
    if not b.startswith(_PNG + b"\0\0\0\rIHDR") or len(b) < 33:
        raise _Unsure
    width, height = int.from_bytes(b[16:20], "big"), int.from_bytes(b[20:24], "big")
    sound = zlib.crc32(b[12:29]) == int.from_bytes(b[29:33], "big")
    if not (sound and width and height and b[24] in _PNG_DEPTHS.get(b[25], ()) and b[26:28] == b"\0\0" and b[28] < 2):
        raise _Unsure
    at = 33
    while (name := b[at + 4 : at + 8]) != b"IDAT":
        if len(name) < 4 or name == b"eXIf":
            raise _Unsure
        at += 12 + int.from_bytes(b[at : at + 4], "big")
    return ImageFacts("PNG", width, height)


def _jpeg(b: bytes) -> ImageFacts:
    at = 2
    width = height = 0
    orientation = 1
    while True:
        if b[at] != 0xFF:
            raise _Unsure
        marker = b[at + 1]
        if marker == 0xDA and width and height:
            return ImageFacts("JPEG", width, height, orientation)
        length = b[at + 2] << 8 | b[at + 3]
        if marker in _JPEG_FRAMES and b[at + 4] == 8 and b[at + 9] in (1, 3, 4):
            height, width = b[at + 5] << 8 | b[at + 6], b[at + 7] << 8 | b[at + 8]
        elif marker not in _JPEG_TABLES or length < 2:
            raise _Unsure
        elif marker == 0xE1 and b[at + 4 : at + 10] == b"Exif\0\0":
            if at + 2 + length > len(b):
                raise IndexError
            orientation = _tags(b[at + 10 : at + 2 + length]).get(_ORIENTATION, 1)
            if not 1 <= orientation <= 8:
                raise _Unsure
        at += 2 + length


def _bmp(b: bytes) -> ImageFacts:
    if len(b) < 54 or int.from_bytes(b[14:18], "little") not in (40, 108, 124):
        raise _Unsure
    width = int.from_bytes(b[18:22], "little", signed=True)
    height = abs(int.from_bytes(b[22:26], "little", signed=True))
    depth, packing, colours = (int.from_bytes(b[i : i + n], "little") for i, n in ((28, 2), (30, 4), (46, 4)))
    if width <= 0 or not height or depth not in (1, 8, 24, 32) or packing or colours > 256:
        raise _Unsure
    return ImageFacts("BMP", width, height)


def _tiff(b: bytes) -> ImageFacts:
    tags = _tags(b)
    # A TIFF that is to be turned is turned by Pillow itself, in newer versions.
    if tags.get(_ORIENTATION, 1) != 1 or not tags.get(256) or not tags.get(257):
        raise _Unsure
    return ImageFacts("TIFF", tags[256], tags[257])


def _tags(b: bytes) -> dict[int, int]:
    """Return the tags of a first image directory that hold one short or long integer."""
    order: Literal["little", "big"] = "little" if b[:2] == b"II" else "big"
    if b[:4] not in (b"II*\0", b"MM\0*"):
        raise _Unsure
    at = int.from_bytes(b[4:8], order)
    end = at + 2 + 12 * int.from_bytes(b[at : at + 2], order)
    if at < 8 or end > len(b):
        raise _Unsure
    tags = {}
    for entry in range(at + 2, end, 12):
        kind, count = int.from_bytes(b[entry + 2 : entry + 4], order), int.from_bytes(b[entry + 4 : entry + 8], order)
        if count == 1 and kind in (3, 4):
            tag = int.from_bytes(b[entry : entry + 2], order)
            tags[tag] = int.from_bytes(b[entry + 8 : entry + (10 if kind == 3 else 12)], order)
    return tags


_READERS: dict[bytes, Callable[[bytes], ImageFacts]] = {
    b"\x89P": _png, b"\xff\xd8": _jpeg, b"BM": _bmp, b"II": _tiff, b"MM": _tiff,
}  # fmt: skip
