"""Drawing the explanations in Azure responses: small real images in base64, and scores of pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from pytest_visionfmt.encoders import Recipe, encoded
from pytest_visionfmt.formats.azure_asked import Asked
from pytest_visionfmt.formats.azure_responses_xai_rules import EXPLANATIONS
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import Compiler, Hook, always
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, in_blocks, number_table

__all__ = ["agreed_size", "explained", "visualizations", "which_explained"]

_MORE_PIXELS = 7
_SPARE = 1024  # of so many bytes per response are attributions drawn; beyond, they repeat
_ROWS_DRAWN = 8
_ABSENT, _PRESENT, _NULL = "absent", "present", "null"
_SIZES = ((1, 1), (2, 2), (3, 2), (8, 8), (17, 16))
_TILE = bytes(range(0, 240, 5))
_NOTHING = choice((None,))


class _Maker(NamedTuple):
    """``make(bytes, at, size)`` makes one explanation of ``bytes_of(size)`` bytes."""

    bytes_of: Callable[[int], int]
    make: Callable[[bytes, int, int], Any]


def which_explained(item: Node) -> Decoder:
    """Decode which explanations the items of a response have: a request asks for those of all images.

    Where it is known what is asked for, these are there, and of others at most null.
    """
    tables: list[tuple[str, dict[bool | None, tuple[str, ...]]]] = []
    for key in EXPLANATIONS:
        if key in item.properties:
            states = _states(item, key)
            unasked = [state for state in states if state != _PRESENT] or states
            tables.append((key, {None: in_blocks(states), True: (_PRESENT,) * 256, False: in_blocks(unasked)}))

    def read(b: bytes, at: int, drawing: Drawing) -> dict[str, str]:
        asked: Asked | None = drawing.shared.get("asked")
        return {key: table[asked.wants(key) if asked else None][b[at + i]] for i, (key, table) in enumerate(tables)}

    return Decoder(len(tables), read)


def _states(item: Node, key: str) -> list[str]:
    node = item.properties[key]
    # In the list of one for each class, null stands for each; else for the only one.
    nullable = node.items is not None and "null" in node.items.types if _of_classes(item) else "null" in node.types
    return [*[_ABSENT] * (key not in item.required), _PRESENT, _PRESENT, *[_NULL] * nullable]


def _of_classes(item: Node) -> bool:
    """Whether an item explains several classes: a list of images, not one."""
    return "array" in item.properties.get("visualizations", Node()).types


def _attribution(item: Node) -> Node:
    node = item.properties.get("attributions", Node())
    return node.items or Node() if _of_classes(item) else node


def agreed_size(item: Node, asked: int | None) -> Decoder:
    """Decode how many rows and columns all attributions of a response have."""
    if asked is not None:
        return Decoder(0, lambda b, at, drawing: asked)
    sides = [_attribution(item).at((0,)) or Node(), _attribution(item).at((0, 0)) or Node()]
    least = max(1, *(node.min_items for node in sides))
    most = min(n for n in (least + _MORE_PIXELS, *(node.max_items for node in sides)) if n is not None)
    return choice(range(least, most + 1))


def explained(of_classes: bool, most_images: int) -> Hook:
    """An item with its explanations: of the image, or of each class that scores above the threshold."""
    spare = _SPARE // max(1, most_images)

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        makers = {
            key: maker
            for key, maker in (("visualizations", _of_image()), ("attributions", _of_pixels(_attribution(node))))
            if key in node.properties
        }
        whole = replace(node, required=(*node.required, *(key for key in makers if key not in node.required)))
        hooks = {**compiler.hooks, **{f"{site}.{key}": always(_NOTHING) for key in makers}}
        size, read_object = Compiler(hooks, compiler.counts).object(whole, site)

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            item: dict[str, Any] = read_object(b, at, drawing)
            # When the scores are there, and so is how many classes are explained.
            drawing.pending.append((0, lambda b, at: explain(item, drawing)))
            return item

        def explain(item: dict[str, Any], drawing: Drawing) -> None:
            count = sum(prob > drawing.shared["threshold"] for prob in item["probs"]) if of_classes else 1
            for key, maker in makers.items():
                state = drawing.shared["explained"][key]
                if state == _ABSENT:
                    del item[key]
                elif state == _NULL and count:
                    item[key] = [None] * count if of_classes else None
                elif count:
                    _make(item, key, count if of_classes else None, maker, spare, drawing)
                elif "null" in node.properties[key].types:
                    drawing.pending.append((1, _none_of(item, key)))
                else:
                    item[key] = []

        return Decoder(size, read)

    return hook


def _none_of(item: dict[str, Any], key: str) -> Callable[[bytes, int], None]:
    """Write that no class is explained, mostly as the service does."""

    def fill(b: bytes, at: int) -> None:
        item[key] = [] if b[at] >= 192 else None

    return fill


def _make(item: dict[str, Any], key: str, count: int | None, maker: _Maker, spare: int, drawing: Drawing) -> None:
    """Have one explanation be read with the next level, or a list of so many."""
    pixels = drawing.shared["size"]
    size = maker.bytes_of(pixels)
    drawn = max(1, min(count or 1, spare // size))

    def fill(b: bytes, at: int) -> None:
        made = [maker.make(b, at + (k % drawn) * size, pixels) for k in range(count or 1)]
        item[key] = made[0] if count is None else made

    drawing.pending.append((drawn * size, fill))


def _of_image() -> _Maker:
    images = in_blocks(visualizations())
    return _Maker(lambda size: 1, lambda b, at, size: images[b[at]])


@lru_cache(maxsize=1)
def visualizations() -> tuple[str, ...]:
    """Return small images in base64, the simplest first: PNG, as the service writes them."""
    recipes = [
        Recipe("PNG", mode, *size, tile) for size in _SIZES for mode in ("L", "RGB") for tile in (bytes(48), _TILE)
    ]
    return tuple(dict.fromkeys(base64.b64encode(encoded(recipe)).decode() for recipe in recipes))


def _of_pixels(node: Node) -> _Maker:
    """Make attributions whose rows are of a table: every byte is a row, the first byte has all channels be the same."""
    channels = max(1, node.min_items)
    number = node.at((0, 0, 0)) or Node()
    low = -1.0 if number.minimum is None else float(number.minimum)
    high = max(low, 1.0) if number.maximum is None else float(number.maximum)

    def make(b: bytes, at: int, size: int) -> list[list[list[float]]]:
        rows, width = _rows(size, min(low, high), high), min(size, _ROWS_DRAWN)
        step = 0 if b[at] < 64 else width
        return [
            [[*rows[b[at + 1 + channel * step + row % width]]] for row in range(size)] for channel in range(channels)
        ]

    return _Maker(lambda size: 1 + channels * min(size, _ROWS_DRAWN), make)


@lru_cache(maxsize=16)
def _rows(size: int, low: float, high: float) -> tuple[tuple[float, ...], ...]:
    """Return 256 rows of so many scores: first nothing but the score nearest to zero, then a mix of all."""
    table = number_table(low, high)
    plain = (min(high, max(low, 0.0)),) * size
    return (plain, *(tuple(Random(number).choices(table, k=size)) for number in range(1, 256)))
