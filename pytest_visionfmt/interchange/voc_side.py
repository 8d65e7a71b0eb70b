"""Folders of PASCAL VOC annotations as a side of a conversion."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.checking import check_record
from pytest_visionfmt.edges.cases import EdgeCase
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.interchange import voc_xml
from pytest_visionfmt.interchange.broken import broken_values
from pytest_visionfmt.interchange.drawing import CLASSES, NAMES, SIZES, PixelBox, doubled_box
from pytest_visionfmt.interchange.image_files import images_of, write_image
from pytest_visionfmt.interchange.interchange import ConversionUnit, Interchange, Tree
from pytest_visionfmt.interchange.pascal_voc import (
    FOLDER,
    PASCAL_VOC,
    ROOT,
    check_file,
    check_files,
    read_file,
    read_files,
)
from pytest_visionfmt.values import fresh

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["PASCAL_VOC_SIDE"]

_IMAGES = "images"


def _draw(unit: ConversionUnit, *, whole: bool) -> SearchStrategy[Any]:
    from pytest_visionfmt.interchange.voc_strategies import pascal_voc_file, pascal_voc_files

    return pascal_voc_file(sizes=whole) if unit == "record" else pascal_voc_files(sizes=whole)


def _read(value: Any) -> list[AnnotatedImage]:
    return read_files(value) if isinstance(value, dict) else read_file(value)


def _check(value: Any) -> tuple[Finding, ...]:
    return check_files(value) if isinstance(value, dict) else check_file(value)


def _shape(value: Any, unit: ConversionUnit) -> str:
    if unit == "record":
        return "" if isinstance(value, str) else f"a {type(value).__name__}, not the text of an XML file"
    if not isinstance(value, dict):
        return f"a {type(value).__name__}, not a dict of XML files by their path"
    for path, text in value.items():
        if not isinstance(path, str) or not isinstance(text, str | bytes):
            return f"a dict that holds {path!r}: a {type(text).__name__}, not paths and texts"
    return ""


def _each(value: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """Return a file, or all files, written anew after a change of their content."""
    if isinstance(value, dict):
        return {path: _each(text, change) for path, text in value.items()}
    content = voc_xml.parse(value)[1]
    change(content)
    return voc_xml.write(ROOT, content)


def _reverse(value: Any) -> Any:
    def turn(content: dict[str, Any]) -> None:
        content.get("object", []).reverse()

    turned = _each(value, turn)
    return dict(reversed(turned.items())) if isinstance(turned, dict) else turned


def _join(a: Any, b: Any) -> tuple[Any, Any]:
    moved = {}
    for path, text in b.items():
        parts = PurePosixPath(path).parts
        moved[str(PurePosixPath(parts[0], "second", *parts[1:]))] = text
    return moved, {**a, **moved}


def _relabel(value: Any, names: Mapping[Any, Any]) -> Any:
    def rename(content: dict[str, Any]) -> None:
        for item in content.get("object", []):
            item["name"] = names.get(item["name"], item["name"])

    return _each(value, rename)


def _double(value: Any) -> tuple[Any, Any]:
    return _each(value, lambda content: _scale(content, 0)), _each(value, lambda content: _scale(content, 1))


def _scale(content: dict[str, Any], which: int) -> None:
    size = content.get("size")
    if size is None:
        return
    width, height = int(size["width"]), int(size["height"])
    size["width"], size["height"] = str(width << which), str(height << which)
    for item in content.get("object", []):
        left, top, right, bottom = (float(item["bndbox"][key]) for key in ("xmin", "ymin", "xmax", "ymax"))
        box = doubled_box(PixelBox(left - 1, top - 1, right, bottom), width, height)[which]
        corners = (box.left + 1, box.top + 1, box.right, box.bottom)
        item["bndbox"] = {key: str(int(c)) for key, c in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)}


def _write(files: Any, folder: Path) -> None:
    (folder / _IMAGES).mkdir()
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    example = {f"{FOLDER}/a.xml": voc_xml.write(ROOT, _simple())}
    for image in images_of(files, read_files, example):
        write_image(folder / _IMAGES / str(image.name), image.width, image.height)


def _load(tree: Tree) -> Any:
    """Return all XML files; one that is not UTF-8 as bytes, since XML may say its encoding itself."""
    files: dict[str, str | bytes] = {}
    for path in sorted(tree):
        if path.lower().endswith(".xml"):
            try:
                files[path] = tree[path].decode("utf-8")
            except UnicodeDecodeError:
                files[path] = tree[path]
    return files


def _simple() -> dict[str, Any]:
    box = {"xmin": "11", "ymin": "21", "xmax": "40", "ymax": "60"}
    item = {"name": "a", "pose": "Unspecified", "truncated": "0", "difficult": "0", "bndbox": box}
    size = {"width": "100", "height": "100", "depth": "3"}
    return {"folder": "VOC2012", "filename": "a.jpg", "size": size, "segmented": "0", "object": [item]}


def _edge_cases() -> tuple[EdgeCase, ...]:
    """Return the folders that people of the field know."""
    made: list[tuple[str, str, dict[str, Any]]] = []

    def case(name: str, why: str, change: Callable[[dict[str, Any]], Any]) -> None:
        content = _simple()
        change(content)
        made.append((name, why, content))

    def box(*corners: float) -> Callable[[dict[str, Any]], Any]:
        texts = dict(zip(("xmin", "ymin", "xmax", "ymax"), map(str, corners), strict=True))
        return lambda content: content["object"][0].update(bndbox=texts)

    case("no-object", "The image has no object.", lambda content: content.pop("object"))
    case("bare", "Optional elements are absent.", lambda content: [content.pop(key) for key in ("folder", "segmented")])
    case("difficult", "The object is hard to recognise.", lambda content: content["object"][0].update(difficult="1"))
    case(
        "no-difficult", "The object does not say how hard it is.", lambda content: content["object"][0].pop("difficult")
    )
    case("one-pixel", "Both corners are one pixel.", box(100, 100, 100, 100))
    case("whole-image", "The box is the whole image.", box(1, 1, 100, 100))
    case("decimals", "Corners are decimals.", box(11.25, 21.5, 40.75, 60.5))
    for width, height in SIZES[2:]:
        size = {"width": str(width), "height": str(height)}

        def grow(content: dict[str, Any], size: dict[str, str] = size) -> None:
            content["size"].update(size)
            content["object"][0]["bndbox"] = {"xmin": "1", "ymin": "1", "xmax": size["width"], "ymax": size["height"]}

        case(f"size-{width}x{height}", "The image has an unusual size.", grow)
    for name in CLASSES[3:]:

        def call(content: dict[str, Any], name: str = name) -> None:
            content["object"][0]["name"] = name

        case(f"class-{name}", "The name of the class is one that trips parsers.", call)
    folders: list[tuple[str, str, dict[str, dict[str, Any]]]] = []
    for form in NAMES:
        path = PurePosixPath(form.format("a"))
        content = {**_simple(), "filename": path.name}
        place = str(PurePosixPath(FOLDER) / path.with_name(f"{path.name.rpartition('.')[0] or path.name}.xml"))
        folders.append((f"file-name-{path}", "The name of the image is one that trips parsers.", {place: content}))
    both = {f"{FOLDER}/{folder}/a.xml": _simple() for folder in ("train", "val")}
    folders.append(("same-base-name", "Two images in two folders have one base name.", both))
    folders += [(name, why, {f"{FOLDER}/a.xml": content}) for name, why, content in made]
    return tuple(
        EdgeCase(
            name,
            why,
            False,
            lambda value: False,
            {path: voc_xml.write(ROOT, content) for path, content in files.items()},
        )
        for name, why, files in folders
    )


def _invalid(unit: ConversionUnit) -> list[tuple[Any, str]]:
    contents = broken_values(_simple(), PASCAL_VOC, lambda content: check_record(content, PASCAL_VOC))
    texts = [(voc_xml.write(ROOT, content), why) for content, why in contents]
    whole = voc_xml.write(ROOT, fresh(_simple()))
    texts += [("", "the file is empty"), (whole[: len(whole) // 2], "the file ends in the middle")]
    texts = [(text, why) for text, why in texts if check_file(text)]
    return texts if unit == "record" else [({f"{FOLDER}/a.xml": text}, why) for text, why in texts]


# What XML 1.0 has no way to write, and what a parser may change: white space around, and line endings.
_UNWRITABLE = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def _can_write(text: str) -> bool:
    return bool(text) and text == text.strip() and not _UNWRITABLE.search(text)


PASCAL_VOC_SIDE = Interchange(
    "pascal-voc",
    PASCAL_VOC.title,
    PASCAL_VOC.source,
    frozenset({"folders", "size", "difficult", "empty-images"}),
    _draw,
    _read,
    _check,
    _shape,
    _reverse,
    _join,
    _relabel,
    _double,
    _write,
    _load,
    _edge_cases,
    _invalid,
    can_write=_can_write,
)
