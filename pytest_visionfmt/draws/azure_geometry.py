"""Drawing boxes and outlines: corners in order, an even number of coordinates, an area."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import Compiler, Decoder, Drawing, number_table

__all__ = ["box", "outline", "segment", "segments"]

_CORNERS = (("topX", "bottomX"), ("topY", "bottomY"))


def box(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A box whose corners are in order: two coordinates an axis, swapped where they are not."""
    properties = dict(node.properties)
    extents = []
    for low, high in _CORNERS:
        pair = [properties[key] for key in (low, high) if key in properties]
        if len(pair) < 2:
            continue
        least = max((n.minimum for n in pair if n.minimum is not None), default=0)
        most = min((n.maximum for n in pair if n.maximum is not None), default=max(1, least + 1))
        if least >= most:
            raise InvalidArgument(f"the schema leaves no room between {low} and {high}: {least} to {most}")
        spelt = [("string" in n.types, "boolean" in n.types) for n in pair]
        extents.append((low, high, least, most, spelt))
        for key in (low, high):
            properties[key] = replace(properties[key], types=("number",), pattern=None, minimum=least, maximum=most)
    size, read_object = compiler.object(replace(node, properties=properties), site)
    widened = any(any(pair) for *_, spelt in extents for pair in spelt)

    def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
        box: dict[str, Any] = read_object(b, at, drawing)
        for low, high, least, most, _ in extents:
            if box[low] > box[high]:
                box[low], box[high] = box[high], box[low]
            elif box[low] == box[high]:
                box[low], box[high] = float(least), float(most)
        if widened and b[at + size] > 160:
            _respell(box, extents, b[at + size + 1])
        return box

    return Decoder(size + 2 * widened, read)


def _respell(box: dict[str, Any], extents: list[Any], styles: int) -> None:
    """Write some coordinates as the strings and booleans that the reader passes through float()."""
    for low, high, _, _, spelt in extents:
        for key, (string, boolean) in zip((low, high), spelt, strict=True):
            style, styles = styles & 3, styles >> 2
            if style == 3 and boolean and box[key] in (0, 1):
                box[key] = bool(box[key])
            elif style and string:
                box[key] = f" {box[key]!r} " if style == 2 else repr(box[key])


def outline(compiler: Compiler, node: Node, site: str) -> Decoder:
    """An object whose outline has an area."""
    size, read_object = compiler.object(node, site)
    coordinate = node.at(("polygon", 0, 0)) or Node()
    low, high = _range(coordinate)

    def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
        item: dict[str, Any] = read_object(b, at, drawing)
        drawing.finish.append(lambda: _give_area(item["polygon"], low, high))
        return item

    return Decoder(size, read)


def _give_area(polygon: list[list[float]], low: float, high: float) -> None:
    left, top, right, bottom = bounds(polygon)
    if left == right or top == bottom:
        polygon[0][:6] = [low, low, high, low, high, high]


def _range(node: Node) -> tuple[float, float]:
    low = float(node.minimum if node.minimum is not None else 0)
    return low, float(node.maximum if node.maximum is not None else max(1.0, low + 1))


def segments(compiler: Compiler, node: Node, site: str) -> Decoder:
    """Mostly one segment, sometimes a few."""
    one = compiler.compile(node.items or Node(), f"{site}[*]")
    least = node.min_items

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        polygon: list[Any] = []
        length = max(1, least) + (b[at] - 192) // 32 + 1 if b[at] >= 192 else max(1, least)

        def later(b: bytes, at: int) -> None:
            polygon.extend(one.read(b, at + i * one.size, drawing) for i in range(length))

        drawing.pending.append((length * one.size, later))
        return polygon

    return Decoder(1, read)


def segment(compiler: Compiler, node: Node, site: str) -> Decoder:
    """An even number of coordinates, at least a triangle's; mostly few, sometimes over a hundred points."""
    table = number_table(*_range(node.items or Node()))
    least = max(3, ceil(node.min_items / 2))

    def read(b: bytes, at: int, drawing: Drawing) -> list[float]:
        segment: list[float] = []
        points = least + (b[at] % 24 if b[at] < 252 else 120)

        def later(b: bytes, at: int) -> None:
            segment.extend(table[b[i] << 8 | b[i + 1]] for i in range(at, at + 4 * points, 2))

        drawing.pending.append((4 * points, later))
        return segment

    return Decoder(1, read)
