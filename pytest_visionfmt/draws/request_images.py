"""Images as Azure requests hold them: real and tiny, as base64 text with or without line breaks."""

from __future__ import annotations

import base64
from functools import lru_cache
from itertools import product

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_images import Size, sizes_from
from pytest_visionfmt.encoders import check_size, plain_image
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import refused_keywords
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, in_blocks

__all__ = ["LINE_BREAKS", "TYPES", "image_text", "image_texts"]

# The first of each is the simplest.
TYPES = ("PNG", "JPEG", "BMP", "TIFF")
LINE_BREAKS = ("", "\n", "\r\n")
"""What ends the lines of a base64 text: nothing, for it is one line; or as ``base64.encodebytes`` does; or Windows."""
_SIZES = ((1, 1), (2, 1), (1, 2), (3, 2), (2, 3), (8, 8), (7, 5), (16, 16), (17, 9), (1, 32), (32, 1), (32, 24))


@lru_cache(maxsize=1024)
def image_text(type_: str, size: Size, line_break: str = "") -> str:
    """Return a black image of a type and size as base64. Raises ``ValueError`` where there can be none."""
    check_size(type_, *size)
    content = plain_image(type_, *size)
    if not line_break:
        return base64.b64encode(content).decode()
    return base64.encodebytes(content).decode().replace("\n", line_break)


def image_texts(nodes: tuple[Node, ...], sizes: st.SearchStrategy[Size] | None) -> Decoder:
    """Decode an image as base64 that all these nodes allow, of sizes that the user draws or else of a few pixels."""
    if sizes is None:
        return _own_texts(nodes)
    spelling_of = in_blocks(tuple(product(LINE_BREAKS, TYPES)))
    size_of = sizes_from(sizes)

    def read(b: bytes, at: int, drawing: Drawing) -> str:
        line_break, type_ = spelling_of[b[at]]
        size = size_of.read(b, at + 1, drawing)
        try:
            return image_text(type_, size, line_break)
        except ValueError as error:
            raise InvalidArgument(f"image_sizes={sizes!r} drew {size!r}: {error}") from None

    return Decoder(1, read)


def _own_texts(nodes: tuple[Node, ...]) -> Decoder:
    recipes = tuple(product(LINE_BREAKS, _SIZES, TYPES))
    if any(node.pattern is not None or node.max_length is not None for node in nodes):
        recipes = tuple(recipe for recipe in recipes if _fits(_text_of(recipe), nodes))
    if not recipes:
        raise InvalidArgument("the schema leaves no room for the base64 of even the smallest image")
    recipe_of = choice(recipes)
    return Decoder(recipe_of.size, lambda b, at, drawing: _text_of(recipe_of.read(b, at, drawing)))


def _text_of(recipe: tuple[str, Size, str]) -> str:
    line_break, size, type_ = recipe
    return image_text(type_, size, line_break)


def _fits(text: str, nodes: tuple[Node, ...]) -> bool:
    return not any(keyword != "type" for node in nodes for keyword in refused_keywords(node, text))
