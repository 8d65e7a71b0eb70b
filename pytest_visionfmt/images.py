"""Strategies for image files as they are: sound ones of every documented type, and broken ones with the reason."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.encoders import INTERLACED, MODES, Recipe, as_repr, check_size, encoded, known_type, with_size
from pytest_visionfmt.formats import TABLE
from pytest_visionfmt.image_facts import ImageProblem, facts_of
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["BrokenImage", "DrawnImage", "broken_image", "documented_spellings", "image"]

# The first of each is the simplest.
_SIDES = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 100, 127, 128, 129, 200, 256, 257, 300)
_TURNABLE = ("JPEG", "PNG", "TIFF")
_HEAD = 9
_DRAWN = st.binary(min_size=_HEAD + 48, max_size=_HEAD + 48)


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image file: its bytes and what they are.

    ``format`` is the ending that its name should have, ``type`` what the bytes are as Pillow names it; the two
    disagree where that was asked for. Size and ``mode`` are those that Pillow decodes it to.
    """

    content: bytes = field(repr=False)
    format: str
    type: str
    mode: str
    width: int
    height: int
    orientation: int = 1
    progressive: bool = False
    interlaced: bool = False
    pages: int = 1

    _repr_pretty_ = as_repr


@dataclass(frozen=True, slots=True)
class BrokenImage:
    """A file that is named as an image and cannot be decoded, and the ``reason``.

    Reasons: ``truncated``, ``wrong-magic``, ``text``, ``bomb``, ``empty``, ``corrupt-checksum``.
    """

    content: bytes = field(repr=False)
    reason: str
    format: str

    _repr_pretty_ = as_repr


def documented_spellings() -> tuple[str, ...]:
    """Return the image types that the formats' schemas list, as they spell them."""
    found: dict[str, None] = {}
    for format_ in TABLE.values():
        node = nodes_of(format_, "documented").at(("image_details", "format"))
        found.update(dict.fromkeys(str(value) for value in (node and node.enum) or ()))
    return tuple(found)


