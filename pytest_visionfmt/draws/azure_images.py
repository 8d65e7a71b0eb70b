"""Drawing the image of an Azure training record: its URL, its type and its size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.schema_nodes import Node, compile_pattern
from pytest_visionfmt.schema_strategies import Compiler, Hook
from pytest_visionfmt.value_decoders import Decoder, Drawing, fixed_text, in_blocks

__all__ = ["Size", "extensions", "folders", "image_details", "image_url", "own_sizes", "pixels", "sized", "sizes_from"]

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

_FOLDERS = (
    "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/",
    "azureml://subscriptions/s/resourceGroups/g/workspaces/w/datastores/d/paths/",
    "azureml://datastores/d/paths/",
    "AmlDatastore://d/",
    "https://account.blob.core.windows.net/d/",
    "http://localhost/d/",
    "wasbs://d@account.blob.core.windows.net/",
    "abfss://d@account.dfs.core.windows.net/",
    "file:///d/",
)
_NAMES = (
    "{}", "images/{}", "a/b/c/{}", "Image_{}", "image ({})", "my images/{}", "%20{}", "größe/{}", "图像/{}",
    "e\u0301/{}", "x.y/{}.z", "{}+1,2", "#{}", "'{}'",
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PIXELS = (400, 1, 2, 3, 64, 258, 416, 499, 640, 666, 1024, 1920, 4096, 10000)
_SPELLINGS = (*(f"{n}px" for n in _PIXELS), *(str(n) for n in _PIXELS))


def extensions(page: Node) -> tuple[str, ...]:
    """Return the types of image that the page lists."""
    node = page.at(("image_details", "format"))
    return tuple(str(value) for value in (node and node.enum) or ("jpg",))


def folders(image_url: Node) -> tuple[str, ...]:
    """Return the folders under which an image's URL has the form that the schema asks for."""
    matches = compile_pattern(image_url.pattern).search if image_url.pattern else bool
    return tuple(folder for folder in _FOLDERS if matches(f"{folder}a.jpg"))


def image_url(folders: tuple[str, ...], extensions: tuple[str, ...]) -> Hook:
    """An image in one of the folders; a letter and three bytes name it, so that images do not repeat."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        if not folders:
            return compiler.plain(node, site)
        folder_of, extension_of, letter_of = in_blocks(folders), in_blocks(extensions), in_blocks(_LETTERS)
        names = [tuple(name.split("{}")) for name in _NAMES]
        name_of = (*[names[0]] * 128, *in_blocks(names, 128))

        def read(b: bytes, at: int, drawing: Drawing) -> str:
            before, after = name_of[b[at + 1]]
            number = b[at + 4] << 16 | b[at + 5] << 8 | b[at + 6]
            stem = f"{letter_of[b[at + 3]]}{number}" if number else letter_of[b[at + 3]]
            return f"{folder_of[b[at]]}{before}{stem}{after}.{extension_of[b[at + 2]]}"

        return Decoder(7, read)

    return hook


def image_details(page: Node, needed: tuple[str, ...]) -> Hook:
    """The documented keys, ``needed`` ones always; where the reader never looks, other things too.

    The reader takes any value there. So for it the type is sometimes spelt otherwise, and where
    nothing is needed, it is sometimes anything.
    """

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        documented = page.properties.get("image_details")
        if node.types or documented is None:
            return compiler.plain(_requiring(node, needed), site)
        size, read_details = compiler.plain(_requiring(documented, needed), site)
        anything = compiler.plain(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> Any:
            if b[at] > 224 and not needed:
                return anything.read(b, at + 1, drawing)
            details: dict[str, Any] = read_details(b, at + 1, drawing)
            if b[at] > 128:
                details["format"] = "JPEG"
            return details

        return Decoder(1 + max(size, anything.size), read)

    return hook


def _requiring(node: Node, keys: tuple[str, ...]) -> Node:
    return replace(node, required=(*node.required, *(key for key in keys if key in node.optional)))


def pixels(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A width or a height, in the types that the schema has, its first being the simplest."""
    spelt = fixed_text(_SPELLINGS, node.pattern)
    if "string" not in node.types or spelt is None:
        return compiler.plain(node, site)
    return compiler.union(
        [spelt if type_ == "string" else compiler.plain(replace(node, types=(type_,)), site) for type_ in node.types]
    )


def sized(axis: int) -> Hook:
    """The width (0) or the height (1) of the size that the record has, in a spelling that the schema allows."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        matches = compile_pattern(node.pattern).search if node.pattern else bool
        spellings: list[Callable[[int], int | str]] = []
        for type_ in node.types:
            if type_ == "integer":
                spellings.append(int)
            elif type_ == "string":
                spellings += [spell for spell in ("{}px".format, str) if matches(spell(400))]
        spelling_of: tuple[Callable[[int], int | str], ...] = in_blocks(spellings or [int])
        return Decoder(1, lambda b, at, drawing: spelling_of[b[at]](drawing.shared["size"][axis]))

    return hook


def sizes_from(strategy: st.SearchStrategy[Size]) -> Decoder:
    """Take sizes from a strategy that the user passed."""

    def read(b: bytes, at: int, drawing: Drawing) -> Size:
        size = drawing.draw(strategy)
        if (
            isinstance(size, tuple | list)
            and len(size) == 2
            and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in size)
        ):
            return size[0], size[1]
        raise InvalidArgument(f"image_sizes={strategy!r} drew {size!r}, which is no pair of positive integers")

    return Decoder(0, read)


def own_sizes(least_pixels: int) -> Decoder:
    """Decode a size from two bytes; it has at least so many pixels."""
    table = in_blocks(_PIXELS)

    def read(b: bytes, at: int, _: Drawing) -> Size:
        width, height = table[b[at]], table[b[at + 1]]
        return width, max(height, -(-least_pixels // width))

    return Decoder(2, read)
