"""What strategies of interchange formats share: names, sizes, classes and boxes, each decoded from a few bytes.

A zero is the simplest value everywhere, so that what is drawn shrinks towards it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

from hypothesis.errors import InvalidArgument

__all__ = ["CLASSES", "NAMES", "SIZES", "PixelBox", "check_counts", "classes", "doubled_box", "file_name", "pixel_box"]

# None sorts before "--bg--": there a service's own background class would be displaced.
CLASSES = (
    "a", "b", "cat", "traffic light", "Größe", "図形", "A", "Cat", "a/b", "it's", "x,y", "e\u0301", "é", "0", "007",
    "null", "None", "true", "<b>&amp;", "id: 1", "a\\b", "N/A", "person", "ﬁ", "🚗", "a.b", "--bg--2", "a_b", "a-b",
)  # fmt: skip
SIZES = (
    (100, 100), (640, 480), (3, 2), (200, 50), (1, 1), (480, 640), (1920, 1080), (37, 999), (2, 1), (4096, 3),
    (20000, 50), (1023, 769),
)  # fmt: skip
"""Width and height of images, in pixels."""
NAMES = (
    "{}.jpg", "sub/{}.jpg", "{}", "{}.b.c.png", "{} 1.jpg", "größe/{}.jpg", "{}.JPG", "图/{}.png", "deep/er/{}.jpeg",
    "({})+,1.bmp", "%20{}.jpg", "{}#1.png", "x.y/{}", "e\u0301{}.jpg", "{}'.tif", "Image_{}.PNG", "0{}.jpg",
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class PixelBox(NamedTuple):
    """Left, top, right and bottom edge in pixels, 0 being the edge of the image."""

    left: float
    top: float
    right: float
    bottom: float


def classes(count: int, first: int) -> list[str]:
    """Return between one and five classes, none of them twice."""
    count = 1 + (count % 5 if count > 127 else count % 2)
    return [CLASSES[(first + 7 * i) % len(CLASSES)] for i in range(count)]


def file_name(form: int, shared: int, number: int, taken: set[str]) -> str:
    """Return a path that is not taken; sometimes with the base name of an image in another folder."""
    letter = "a" if shared > 127 else _LETTERS[number % 26]
    name = NAMES[form % len(NAMES) if form > 63 else form % 2].format(letter)
    while name in taken:
        path = PurePosixPath(name)
        name = str(path.parent / "other" / path.name) if shared % 2 else f"o/{name}"
    taken.add(name)
    return name


def pixel_box(style: int, raw: bytes, width: int, height: int, *, sub_pixel: bool = True) -> PixelBox:
    """Return a box within an image: whole pixels, or two decimals; one pixel, less than one, at the frame."""
    left, right = _extent(style, raw[0] << 8 | raw[1], raw[2] << 8 | raw[3], width)
    top, bottom = _extent(style, raw[4] << 8 | raw[5], raw[6] << 8 | raw[7], height)
    if not sub_pixel and right - left < 1:
        left, right = 0, width
    if not sub_pixel and bottom - top < 1:
        top, bottom = 0, height
    return PixelBox(left, top, right, bottom)


def _extent(style: int, a: int, b: int, size: int) -> tuple[float, float]:
    if style >= 236:  # the whole extent
        return 0, size
    if style >= 216:  # one pixel
        low = a % size
        return low, low + 1
    if style >= 196:  # a quarter or a half of a pixel
        low = a % (4 * size)
        return low / 4, min(low + 1 + b % 2, 4 * size) / 4
    steps = 1 if style < 112 else 100
    low, high = a % (steps * size + 1), steps * size - b % (steps * size + 1)
    if low > high:
        low, high = high, low
    if low == high:
        low, high = (low, low + 1) if low < steps * size else (low - 1, low)
    if steps == 1:
        return low, high
    return low / 100, high / 100


def doubled_box(box: PixelBox, width: int, height: int) -> tuple[PixelBox, PixelBox]:
    """Return the box in whole pixels of the image, at least one each way, and that doubled."""
    left, right = _whole(box.left, box.right, width)
    top, bottom = _whole(box.top, box.bottom, height)
    return PixelBox(left, top, right, bottom), PixelBox(2 * left, 2 * top, 2 * right, 2 * bottom)


def _whole(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(max(0, int(low)), size - 1)
    return first, min(size, max(first + 1, round(high)))


def check_counts(min_images: int, max_images: int, min_objects: int, max_objects: int) -> None:
    """Raise ``InvalidArgument`` for bounds that contradict each other, naming both."""
    bounds = (
        ("min_images", min_images, "max_images", max_images),
        ("min_objects", min_objects, "max_objects", max_objects),
    )
    for low_name, low, high_name, high in bounds:
        if low < 0 or low > high:
            raise InvalidArgument(f"{low_name}={low} is negative, or larger than {high_name}={high}")
    if min_objects and not max_images:
        raise InvalidArgument(f"min_objects={min_objects} needs an image, and max_images={max_images}")
