"""A record to the image that it speaks of, its objects painted where it says; and back from the pixels.

Every object has a colour of its own that tells its number. The background is black and every colour is
full in one channel at least: what a smooth resize mixes at an edge is darker, and no object's colour.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_visionfmt.annotations import AnnotatedObject, Polygon
from pytest_visionfmt.encoders import MODES, as_repr, banded_jpeg, check_size, encode, known_type, plain_image
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named
from pytest_visionfmt.image_facts import type_of
from pytest_visionfmt.reading import read

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_OBJECTS", "PaintedImage", "PixelBox", "image_for", "objects_in", "plain_side"]

MOST_OBJECTS = 250
"""How many objects have a colour; those after them are not painted."""
PixelBox: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are the first column and row outside."""

_SIDE = 64
_STEPS = 10
# Half of what lies between two colours, and more than a JPEG of ours is off.
_NEAR = 12


@dataclass(frozen=True, slots=True)
class PaintedImage:
    """The file of an image, and what is painted in it.

    ``type`` is what the bytes are, as Pillow names it. ``boxes`` has the pixels that each object of the record
    extends over, None for one that is not painted: a label of the whole image, a box that is none, any after
    the 250th. ``visible`` has the numbers of those of which no pixel is cut off or painted over.
    """

    content: bytes = field(repr=False)
    type: str
    width: int
    height: int
    boxes: tuple[PixelBox | None, ...] = ()
    visible: frozenset[int] = frozenset()

    _repr_pretty_ = as_repr


def image_for(
    record: Any, format: str | Format, *, size: tuple[int, int] | None = None, image_type: str = "png"
) -> PaintedImage:
    """Return the image that a record speaks of: its size, its type, and its objects where they are said to be.

    * ``format`` is the id of the record's format, or a ``Format`` of your own with a ``read``.
    * ``size`` is width and height in pixels where the record does not say them: 64 x 64 by default, or the least
      that the service takes.
    * ``image_type`` is the type where neither the record says it nor the ending of the image's name.

    Object ``i`` is painted in a colour that only it has, over those before it; ``objects_in`` reads back
    where it is, also after the image was cropped, flipped or resized. Raises ``InvalidRecord`` where the
    record cannot be read, and ``ValueError`` where it does not speak of exactly one image, or of one that is
    too large or of a type that Pillow does not know.
    """
    images = read(record, format)
    if len(images) != 1:
        raise ValueError(f"the record speaks of {len(images)} images, not of one")
    (shown,) = images
    ending = (shown.name or "").rpartition(".")[2]
    type_ = known_type(shown.type or (ending if type_of(ending) else image_type))
    across, down = size or (plain_side(named(format)),) * 2
    width = across if shown.width is None else shown.width
    height = down if shown.height is None else shown.height
    check_size(type_, width, height)
    objects = shown.objects[:MOST_OBJECTS]
    boxes = [_pixel_box(item, width, height) for item in objects]
    if not any(boxes):
        content = plain_image(type_, width, height, "L" if type_ in MODES else "RGB")
        return PaintedImage(content, type_, width, height, (None,) * len(shown.objects))
    if any(item.polygons for item in objects):
        image, seen = _outlines(objects, boxes, width, height)
        content = _saved(image, type_, len(objects))
    else:
        seen = _uncovered(boxes)
        content = _boxes(boxes, type_, width, height)
    whole = {i for i, item in enumerate(objects) if item.box and min(item.box) >= 0 and max(item.box) <= 1}
    painted = (*boxes, *([None] * (len(shown.objects) - len(boxes))))
    return PaintedImage(content, type_, width, height, painted, frozenset(seen & whole))


def plain_side(format_: Format) -> int:
    """Return the side of an image of a format where nothing says another."""
    return max(_SIDE, format_.image_limits.min_side) if format_.image_limits else _SIDE


_PALETTES = ("PNG", "BMP", "GIF")


def _pixel_box(item: AnnotatedObject, width: int, height: int) -> PixelBox | None:
    if item.box is None:
        return None
    left, top, right, bottom = item.box
    if not (left <= right and top <= bottom and left < 1 and top < 1 and right > 0 and bottom > 0):
        return None
    (x0, x1), (y0, y1) = _extent(left, right, width), _extent(top, bottom, height)
    return x0, y0, x1, y1


