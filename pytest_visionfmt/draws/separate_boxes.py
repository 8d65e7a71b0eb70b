"""Drawing boxes that do not overlap, on the edges of an image's pixels: every object is seen whole.

An image is cut in two, and the parts again, until there is one part for each box; a box then leaves
some of its part free. Each cut is made where both sides have the pixels for the boxes to come.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any, TypeAlias

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_geometry import axes_of, respelling
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import Compiler, always
from pytest_visionfmt.value_decoders import Decoder, Drawing

__all__ = ["places", "separate_boxes"]

Rectangle: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_BYTES = 12  # of a place: how to cut (1), where (2), how many boxes to which side (1), four margins (2 each)


def separate_boxes(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A list of boxes on the pixels of an image whose size ``drawing.shared`` has."""
    box = node.items or Node()
    axes = axes_of(box)
    if len(axes) < 2:
        raise InvalidArgument("separate=True needs a schema that requires all four coordinates of a box")
    keys = [key for axis in axes for key in (axis.low, axis.high)]
    # Coordinates take no bytes of their own: they hold their places in the order of the keys.
    hooks = {**compiler.hooks, **{f"{site}[*].{key}": always(Decoder(0, lambda *_: 0.0)) for key in keys}}
    size, read_object = Compiler(hooks, compiler.counts).object(box, f"{site}[*]")
    styles, respell = respelling(box, axes)
    stride = size + styles + _BYTES
    fewest, most = compiler.bounds(node, site)
    (low_x, high_x, *x_range), (low_y, high_y, *y_range) = axes

    def read(b: bytes, at: int, drawing: Drawing) -> list[dict[str, Any]]:
        width, height = drawing.shared["size"]
        left, right = ceil(x_range[0] * width), floor(x_range[1] * width)
        top, bottom = ceil(y_range[0] * height), floor(y_range[1] * height)
        pixels = max(0, right - left) * max(0, bottom - top)
        if fewest > pixels:
            raise InvalidArgument(
                f"min_objects={fewest} is larger than the number of pixels, {pixels}, of an image of {width} x {height}"
            )
        length = drawing.source.randint(fewest, min(most, pixels))
        boxes: list[dict[str, Any]] = []

        def later(b: bytes, at: int) -> None:
            found = places((left, top, right, bottom), length, b, at + size + styles, stride)
            for i, (x0, y0, x1, y1) in enumerate(found):
                box = read_object(b, at + i * stride, drawing)
                box[low_x], box[low_y], box[high_x], box[high_y] = x0 / width, y0 / height, x1 / width, y1 / height
                if styles:
                    respell(box, b, at + i * stride + size)
                boxes.append(box)

        if length:
            drawing.pending.append((length * stride, later))
        return boxes

    return Decoder(0, read)


def places(area: Rectangle, number: int, b: bytes, at: int, stride: int) -> list[Rectangle]:
    """Return that many rectangles inside an area that has as many pixels; no two overlap.

    Rectangle ``i`` is decided by the 12 bytes from ``at + i * stride`` on; zeros fill the area.
    """
    found = [area] * number
    parts = [(area, 0, number)] if number else []
    while parts:
        part, first, count = parts.pop()
        if count == 1:
            found[first] = _with_margins(part, b, at + first * stride + 4)
            continue
        here = at + (first + count // 2) * stride
        one, other, share = _cut(part, count, b, here)
        if b[here] >= 128:  # the part further right or below comes first
            one, other, share = other, one, count - share
        parts += [(one, first, share), (other, first + share, count - share)]
    return found


def _cut(part: Rectangle, count: int, b: bytes, at: int) -> tuple[Rectangle, Rectangle, int]:
    """Return the two sides of a cut, and how many of the boxes are for the first."""
    left, top, right, bottom = part
    width, height = right - left, bottom - top
    upright = height == 1 or (width > 1 and b[at] & 64 == 0)
    length, across = (width, height) if upright else (height, width)
    # Zero cuts in the middle.
    cut = 1 + (length // 2 - 1 + ((b[at + 1] << 8 | b[at + 2]) * (length - 1) >> 16)) % (length - 1)
    least, most = max(1, count - (length - cut) * across), min(count - 1, cut * across)
    share = least + (b[at + 3] * (most - least + 1) >> 8)
    if upright:
        return (left, top, left + cut, bottom), (left + cut, top, right, bottom), share
    return (left, top, right, top + cut), (left, top + cut, right, bottom), share


def _with_margins(part: Rectangle, b: bytes, at: int) -> Rectangle:
    left, top, right, bottom = part
    left += _margin(right - left, b, at)
    right -= _margin(right - left, b, at + 2)
    top += _margin(bottom - top, b, at + 4)
    bottom -= _margin(bottom - top, b, at + 6)
    return left, top, right, bottom


def _margin(length: int, b: bytes, at: int) -> int:
    """Return less than the length, and nothing in one case of four."""
    return max(0, (b[at] << 8 | b[at + 1]) - 0x4000) * length // 0xC000