@lru_cache(maxsize=64)
def _candidates(format_: str | None, mode: str | None, turned: bool) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (spelling, type, modes) of what may be drawn. Raises ``InvalidArgument``."""
    try:
        types = {spelling: known_type(spelling) for spelling in ((format_,) if format_ else documented_spellings())}
    except ValueError as error:
        raise InvalidArgument(f"format={format_!r}: {error}") from None
    found = []
    for spelling, type_ in types.items():
        modes = MODES.get(type_, ("RGB",))
        if (mode is None or mode in modes) and (not turned or type_ in _TURNABLE):
            found.append((spelling, type_, modes if mode is None else (mode,)))
    if not found:
        if format_ and mode is not None and mode not in MODES.get(types[format_], ("RGB",)):
            choice = ", ".join(map(repr, MODES.get(types[format_], ("RGB",))))
            raise InvalidArgument(f"mode={mode!r} is none that format={format_!r} has: choose from {choice}")
        if turned and format_:
            raise InvalidArgument(f"orientations were given, and format={format_!r} has no EXIF orientation")
        raise InvalidArgument(f"mode={mode!r} is none of an image type that can be drawn")
    return tuple(found)


@st.composite
def image(
    draw: st.DrawFn,
    *,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    format: str | None = None,
    mode: str | None = None,
    orientations: st.SearchStrategy[int] | None = None,
    mislabelled: bool = False,
) -> DrawnImage:
    """Return a strategy for image files: real bytes that Pillow decodes to the size, type and mode they claim.

    * ``image_sizes`` draws pairs of width and height; by default sides of 1 to 300 pixels.
    * ``format`` is one spelling of an image type, ``"jpg"`` or ``"tif"``; by default any of the eight documented.
    * ``mode`` is one of Pillow's modes that the type has; by default any.
    * ``orientations`` draws the EXIF orientation, 1 to 8; by default any, for the types that have one.
    * ``mislabelled`` draws files whose ending, ``format``, is of another type than their bytes.

    JPEG is also drawn progressive, PNG interlaced, TIFF with several pages. Images shrink to one black
    pixel in JPEG. Contradictory arguments raise ``InvalidArgument`` when first drawn from.
    """
    for name, strategy in (("image_sizes", image_sizes), ("orientations", orientations)):
        if strategy is not None and not isinstance(strategy, st.SearchStrategy):
            raise InvalidArgument(f"{name}={strategy!r} is not a strategy; st.just({strategy!r}) would be one")
    candidates = _candidates(format, mode, orientations is not None)
    b = draw(_DRAWN)
    spelling, type_, modes = candidates[b[0] % len(candidates)]
    width, height = draw(image_sizes) if image_sizes is not None else (_side(b[1]), _side(b[2]))
    try:
        check_size(type_, width, height)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"image_sizes drew {(width, height)!r}: {error}") from None
    chosen = modes[b[3] % len(modes)]
    odd = b[4] > 127
    orientation = draw(orientations) if orientations is not None else 1 + b[5] % 8 if type_ in _TURNABLE else 1
    if orientation not in range(1, 9):
        raise InvalidArgument(f"orientations drew {orientation!r}, which is not 1 to 8")
    recipe = Recipe(
        type_,
        chosen,
        width,
        height,
        b[_HEAD:],
        orientation,
        progressive=odd and type_ == "JPEG",
        interlaced=odd and type_ == "PNG" and chosen in INTERLACED,
        pages=1 + b[6] % 3 if odd and type_ == "TIFF" else 1,
    )
    content = encoded(recipe)
    if orientation > 1 and type_ == "TIFF":
        # Newer versions of Pillow turn a TIFF when they open it: what counts is the size then.
        facts = facts_of(content)
        if not isinstance(facts, ImageProblem) and (facts.width, facts.height) != (width, height):
            content = encoded(replace(recipe, width=height, height=width))
    event(f"visionfmt:image {type_}", "mislabelled" if mislabelled else "progressive" if odd else "plain")
    return DrawnImage(
        content,
        _mislabel(type_, b[7]) if mislabelled else spelling,
        type_,
        chosen,
        width,
        height,
        orientation,
        recipe.progressive,
        recipe.interlaced,
        recipe.pages,
    )


def _side(byte: int) -> int:
    return _SIDES[byte % len(_SIDES)]


def _mislabel(type_: str, byte: int) -> str:
    others = [spelling for spelling in documented_spellings() if known_type(spelling) != type_]
    return others[byte % len(others)]


# Broken files.

_TEXTS = (
    b"",
    b"not an image\n",
    b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n",
    b'{"error": {"code": "AuthenticationFailed"}}\n',
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + 64 * b"0" + b"\nsize 12345\n",
)
_TILE = bytes(37 * i % 256 for i in range(48))
_CUTS = 24
_HUGE = 60_000


@cache
def _broken() -> dict[str, tuple[BrokenImage, ...]]:
    """Return broken files by reason, only those that Pillow does not decode: versions differ."""
    found: dict[str, tuple[BrokenImage, ...]] = {}
    for broken in _attempts():
        if isinstance(facts_of(broken.content, full=True), ImageProblem):
            found[broken.reason] = (*found.get(broken.reason, ()), broken)
    return found


def _attempts() -> Iterator[BrokenImage]:
    for text in _TEXTS:
        for spelling in documented_spellings():
            yield BrokenImage(text, "text" if text else "empty", spelling)
    spelled = {known_type(spelling): spelling for spelling in reversed(documented_spellings())}
    sound = {type_: encoded(Recipe(type_, "RGB", 24, 16, _TILE)) for type_ in spelled}
    for type_, content in sound.items():
        spelling = spelled[type_]
        for cut in range(_CUTS):
            yield BrokenImage(content[: 1 + cut * (len(content) - 1) // _CUTS], "truncated", spelling)
        for other in (bytes(8), b"MZ\x90\0\x03\0\0\0", *(sound[name][:8] for name in sound if name != type_)):
            yield BrokenImage(other + content[8:], "wrong-magic", spelling)
    if "PNG" in sound:
        png = sound["PNG"]
        data = png.index(b"IDAT")
        yield BrokenImage(with_size(png, _HUGE, _HUGE), "bomb", spelled["PNG"])
        for at in (29, 32, data + 12, data + 20, len(png) - 14):
            flipped = png[:at] + bytes((png[at] ^ 0x55,)) + png[at + 1 :]
            yield BrokenImage(flipped, "corrupt-checksum", spelled["PNG"])
    if "BMP" in sound:
        size = struct.pack("<ii", _HUGE, _HUGE)
        yield BrokenImage(sound["BMP"][:18] + size + sound["BMP"][26:], "bomb", spelled["BMP"])


@st.composite
def broken_image(draw: st.DrawFn) -> BrokenImage:
    """Return a strategy for files that are named as images and that Pillow does not decode, each with its reason.

    Truncated at any point, the first bytes those of another type, text (what a failed download leaves), a header
    that claims billions of pixels, no bytes at all, a checksum that does not hold. Shrinks to the empty file.
    """
    by_reason = _broken()
    reason = draw(st.sampled_from(tuple(by_reason)))
    event("visionfmt:broken image", reason)
    return draw(st.sampled_from(by_reason[reason]))