def _extent(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the nearest pixels' edges, one pixel apart at least."""
    first = min(max(int(low * size + 0.5), 0), size - 1)
    return first, min(max(int(high * size + 0.5), first + 1), size)


def _uncovered(boxes: list[PixelBox | None]) -> set[int]:
    seen = set()
    for i, box in enumerate(boxes):
        if box and not any(
            other and other[0] < box[2] and box[0] < other[2] and other[1] < box[3] and box[1] < other[3]
            for other in boxes[i + 1 :]
        ):
            seen.add(i)
    return seen


def _boxes(boxes: list[PixelBox | None], type_: str, width: int, height: int) -> bytes:
    if type_ == "JPEG":
        painted = [(box, colour) for box, colour in zip(boxes, _colours(), strict=False) if box]
        return banded_jpeg(width, height, [box for box, _ in painted], [colour for _, colour in painted])
    image = _canvas(width, height)
    for i, box in enumerate(boxes, 1):
        if box:
            image.paste(i, box)
    return _saved(image, type_, len(boxes))


def _outlines(
    objects: tuple[AnnotatedObject, ...], boxes: list[PixelBox | None], width: int, height: int
) -> tuple[Image, set[int]]:
    image = _canvas(width, height)
    sizes: dict[int, int] = {}
    for i, (item, box) in enumerate(zip(objects, boxes, strict=True)):
        if box is None:
            continue
        mask = _mask(item, box)
        image.paste(i + 1, box, mask)
        # Segments that lie over each other make holes, which may reach the very edge.
        if mask.getbbox() == (0, 0, *mask.size):
            sizes[i] = mask.width * mask.height - mask.histogram()[0]
    left = image.histogram()
    return image, {i for i, size in sizes.items() if left[i + 1] == size}


def _mask(item: AnnotatedObject, box: PixelBox) -> Image:
    """Return the pixels of an object within its box; of several segments, those within an odd number of them."""
    from PIL import Image, ImageChops, ImageDraw

    size = (box[2] - box[0], box[3] - box[1])
    if not item.polygons:
        return Image.new("1", size, 1)
    mask = None
    for segment in item.polygons:
        part = Image.new("1", size)
        ImageDraw.Draw(part).polygon(_points(segment, item, size), fill=1)
        mask = ImageChops.logical_xor(mask, part) if mask else part
    assert mask is not None
    return mask


def _points(segment: Polygon, item: AnnotatedObject, size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return a segment's points, stretched so that the outline's outermost ones lie in the box's outermost pixels."""
    assert item.box is not None
    left, top, right, bottom = item.box
    across = (size[0] - 1) / (right - left) if right > left else 0
    down = (size[1] - 1) / (bottom - top) if bottom > top else 0
    xs = [round((x - left) * across) for x in segment[0::2]]
    ys = [round((y - top) * down) for y in segment[1::2]]
    return list(zip(xs, ys, strict=True))


def _canvas(width: int, height: int) -> Image:
    from PIL import Image

    return Image.new("P", (width, height))


def _saved(image: Image, type_: str, count: int) -> bytes:
    # The fewer colours, the fewer bits of a pixel; but a BMP of black and white alone is read back wrongly.
    image.putpalette(_palette(MOST_OBJECTS if type_ == "BMP" else count))
    if type_ in _PALETTES:
        return encode(image, type_)
    options = {"compression": "packbits"} if type_ == "TIFF" else {}
    return encode(image.convert("RGB"), type_, **options)


# Colours.


@cache
def _colours() -> tuple[tuple[int, int, int], ...]:
    """Return the colours in the order of the objects, each as far as can be from those before it and from black."""
    levels = [round(255 * step / (_STEPS - 1)) for step in range(_STEPS)]
    rest = [(r, g, b) for r in levels for g in levels for b in levels if max(r, g, b) == 255]
    distances = {colour: sum(part * part for part in colour) for colour in rest}
    chosen = []
    for _ in range(MOST_OBJECTS):
        best = max(rest, key=distances.__getitem__)
        rest.remove(best)
        chosen.append(best)
        for colour in rest:
            distance = sum((a - b) ** 2 for a, b in zip(colour, best, strict=True))
            distances[colour] = min(distances[colour], distance)
    return tuple(chosen)


@cache
def _palette(count: int) -> bytes:
    return bytes([0, 0, 0, *(part for colour in _colours()[:count] for part in colour)])


def objects_in(image: bytes | str | PathLike[str] | Image, *, count: int = MOST_OBJECTS) -> dict[int, PixelBox]:
    """Return where the objects of an image by ``image_for`` are, by their numbers, told from its pixels.

    * ``image`` is the bytes of a file, a path, or a Pillow image.
    * ``count`` is how many objects the record has. Filters that overshoot, bicubic and Lanczos, make colours at
      the edges that are others' otherwise.

    A box has every pixel of the object's colour that can be seen; an object of which none can be seen is not in
    the result. Raises ``ValueError`` where ``count`` is not 0 to 250.
    """
    if not 0 <= count <= MOST_OBJECTS:
        raise ValueError(f"count={count} is not 0 to {MOST_OBJECTS}")
    from PIL import Image, ImageChops

    if isinstance(image, Image.Image):
        pixels = image.convert("RGB")
    else:
        with Image.open(io.BytesIO(image) if isinstance(image, bytes) else image) as opened:
            pixels = opened.convert("RGB")
    nearest = pixels.quantize(palette=_reference(count), dither=Image.Dither.NONE)
    off = ImageChops.difference(pixels, nearest.convert("RGB")).split()
    worst = ImageChops.lighter(ImageChops.lighter(off[0], off[1]), off[2])
    nearest.paste(0, mask=worst.point([0] * (_NEAR + 1) + [255] * (255 - _NEAR)))
    found = {}
    for index, pixels_of_it in enumerate(nearest.histogram()[1 : count + 1]):
        if pixels_of_it:
            box = nearest.point([255 if value == index + 1 else 0 for value in range(256)], "L").getbbox()
            assert box is not None
            found[index] = box
    return found


@cache
def _reference(count: int) -> Image:
    from PIL import Image

    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette(count))
    return palette
