"""PASCAL VOC annotations to Azure AutoML detection records and back: small, and right.

A folder of annotations is a dict of the text of each XML file by its path below the folder.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from coco_azure import STORE, refusing, size, text


def _text(element: ElementTree.Element, path: str) -> str:
    found = element.find(path)
    if found is None or not found.text:
        raise ValueError(f"there is no {path}")
    return found.text


def _record(path: str, content: str) -> dict[str, Any]:
    root = ElementTree.fromstring(content)
    folder = PurePosixPath(*PurePosixPath(path).parent.parts[1:])
    record: dict[str, Any] = {"image_url": f"{STORE}{folder / _text(root, 'filename')}", "label": []}
    if root.find("size") is not None:
        width, height = int(_text(root, "size/width")), int(_text(root, "size/height"))
        record["image_details"] = {"width": width, "height": height}
    for item in root.findall("object"):
        # Corners are pixels that belong to the box, and the first pixel is 1.
        left, top, right, bottom = (float(_text(item, f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax"))
        box = {
            "label": _text(item, "name"),
            "topX": (left - 1) / width,
            "topY": (top - 1) / height,
            "bottomX": right / width,
            "bottomY": bottom / height,
            "isCrowd": 0,
        }
        record["label"].append(box)
    return record


def to_detection(files: dict[str, str]) -> list[dict[str, Any]]:
    """Return a detection record for each file."""
    try:
        return [_record(path, content) for path, content in files.items()]
    except (ElementTree.ParseError, UnboundLocalError) as error:
        raise ValueError(f"not an annotation: {error}") from error


def _annotation(record: dict[str, Any], name: str) -> str:
    width, height = size(record)
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = text(name)
    pixels = ElementTree.SubElement(root, "size")
    for key, value in (("width", width), ("height", height), ("depth", 3)):
        ElementTree.SubElement(pixels, key).text = str(value)
    for item in record["label"]:
        found = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(found, "name").text = text(item["label"])
        box = ElementTree.SubElement(found, "bndbox")
        corners = {
            "xmin": item["topX"] * width + 1,
            "ymin": item["topY"] * height + 1,
            "xmax": item["bottomX"] * width,
            "ymax": item["bottomY"] * height,
        }
        if not (0 <= item["topX"] < item["bottomX"] <= 1 and 0 <= item["topY"] < item["bottomY"] <= 1):
            raise ValueError(f"{item} is no box within the image")
        for key, value in corners.items():
            ElementTree.SubElement(box, key).text = f"{value:.2f}"
    return ElementTree.tostring(root, encoding="unicode")


@refusing
def from_detection(records: Any) -> dict[str, str]:
    """Return an annotation file for each detection record that says the size of its image."""
    files = {}
    for record in records:
        path = PurePosixPath(record["image_url"].partition("/paths/")[2])
        place = path.with_name(f"{path.name}.xml")  # a.jpg and a.png are two images
        files[str(PurePosixPath("Annotations") / place)] = _annotation(record, path.name)
    return files
