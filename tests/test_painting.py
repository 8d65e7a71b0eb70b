"""A record to its image and back: what is painted is where the record says, and can be read from the pixels."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from records import URL, box, record

from pytest_visionfmt import (
    Format,
    InvalidRecord,
    azure_is_record,
    azure_multilabel_record,
    azure_od_record,
    image_for,
    objects_in,
    read,
)
from pytest_visionfmt.encoders import MODES, encode, known_type
from pytest_visionfmt.painting import _colours

OD, IS = "azure-od-record", "azure-is-record"
LOSSLESS = ("png", "bmp", "tif", "webp", "gif")
Cell = tuple[int, int, int, int]


def decode(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(content))
    opened.load()
    return opened


def sized(value: dict[str, Any], width: int, height: int, ending: str) -> dict[str, Any]:
    """Return the record with an image of that size and type."""
    details = {"format": ending, "width": width, "height": height}
    return {**value, "image_url": f"{URL}1.{ending}", "image_details": details}


def detection(boxes: list[Cell], width: int, height: int, ending: str) -> dict[str, Any]:
    """Return a record with boxes given in pixels."""
    label = [
        box(topX=left / width, topY=top / height, bottomX=right / width, bottomY=bottom / height)
        for left, top, right, bottom in boxes
    ]
    return sized(record(label), width, height, ending)


@st.composite
def apart(draw: st.DrawFn, most: int = 12) -> tuple[int, int, list[Cell]]:
    """Draw a size and boxes in pixels that have no pixel in common: one in each cell of a grid."""
    columns, rows = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    width, height = (count * draw(st.integers(1, 25)) for count in (columns, rows))
    cells = draw(st.lists(st.tuples(st.integers(0, columns - 1), st.integers(0, rows - 1)), unique=True, max_size=most))
    boxes = []
    for column, row in cells:
        spans = []
        for number, count, size in ((column, columns, width), (row, rows, height)):
            low, high = number * size // count, (number + 1) * size // count
            first = draw(st.integers(low, high - 1))
            spans.append((first, draw(st.integers(first + 1, high))))
        (left, right), (top, bottom) = spans
        boxes.append((left, top, right, bottom))
    return width, height, boxes


@pytest.mark.parametrize("ending", ["jpg", *LOSSLESS])
@given(picture=apart())
def test_objects_that_do_not_overlap_are_read_back_exactly(ending: str, picture: tuple[int, int, list[Cell]]) -> None:
    width, height, boxes = picture
    painted = image_for(detection(boxes, width, height, ending), OD)
    assert decode(painted.content).size == (width, height)
    assert painted.boxes == tuple(boxes)
    assert painted.visible == set(range(len(boxes)))
    assert objects_in(painted.content) == dict(enumerate(boxes))


@pytest.mark.parametrize("ending", ["jpg", "png"])
@given(value=azure_od_record() | azure_is_record(), sides=st.tuples(st.integers(1, 90), st.integers(1, 90)))
def test_what_is_said_to_be_visible_is_read_back_exactly(
    ending: str, value: dict[str, Any], sides: tuple[int, int]
) -> None:
    format_id = IS if any("polygon" in item for item in value["label"]) else OD
    painted = image_for(sized(value, *sides, ending), format_id)
    found = objects_in(painted.content)
    assert {i: found.get(i) for i in painted.visible} == {i: painted.boxes[i] for i in painted.visible}
    assert set(found) <= set(range(len(value["label"])))


@given(st.lists(st.tuples(*4 * [st.integers(0, 30)]), min_size=1, max_size=9))
def test_an_object_is_visible_where_no_pixel_of_it_is_painted_over(corners: list[Cell]) -> None:
    boxes = [(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in corners]
    owner = {}
    for i, (left, top, right, bottom) in enumerate(boxes):
        owner.update({(x, y): i for x in range(left, right) for y in range(top, bottom)})
    pixels = [sum(1 for other in owner.values() if other == i) for i in range(len(boxes))]
    whole = {i for i, (x0, y0, x1, y1) in enumerate(boxes) if pixels[i] == (x1 - x0) * (y1 - y0)}
    assert image_for(detection(boxes, 31, 31, "png"), OD).visible == whole


def star(x: float, y: float, radius: float, points: int) -> list[float]:
    """Return the outline of a star around a point."""
    outline = []
    for n in range(2 * points):
        reach = radius if n % 2 == 0 else radius / 2
        outline += [x + reach * math.cos(n * math.pi / points), y + reach * math.sin(n * math.pi / points)]
    return outline


@pytest.mark.parametrize("ending", ["jpg", *LOSSLESS])
def test_outlines_are_read_back_exactly(ending: str) -> None:
    label = [
        {"label": "a", "polygon": [star((i % 5 + 0.5) / 5, (i // 5 + 0.5) / 5, 0.09, 3 + i % 5)]} for i in range(25)
    ]
    painted = image_for(sized(record(label), 211, 173, ending), IS)
    assert painted.visible == set(range(25))
    assert objects_in(painted.content) == dict(enumerate(painted.boxes))


def test_an_outline_covers_its_inside_and_no_more() -> None:
    triangle = [{"label": "a", "polygon": [[0, 0, 1, 0, 0, 1]]}]
    pixels = decode(image_for(sized(record(triangle), 100, 100, "png"), IS).content).convert("L")
    assert [bool(pixels.getpixel(at)) for at in ((0, 0), (99, 0), (0, 99), (40, 40), (60, 60))] == [True] * 4 + [False]


def test_several_segments_make_a_hole_where_they_overlap() -> None:
    ring = [[0, 0, 1, 0, 1, 1, 0, 1], [0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.75]]
    painted = image_for(sized(record([{"label": "a", "polygon": ring}]), 40, 40, "png"), IS)
    pixels = decode(painted.content).convert("L")
    assert [bool(pixels.getpixel((x, 20))) for x in (0, 5, 15, 20, 25, 35, 39)] == [1, 1, 0, 0, 0, 1, 1]
    assert painted.visible == {0}
    # The same segment twice leaves nothing.
    nothing = image_for(sized(record([{"label": "a", "polygon": [ring[0], ring[0]]}]), 40, 40, "png"), IS)
    assert nothing.visible == set()
    assert objects_in(nothing.content) == {}


def test_250_objects_have_colours_of_their_own_and_those_after_them_none() -> None:
    boxes = [(2 * (i % 20), 2 * (i // 20), 2 * (i % 20) + 1, 2 * (i // 20) + 1) for i in range(260)]
    for ending in ("jpg", "png"):
        painted = image_for(detection(boxes, 40, 30, ending), OD)
        assert painted.visible == set(range(250))
        assert painted.boxes == (*boxes[:250], *[None] * 10)
        assert objects_in(painted.content) == dict(enumerate(boxes[:250]))


def test_the_colours_are_far_apart() -> None:
    colours = _colours()
    assert len(set(colours)) == 250
    gaps = [max(map(abs, (a - b for a, b in zip(one, other, strict=True)))) for one in colours for other in colours]
    assert min(gap for gap in gaps if gap) > 2 * 12
    assert all(max(colour) == 255 for colour in colours)


PICTURE = detection([(8, 8, 40, 24), (56, 16, 72, 56), (10, 40, 30, 60)], 96, 64, "png")


def test_objects_follow_a_crop_a_flip_and_a_turn() -> None:
    opened = decode(image_for(PICTURE, OD).content)
    assert objects_in(opened.crop((16, 0, 64, 64))) == {0: (0, 8, 24, 24), 1: (40, 16, 48, 56), 2: (0, 40, 14, 60)}
    assert objects_in(ImageOps.mirror(opened))[0] == (56, 8, 88, 24)
    assert objects_in(opened.transpose(Image.Transpose.ROTATE_90))[0] == (8, 56, 24, 88)
    assert objects_in(opened.convert("RGB").crop((41, 0, 56, 64))) == {}


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("how", ["NEAREST", "BILINEAR", "BICUBIC", "LANCZOS", "BOX"])
def test_objects_follow_a_resize_to_a_pixel(how: str, ending: str) -> None:
    opened = decode(image_for({**PICTURE, "image_details": {"format": ending, "width": 96, "height": 64}}, OD).content)
    for factor in (0.5, 2, 3):
        size = (int(96 * factor), int(64 * factor))
        found = objects_in(opened.convert("RGB").resize(size, Image.Resampling[how]), count=3)
        assert set(found) == {0, 1, 2}
        for i, corners in enumerate([(8, 8, 40, 24), (56, 16, 72, 56), (10, 40, 30, 60)]):
            assert all(abs(a - b * factor) <= max(1, factor) for a, b in zip(found[i], corners, strict=True))


def test_objects_are_read_from_bytes_a_path_and_an_open_image(tmp_path: Path) -> None:
    content = image_for(PICTURE, OD).content
    (tmp_path / "a.png").write_bytes(content)
    assert objects_in(content) == objects_in(tmp_path / "a.png") == objects_in(str(tmp_path / "a.png"))
    assert objects_in(content) == objects_in(decode(content))


def test_only_the_colours_of_so_many_objects_are_looked_for() -> None:
    content = image_for(PICTURE, OD).content
    assert [set(objects_in(content, count=count)) for count in (0, 1, 3)] == [set(), {0}, {0, 1, 2}]
    with pytest.raises(ValueError, match="count=251 is not 0 to 250"):
        objects_in(content, count=251)


def test_a_jpeg_of_bands_has_the_pixels_of_a_plain_one() -> None:
    rng = random.Random(0)
    for width, height in ((1, 1), (64, 64), (7, 13), (129, 128), (130, 127), (200, 150), (33, 997), (8, 4000)):
        boxes = []
        for _ in range(rng.randrange(1, 9)):
            left, top = rng.randrange(width), rng.randrange(height)
            boxes.append((left, top, rng.randrange(left, width) + 1, rng.randrange(top, height) + 1))
        plain = Image.new("RGB", (width, height))
        for corners, colour in zip(boxes, _colours(), strict=False):
            plain.paste(colour, corners)
        painted = image_for(detection(boxes, width, height, "jpg"), OD)
        assert decode(painted.content).tobytes() == decode(encode(plain, "JPEG")).tobytes()


# What the record claims, and what it leaves out.


@pytest.mark.parametrize("spelling", ["jpg", "jpeg", "jpe", "jfif", "png", "bmp", "tif", "tiff", "JPEG", "webp"])
def test_the_type_is_that_of_the_record_whatever_the_name_ends_in(spelling: str) -> None:
    value = {**record([box()], "1.txt"), "image_details": {"format": spelling, "width": "7px", "height": "5"}}
    painted = image_for(value, OD)
    assert decode(painted.content).format == painted.type == known_type(spelling)
    assert decode(painted.content).size == (painted.width, painted.height) == (7, 5)


def test_what_the_record_does_not_say_is_said_by_the_name_or_the_defaults() -> None:
    by_name = image_for(record([box()], "1.bmp"), OD)
    assert (by_name.type, by_name.width, by_name.height) == ("BMP", 64, 64)
    by_default = image_for({**record([box()], "1"), "image_details": {"width": 9}}, OD, size=(3, 4), image_type="tif")
    assert (by_default.type, by_default.width, by_default.height) == ("TIFF", 9, 4)


@given(azure_multilabel_record())
def test_an_image_without_boxes_is_plain_and_made_once(value: dict[str, Any]) -> None:
    value = sized(value, 12, 10, "jpg")
    painted = image_for(value, "azure-multilabel-record")
    assert painted.boxes == (None,) * len(value["label"])
    assert not painted.visible
    assert objects_in(painted.content) == {}
    assert painted.content is image_for(value, "azure-multilabel-record").content


@pytest.mark.parametrize("type_", MODES)
def test_a_plain_image_has_size_and_type_too(type_: str) -> None:
    opened = decode(image_for(sized(record([]), 5, 3, type_.lower()), OD).content)
    assert (opened.format, opened.size) == (type_, (5, 3))


def test_boxes_that_are_none_are_not_painted_and_boxes_that_are_cut_not_visible() -> None:
    label = [
        box(bottomX=0.05),
        box(topX=-0.5, bottomX=0.1, topY=0, bottomY=1),
        box(topX=0.5, bottomX=1, topY=0, bottomY=1),
    ]
    painted = image_for(sized(record(label), 10, 10, "png"), OD)
    assert painted.boxes == (None, (0, 0, 1, 10), (5, 0, 10, 10))
    assert painted.visible == {2}


WRONG: list[tuple[Any, str]] = [
    (sized(record([box()]), 0, 5, "png"), "an image of 0 x 5 pixels has none"),
    (sized(record([box()]), 65_501, 1, "jpg"), "a side of a JPEG image is at most 65500 pixels long"),
    (sized(record([box()]), 2**63, 2**63, "png"), "a side of a PNG image is at most"),
    (sized(record([box()]), 60_000, 60_000, "png"), "more than is drawn"),
    (sized(record([box()]), 5, 5, "docx"), "'docx' is no image type"),
]


@pytest.mark.parametrize(("value", "message"), WRONG, ids=[message for _, message in WRONG])
def test_an_image_that_cannot_be_made_is_an_error_that_says_why(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        image_for(value, OD)


def test_a_record_that_cannot_be_read_is_an_error_with_its_findings() -> None:
    with pytest.raises(InvalidRecord, match="VF601"):
        image_for({"image_url": URL}, OD)


def test_a_document_of_several_images_is_none_to_paint() -> None:
    several = Format("mine", "t", "s", "json", {"documented": {}}, (), read=lambda value: [*read(value, OD)] * 2)
    with pytest.raises(ValueError, match="speaks of 2 images, not of one"):
        image_for(PICTURE, several)


def test_an_image_is_shown_without_its_bytes() -> None:
    assert repr(image_for(record([]), OD)) == (
        "PaintedImage(type='JPEG', width=64, height=64, boxes=(), visible=frozenset())"
    )
