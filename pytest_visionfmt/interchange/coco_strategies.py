"""Drawing COCO documents that are legal and found in the wild."""

from __future__ import annotations

from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.interchange.drawing import SIZES, PixelBox, check_counts, classes, file_name, pixel_box
from pytest_visionfmt.interchange.rle import compressed, rectangle

__all__ = ["coco_document"]

_LARGEST_MASK = 60_000  # pixels: a mask of many columns costs more than the rest of a document together
_EXTRAS = ({"license": 1}, {"coco_url": "http://localhost/a.jpg"}, {"date_captured": "2013-11-14 17:02:52"})


@st.composite
def coco_document(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 6,
    sub_pixel: bool = True,
) -> dict[str, Any]:
    """Return a strategy for COCO object detection documents.

    * ``min_images`` and ``max_images`` bound how many images there are, ``min_objects`` and
      ``max_objects`` how many annotations, over all images.
    * ``sub_pixel`` says whether boxes may be smaller than a pixel.

    Images are in sub-folders, share a base name, have names without a dot, with several, with spaces and
    of any script; are of a pixel or 20000; some have no object, and some classes neither. Ids are from 0,
    from 1, or sparse; annotations are in any order. Objects are boxes, outlines of one or more polygons,
    or run-length encoded crowds. Every box lies within its image, and an outline's box is its bounds.
    Documents shrink to one image ``a.jpg`` of 100 by 100, without an object. Wrong arguments raise
    ``InvalidArgument`` when first drawn from. Source: COCO, "Data format", 1. Object Detection.
    """
    check_counts(min_images, max_images, min_objects, max_objects)
    blocks = draw(st.lists(st.binary(min_size=5, max_size=5), min_size=min_images, max_size=max_images))
    objects = draw(
        st.lists(st.binary(min_size=14, max_size=14), min_size=min_objects, max_size=max_objects if blocks else 0)
    )
    style = draw(st.binary(min_size=5, max_size=5))
    taken: set[str] = set()
    images = [_image(i, block, style[0], taken) for i, block in enumerate(blocks)]
    categories = _categories(style)
    annotations = [
        _annotation(i, block, images, categories, style[1], sub_pixel=sub_pixel) for i, block in enumerate(objects)
    ]
    document: dict[str, Any] = {"images": images, "annotations": annotations, "categories": categories}
    if style[4] > 191:
        document = {
            "info": {"year": 2014, "version": "1.0"},
            "licenses": [{"id": 1, "name": "l", "url": "u"}],
            **document,
        }
    event("visionfmt:coco images", str(len(images)))
    event("visionfmt:coco objects", ("none", "one", "several")[min(len(annotations), 2)])
    return document


def _id(style: int, i: int) -> int:
    """Return the id of the i-th of a list: from 1, from 0, sparse, or falling."""
    kind = style // 64
    return (i + 1, i, 17 * i + 9 + style % 64, 100000 - 3 * i)[kind]


def _image(i: int, block: bytes, style: int, taken: set[str]) -> dict[str, Any]:
    name = file_name(block[0], block[1], i, taken)
    width, height = SIZES[block[2] % len(SIZES) if block[2] > 31 else block[2] % 2]
    image = {"id": _id(style, i), "width": width, "height": height, "file_name": name}
    return {**image, **_EXTRAS[block[3] % 3]} if block[3] > 191 else image


def _categories(style: bytes) -> list[dict[str, Any]]:
    names = classes(style[2], style[3] if style[3] > 31 else 0)
    categories: list[dict[str, Any]] = [
        {"id": _id((style[1] + 64) % 256, i), "name": name} for i, name in enumerate(names)
    ]
    if style[1] % 64 < 32:
        categories = [{"id": i + 1, "name": name} for i, name in enumerate(names)]
    if style[4] % 2:
        categories = [{**category, "supercategory": "thing"} for category in categories]
    return categories


def _annotation(
    i: int, block: bytes, images: list[dict[str, Any]], categories: list[dict[str, Any]], style: int, *, sub_pixel: bool
) -> dict[str, Any]:
    image = images[block[0] % len(images)]
    width, height = image["width"], image["height"]
    annotation: dict[str, Any] = {
        "id": _id(style, i),
        "image_id": image["id"],
        "category_id": categories[block[1] % len(categories)]["id"],
    }
    box = pixel_box(block[3], block[4:12], width, height, sub_pixel=sub_pixel)
    kind = block[2]
    if kind >= 208 and width * height <= _LARGEST_MASK and width <= 1000:
        left, top = int(box.left), int(box.top)
        box = PixelBox(left, top, max(left + 1, int(box.right)), max(top + 1, int(box.bottom)))
        counts = _mask(box, width, height, with_hole=kind % 4 == 3)
        written = compressed(counts) if kind % 2 else counts
        annotation["segmentation"] = {"counts": written, "size": [height, width]}
        annotation["iscrowd"] = 1
    else:
        if kind >= 96:
            annotation["segmentation"] = _polygons(box, kind)
        if block[12] < 192:
            annotation["iscrowd"] = 0
    across, down = box.right - box.left, box.bottom - box.top
    if block[3] % 2 and isinstance(across, float):  # what JSON files in the wild hold
        across, down = round(across, 2), round(down, 2)
    annotation["bbox"] = [box.left, box.top, across, down]
    if block[13] < 192:
        annotation["area"] = across * down
    return annotation


def _mask(box: PixelBox, width: int, height: int, *, with_hole: bool) -> list[int]:
    left, top, right, bottom = map(int, box)
    counts = rectangle(left, top, right, bottom, width, height)
    if with_hole and right - left >= 3 and bottom - top >= 3 and bottom - top < height:
        column = 2 * (right - left) // 2 | 1  # a run of ones, in a column inside
        column = min(column, 2 * (right - left) - 3)
        counts[column : column + 1] = [1, 1, counts[column] - 2]
    return counts


def _polygons(box: PixelBox, kind: int) -> list[list[float]]:
    """Return an outline whose bounds are the box: a triangle, more corners, or two parts of one object."""
    left, top, right, bottom = box
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    shapes: tuple[list[list[float]], ...] = (
        [[left, top, right, top, right, bottom]],
        [[left, top, right, top, right, bottom, left, bottom]],
        [[middle_x, top, right, middle_y, middle_x, bottom, left, middle_y]],
        [[left, top, middle_x, top, left, middle_y], [right, bottom, middle_x, bottom, right, middle_y]],
        [[left, top, right, top, middle_x, middle_y, right, bottom, left, bottom]],
    )
    return shapes[kind % len(shapes)]
