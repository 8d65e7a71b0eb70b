"""Drawing PASCAL VOC annotations that are legal and found in the wild."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.interchange import voc_xml
from pytest_visionfmt.interchange.drawing import SIZES, check_counts, classes, file_name, pixel_box
from pytest_visionfmt.interchange.pascal_voc import FOLDER, ROOT

__all__ = ["pascal_voc_file", "pascal_voc_files"]

_POSES = ("Unspecified", "Frontal", "Left")
_MOST_OBJECTS = 6


@st.composite
def pascal_voc_files(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 6,
    sizes: bool = False,
) -> dict[str, str]:
    """Return a strategy for folders of PASCAL VOC annotations: the text of each XML file, by its path.

    * ``min_images`` and ``max_images`` bound how many files there are, ``min_objects`` and
      ``max_objects`` how many objects, over all of them.
    * ``sizes`` says whether every file has to say the size of its image.

    Files stand in ``Annotations`` and its sub-folders; two may have one base name. Corners are whole
    pixels or decimals, the first pixel being 1; ``pose``, ``truncated``, ``difficult``, ``depth`` and
    ``segmented`` are sometimes absent, and so is ``size`` where there is no object. Folders shrink to one file
    for an image ``a.jpg`` of 100 by 100, without an object. Wrong arguments raise ``InvalidArgument``
    when first drawn from. Source: The PASCAL VOC Challenge, Development Kit (VOC2012).
    """
    check_counts(min_images, max_images, min_objects, max_objects)
    blocks = draw(st.lists(st.binary(min_size=6, max_size=6), min_size=min_images, max_size=max_images))
    objects = draw(
        st.lists(st.binary(min_size=13, max_size=13), min_size=min_objects, max_size=max_objects if blocks else 0)
    )
    style = draw(st.binary(min_size=2, max_size=2))
    labels = classes(style[0], style[1] if style[1] > 31 else 0)
    taken: set[str] = set()
    files: dict[str, str] = {}
    for i, block in enumerate(blocks):
        name = PurePosixPath(file_name(block[0], block[1], i, taken))
        path = PurePosixPath(FOLDER) / name.with_name(f"{_stem(name.name)}.xml")
        while str(path) in files:  # the same image as another type: its annotation has to stand elsewhere
            name = PurePosixPath("more") / name
            path = PurePosixPath(FOLDER) / name.with_name(f"{_stem(name.name)}.xml")
        own = [item for item in objects if item[0] % len(blocks) == i]
        files[str(path)] = voc_xml.write(ROOT, _annotation(name.name, block, own, labels, sized=sizes or bool(own)))
    event("visionfmt:pascal-voc images", str(len(files)))
    event("visionfmt:pascal-voc objects", ("none", "one", "several")[min(len(objects), 2)])
    return files


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name


@st.composite
def pascal_voc_file(
    draw: st.DrawFn, *, min_objects: int = 0, max_objects: int = _MOST_OBJECTS, sizes: bool = False
) -> str:
    """Return a strategy for the text of one PASCAL VOC annotation file.

    * ``min_objects`` and ``max_objects`` bound how many objects it has.
    * ``sizes`` says whether it has to say the size of its image.

    It is a file as ``pascal_voc_files`` draws them.
    """
    files = draw(
        pascal_voc_files(min_images=1, max_images=1, min_objects=min_objects, max_objects=max_objects, sizes=sizes)
    )
    (text,) = files.values()
    return text


def _annotation(name: str, block: bytes, objects: list[bytes], labels: list[str], *, sized: bool) -> dict[str, Any]:
    width, height = SIZES[block[2] % len(SIZES) if block[2] > 31 else block[2] % 2]
    annotation: dict[str, Any] = {"folder": "VOC2012", "filename": name}
    if block[3] > 191:
        del annotation["folder"]
    if block[3] % 4 == 3:
        annotation["source"] = {"database": "Unknown", "annotation": "PASCAL VOC", "image": "flickr"}
    if sized or block[4] < 224:
        annotation["size"] = {"width": str(width), "height": str(height)}
        if block[4] % 4 < 3:
            annotation["size"]["depth"] = "1" if block[4] % 4 == 2 else "3"
    if block[5] % 2 == 0:
        annotation["segmented"] = "0"
    if objects:
        annotation["object"] = [_object(item, labels, width, height) for item in objects]
    return annotation


def _object(block: bytes, labels: list[str], width: int, height: int) -> dict[str, Any]:
    found: dict[str, Any] = {"name": labels[block[1] % len(labels)]}
    flags = block[3]
    if flags % 8 < 6:
        found["pose"] = _POSES[flags % 3]
    if flags // 8 % 4 < 3:
        found["truncated"] = str(flags // 8 % 2)
    if flags // 32 % 8 < 6:
        found["difficult"] = str(int(flags // 32 % 8 == 1))
    box = pixel_box(block[2] if not 196 <= block[2] < 216 else 216, block[5:13], width, height)
    corners = {"xmin": box.left + 1, "ymin": box.top + 1, "xmax": box.right, "ymax": box.bottom}
    if any(corners[high] < corners[low] for low, high in (("xmin", "xmax"), ("ymin", "ymax"))):
        # Less than a pixel cannot be said: both corners belong to the box.
        corners = {key: float(int(value)) for key, value in corners.items()}
        corners["xmax"], corners["ymax"] = max(corners["xmin"], corners["xmax"]), max(corners["ymin"], corners["ymax"])
    found["bndbox"] = {key: _number(value) for key, value in corners.items()}
    return found


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 2))
