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
from pytest_visionfmt.image_headers import ORIENTATION, PNG, READERS, ImageFacts, Unsure
from pytest_visionfmt.locations import Why

__all__ = [
    "ImageFacts",
    "ImageLimits",
    "ImageProblem",
    "ProblemKind",
    "SeenImage",
    "facts_of",
    "facts_of_first",
    "type_of",
]

ProblemKind: TypeAlias = Literal["unreadable", "truncated"]

_HEAD = 4096
# Opening a pipe that nobody feeds would otherwise not return.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_PLAIN_PIXELS = 1 << 24
"""Up to this size no image is a bomb, so that Pillow need not be asked what it takes for one."""
_CHUNK_AROUND = 12
# Decoding these starts another program.
_NOT_DECODED = ("EPS",)
# What Pillow says, in one version or another, of a file that ends too soon.
_ENDS_EARLY = ("truncated", "unexpected end", "not enough", "eof")


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """Why a file is no image that can be decoded; ``facts`` is what its header says, where it has one.

    ``too_large`` says that Pillow refuses to decode so many pixels.
    """

    kind: ProblemKind
    message: str
    facts: ImageFacts | None = None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What images a service takes, where no record says so.

    ``endings`` are those of the names of files of the types that it takes, none where it takes any; each side has
    ``min_side`` to ``max_side`` pixels, and a file at most ``max_bytes``.
    """

    endings: tuple[str, ...] = ()
    min_side: int = 1
    max_side: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SeenImage:
    """What a record claims of its image's file, and what is there.

    ``lost`` and ``message`` say why no file was found, or none to decide for. Else ``facts`` is what its header
    says, None where it has none, and ``problem`` what keeps it from being decoded. Where the format has ``limits``,
    they are here too, and ``size`` is that of the file in bytes.
    """

    claim: ImageClaim
    lost: Why | None = None
    message: str = ""
    facts: ImageFacts | None = None
    problem: ImageProblem | None = None
    limits: ImageLimits | None = None
    size: int = 0


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


def facts_of_first(data: bytes) -> ImageFacts | ImageProblem:
    """Return what an image is of which only the first frame is wanted, in RGB; or what is wrong with it.

    That is how an endpoint takes an image. The pixels are decoded only where the structure of the file does
    not show that nothing is missing: a PNG whose chunks are whole up to its end, a JPEG that ends in its end
    marker. Never raises, and lets no warning out.
    """
    if _is_whole_png(data) or _is_whole_jpeg(data):
        return _headed(data, lambda: data)
    return _decoded(data, first=True)


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
    reader = READERS.get(head[:2])
    if reader:
        try:
            facts = reader(head)
            if facts.width * facts.height <= _PLAIN_PIXELS:
                return facts
        except (Unsure, IndexError):  # IndexError: the header is longer than the head
            pass
    data = whole()
    opened, facts_or_problem = _opened(data)
    if opened is not None:
        opened.close()
    return facts_or_problem


def _opened(data: bytes) -> tuple[Any, ImageFacts | ImageProblem]:
    from PIL import Image

    if not data:
        return None, ImageProblem("unreadable", "it is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as error:
        return None, ImageProblem("unreadable", str(error).rstrip("."), too_large=True)
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
        orientation = image.getexif().get(ORIENTATION, 1)
    except Exception:  # EXIF data of any shape
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _decoded(data: bytes, *, first: bool = False) -> ImageFacts | ImageProblem:
    from PIL import Image

    image, found = _opened(data)
    if isinstance(found, ImageProblem) or found.type in _NOT_DECODED:
        return found
    try:
        with warnings.catch_warnings(), image:
            warnings.simplefilter("ignore")
            if first:
                image.convert("RGB")
                return found
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                image.load()
            if found.type == "PNG":
                found = replace(found, orientation=_orientation(image, decoded=True))
    except Image.DecompressionBombError as error:
        return ImageProblem("unreadable", str(error).rstrip("."), found, too_large=True)
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
    if data.startswith(PNG):
        at = len(PNG)
        while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IEND":
            at += 12 + int.from_bytes(data[at : at + 4], "big")
        return at + 12 > len(data)
    if data.startswith(b"BM"):
        return len(data) < 14 or len(data) < int.from_bytes(data[2:6], "little")
    if data[:4] in (b"II*\0", b"MM\0*"):
        return len(data) < 8 or int.from_bytes(data[4:8], "little" if data[:2] == b"II" else "big") + 2 > len(data)
    return False


def _is_whole_png(data: bytes) -> bool:
    """Whether every chunk of a PNG is there and sound, from the first to the one that ends it."""
    if not data.startswith(PNG):
        return False
    view = memoryview(data)
    at = len(PNG)
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
    return data.startswith(b"\xff\xd8") and data.rstrip(b"\0 \t\r\n").endswith(b"\xff\xd9")
