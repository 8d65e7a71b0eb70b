"""The strategies of image files: Pillow decodes every sound one to what it claims, and none that is broken."""

from __future__ import annotations

import io
import warnings
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image

from pytest_visionfmt import TABLE, BrokenImage, DrawnImage, broken_image, image
from pytest_visionfmt.encoders import INTERLACED, MODES, Recipe, encoded, known_type, plain_image
from pytest_visionfmt.images import documented_spellings

SPELLINGS = ("jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff")
REASONS = ("empty", "text", "truncated", "wrong-magic", "corrupt-checksum", "bomb")


def decode(content: bytes) -> Image.Image:
    """Return an image with every page of it decoded, at the first."""
    opened = Image.open(io.BytesIO(content))
    for page in reversed(range(getattr(opened, "n_frames", 1))):
        opened.seek(page)
        opened.load()
    return opened


def claims(drawn: DrawnImage) -> dict[str, Any]:
    return {
        "type": drawn.type,
        "size": (drawn.width, drawn.height),
        "mode": drawn.mode,
        "orientation": drawn.orientation,
        "progressive": drawn.progressive,
        "interlaced": drawn.interlaced,
        "pages": drawn.pages,
    }


def shown(content: bytes) -> dict[str, Any]:
    # A TIFF that is to be turned is turned as it is decoded, and then no longer says so.
    orientation = Image.open(io.BytesIO(content)).getexif().get(0x0112, 1)
    opened = decode(content)
    return {
        "type": opened.format,
        "size": opened.size,
        "mode": opened.mode,
        "orientation": orientation,
        "progressive": bool(opened.info.get("progressive")),
        "interlaced": bool(opened.info.get("interlace")),
        "pages": getattr(opened, "n_frames", 1),
    }


def test_the_spellings_are_those_of_the_schemas() -> None:
    assert documented_spellings() == SPELLINGS
    assert {known_type(spelling) for spelling in SPELLINGS} == set(MODES)


@settings(max_examples=settings.default.max_examples * 2)  # type: ignore[union-attr]
@given(image())
def test_pillow_decodes_every_image_to_what_it_claims(drawn: DrawnImage) -> None:
    assert shown(drawn.content) == claims(drawn)
    assert known_type(drawn.format) == drawn.type


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(data=st.data())
def test_size_and_type_are_those_asked_for(spelling: str, data: st.DataObject) -> None:
    drawn = data.draw(image(format=spelling, image_sizes=st.tuples(st.integers(1, 40), st.just(3))))
    opened = decode(drawn.content)
    assert (drawn.format, opened.format, opened.height) == (spelling, known_type(spelling), 3)
    assert opened.size == (drawn.width, drawn.height)


@pytest.mark.parametrize(("type_", "mode"), [(type_, mode) for type_, modes in MODES.items() for mode in modes])
def test_every_mode_of_every_type_is_drawn(type_: str, mode: str) -> None:
    once = settings(database=None, phases=[Phase.generate])
    found = find(image(mode=mode), lambda drawn: drawn.type == type_, settings=once)
    assert decode(found.content).mode == mode


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("spelling", ["jpg", "png", "tif"])
def test_the_exif_orientation_is_that_asked_for(spelling: str, orientation: int) -> None:
    images = image(format=spelling, orientations=st.just(orientation), image_sizes=st.just((5, 3)))
    drawn = find(images, lambda drawn: True, settings=settings(database=None, phases=[Phase.generate]))
    found = shown(drawn.content)
    assert (found["orientation"], found["size"]) == (orientation, (5, 3))


@given(image(mislabelled=True))
def test_a_mislabelled_image_has_the_ending_of_another_type(drawn: DrawnImage) -> None:
    assert decode(drawn.content).format == drawn.type != known_type(drawn.format)


@pytest.mark.parametrize("mode", sorted(INTERLACED))
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (4, 5), (7, 13), (8, 8), (17, 9)])
def test_an_interlaced_image_has_the_pixels_of_a_plain_one(mode: str, size: tuple[int, int]) -> None:
    plain, interlaced = (Recipe("PNG", mode, *size, bytes(range(0, 240, 5)), interlaced=on) for on in (False, True))
    one, other = decode(encoded(plain)), decode(encoded(interlaced))
    assert (one.tobytes(), one.getpalette()) == (other.tobytes(), other.getpalette())


def test_an_image_shrinks_to_one_black_pixel() -> None:
    drawn = find(image(), lambda drawn: True, settings=settings(database=None))
    assert claims(drawn) == {**claims(drawn), "type": "JPEG", "size": (1, 1), "mode": "RGB", "orientation": 1}
    assert decode(drawn.content).getpixel((0, 0)) == (0, 0, 0)


def test_an_image_is_shown_without_its_bytes() -> None:
    drawn = find(image(), lambda drawn: True, settings=settings(database=None))
    assert repr(drawn).startswith("DrawnImage(format='jpg', type='JPEG', mode='RGB', width=1, height=1")
    assert repr(image(format="png")) == "image(format='png')"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": "docx"}, "format='docx': 'docx' is no image type"),
    ({"format": "jpg", "mode": "P"}, "mode='P' is none that format='jpg' has: choose from 'RGB', 'L', 'CMYK'"),
    ({"mode": "HSV"}, "mode='HSV' is none of an image type that can be drawn"),
    ({"image_sizes": (3, 4)}, r"image_sizes=\(3, 4\) is not a strategy"),
    ({"image_sizes": st.just((0, 4))}, r"image_sizes drew \(0, 4\)"),
    ({"format": "jpg", "image_sizes": st.just((65501, 1))}, "at most 65500 pixels"),
    ({"image_sizes": st.just((2**20, 2**20))}, "image_sizes drew"),
    ({"image_sizes": st.just(("a", 1))}, "image_sizes drew"),
    ({"orientations": st.just(9)}, "orientations drew 9"),
    ({"format": "bmp", "orientations": st.just(2)}, "has no EXIF orientation"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[message[:50] for _, message in WRONG])
def test_wrong_arguments_raise_when_first_drawn_from(arguments: dict[str, Any], message: str) -> None:
    images = image(**arguments)
    with pytest.raises(InvalidArgument, match=message):
        find(images, lambda drawn: True, settings=settings(database=None))


@given(broken_image())
def test_pillow_decodes_no_broken_image(broken: BrokenImage) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((OSError, SyntaxError, ValueError, Image.DecompressionBombError)):
            decode(broken.content)
    assert broken.format in SPELLINGS


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_drawn(reason: str) -> None:
    broken = find(broken_image(), lambda broken: broken.reason == reason, settings=settings(database=None))
    assert (broken.content == b"") == (reason == "empty")


def test_a_broken_image_shrinks_to_the_empty_file() -> None:
    assert find(broken_image(), lambda broken: True, settings=settings(database=None)).content == b""


def test_a_plain_image_is_encoded_once() -> None:
    assert plain_image("PNG", 30, 20) is plain_image("PNG", 30, 20)
    assert decode(plain_image("PNG", 30, 20)).size == (30, 20)


def test_every_documented_type_is_one_that_can_be_drawn() -> None:
    for format_ in TABLE.values():
        enum = format_.schema().get("$defs", {}).get("image_details", {}).get("properties", {}).get("format", {})
        assert set(enum.get("enum", ())) <= set(SPELLINGS)
