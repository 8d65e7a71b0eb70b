"""Correct converters, and mutants of them: one line changed, as people get it wrong.

The converters are those of ``examples/converters``. A mutant is a module of its own, so that the worker
process can import it as it would any other.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["MUTANTS", "PAIRS", "Mutant", "Pair", "converter", "mutated"]

CONVERTERS = Path(__file__).parent.parent / "examples" / "converters"


class Pair(NamedTuple):
    """A correct converter: its module and function, its inverse, and what it promises."""

    module: str
    function: str
    inverse: str | None
    promise: dict[str, Any]


PAIRS = {
    "coco-od": Pair("coco_azure", "to_detection", "from_detection", {"source": "coco", "target": "azure-od-record"}),
    "coco-is": Pair("coco_azure", "to_segmentation", "from_segmentation",
                    {"source": "coco", "target": "azure-is-record", "losses": {"crowd"}}),
    "od-coco": Pair("coco_azure", "from_detection", "to_detection", {"source": "azure-od-record", "target": "coco"}),
    "is-coco": Pair("coco_azure", "from_segmentation", "to_segmentation",
                    {"source": "azure-is-record", "target": "coco"}),
    "voc-od": Pair("voc_azure", "to_detection", "from_detection",
                   {"source": "pascal-voc", "target": "azure-od-record"}),
    "od-voc": Pair("voc_azure", "from_detection", "to_detection",
                   {"source": "azure-od-record", "target": "pascal-voc"}),
    "od-response": Pair("responses", "to_detection", None,
                        {"source": "azure-od-response", "target": "azure-od-record"}),
    "is-response": Pair("responses", "to_segmentation", None,
                        {"source": "azure-is-response", "target": "azure-is-record"}),
    "coco-od-folder": Pair("folders", "coco_folder", None,
                           {"source": "coco", "target": "azure-od-record", "unit": "folder"}),
    "voc-od-folder": Pair("folders", "voc_folder", None,
                          {"source": "pascal-voc", "target": "azure-od-record", "unit": "folder"}),
}  # fmt: skip


class Mutant(NamedTuple):
    """A change of one line within one function; ``law`` is the first of the laws that it breaks, with seed 1."""

    name: str
    pair: str
    function: str
    old: str
    new: str
    law: str = "conserves"


_BOX = 'x, y, across, down = annotation["bbox"]'
_RIGHT = '"bottomX": min((x + across) / width, 1.0),'
_LOOP = 'for annotation in document["annotations"]:'
_RECORDS = 'records = {image["id"]: _record(image) for image in document["images"]}'
_RETURN = "return list(records.values())"
_POLYGONS = "for i, v in enumerate(polygon)] for polygon in polygons]"
_XS = "xs = [x for polygon in polygons for x in polygon[0::2]]"
_PREDICTIONS = 'for found in item["boxes"]:'
_IMAGES = "for item, image in zip(response, images, strict=True):"
_VOC_OBJECTS = 'for item in root.findall("object"):'


def _right(extra: str) -> str:
    return f'"bottomX": min((x + across + {extra}) / width, 1.0),'


MUTANTS = (
    # COCO to detection.
    Mutant("swapped axes", "coco-od", "to_detection", '"topX": x / width,', '"topX": y / width,', "valid_output"),
    Mutant("width for height", "coco-od", "to_detection", '"topY": y / height,', '"topY": y / width,', "valid_output"),
    Mutant("width taken for the right edge", "coco-od", "to_detection", _RIGHT, '"bottomX": min(across / width, 1.0),',
           "valid_output"),
    Mutant("off by one", "coco-od", "to_detection", _RIGHT, _right("1")),
    Mutant("integer truncation", "coco-od", "to_detection", '"topX": x / width,', '"topX": int(x) / width,'),
    Mutant("rounding to 2 decimals", "coco-od", "to_detection", '"topX": x / width,', '"topX": round(x / width, 2),',
           "valid_output"),
    Mutant("clamping", "coco-od", "to_detection", _RIGHT, '"bottomX": min((x + across) / width, 0.99),'),
    Mutant("last object dropped", "coco-od", "to_detection", _LOOP, 'for annotation in document["annotations"][:-1]:'),
    Mutant("image ids from 1", "coco-od", "to_detection", _RECORDS,
           'records = {i: _record(image) for i, image in enumerate(document["images"], 1)}', "runs"),
    Mutant("category ids from 1", "coco-od", "to_detection",
           'names = {category["id"]: _named(category) for category in document["categories"]}',
           'names = {i: _named(category) for i, category in enumerate(document["categories"], 1)}', "runs"),
    Mutant("image ids as places", "coco-od", "to_detection", 'record = records[annotation["image_id"]]',
           'record = list(records.values())[annotation["image_id"] % len(records)]', "valid_output"),
    Mutant("shared state", "coco-od", "to_detection", _RECORDS,
           f'{_RECORDS}; globals().setdefault("_seen", {{}}).update(records); records = globals()["_seen"]'),
    Mutant("input mutated", "coco-od", "to_detection", _BOX, 'x, y, across, down = annotation.pop("bbox")',
           "independent"),
    Mutant("one list returned for all calls", "coco-od", "to_detection", _RETURN,
           'made = globals().setdefault("_made", []); made[:] = records.values(); return made', "independent"),
    Mutant("crowd lost", "coco-od", "to_detection", '"isCrowd": annotation.get("iscrowd", 0),', '"isCrowd": 0,'),
    Mutant("crowds dropped", "coco-od", "to_detection", 'record["label"].append(box)',
           'record["label"] += [box] * (1 - annotation.get("iscrowd", 0))'),
    Mutant("empty images dropped", "coco-od", "to_detection", _RETURN,
           'return [record for record in records.values() if record["label"]]'),
    Mutant("images in the order of a hash", "coco-od", "to_detection", _RETURN,
           'return sorted(records.values(), key=lambda record: hash(record["image_url"]))', "deterministic"),
    Mutant("first object wider", "coco-od", "to_detection", _RIGHT, _right('(0 if record["label"] else 0.3)'), "order"),
    Mutant("wider among several images", "coco-od", "to_detection", _RIGHT, _right("(0.3 if len(records) > 1 else 0)"),
           "concatenation"),
    Mutant("wider for one class", "coco-od", "to_detection", _RIGHT,
           _right('(0.3 if names[annotation["category_id"]] == "a" else 0)'), "relabel"),
    Mutant("a third of a pixel wider", "coco-od", "to_detection", _RIGHT, _right("0.3"), "scale"),
    Mutant("another error than declared", "coco-od", "refusing",
           "except (AttributeError, IndexError, KeyError, TypeError) as error:",
           "except (AttributeError, IndexError, TypeError) as error:", "rejects"),
    Mutant("objects of no class left out", "coco-od", "to_detection", _LOOP,
           'for annotation in [a for a in document["annotations"] if a["category_id"] in names]:', "rejects"),
    Mutant("inverse moves boxes", "coco-od", "from_detection",
           '_add(document, i, item["label"], box, item.get("isCrowd", 0))',
           '_add(document, i, item["label"], [v + 2 for v in box], item.get("isCrowd", 0))', "round_trip"),
    Mutant("folders cut off", "coco-od", "_record", 'STORE + image["file_name"]',
           'STORE + image["file_name"].rpartition("/")[2]'),
    Mutant("file names in lower case", "coco-od", "_record", 'STORE + image["file_name"]',
           'STORE + image["file_name"].lower()'),
    Mutant("spaces replaced", "coco-od", "_record", 'STORE + image["file_name"]',
           'STORE + image["file_name"].replace(" ", "_")'),
    Mutant("extension forced", "coco-od", "_record", 'STORE + image["file_name"]',
           'STORE + image["file_name"].partition(".")[0] + ".jpg"'),
    Mutant("width and height swapped", "coco-od", "_record", '{"width": width, "height": height}',
           '{"width": height, "height": width}', "valid_output"),
    Mutant("type of every image jpg", "coco-od", "_record", '{"width": width,', '{"format": "jpg", "width": width,'),
    Mutant("supercategory for the class", "coco-od", "_named", 'return text(category["name"])',
           'return category.get("supercategory", category["name"])'),
    Mutant("classes in lower case", "coco-od", "_named", 'return text(category["name"])',
           'return category["name"].lower()'),
    Mutant("classes in ASCII", "coco-od", "_named", 'return text(category["name"])',
           'return category["name"].encode("ascii", "replace").decode()'),
    # COCO to segmentation.
    Mutant("first polygon only", "coco-is", "to_segmentation", _POLYGONS, _POLYGONS[:-1] + "[:1]]"),
    Mutant("closing point doubled", "coco-is", "to_segmentation", _POLYGONS,
           "for i, v in enumerate(polygon + polygon[:2])] for polygon in polygons]"),
    Mutant("polygon with swapped sizes", "coco-is", "to_segmentation", "(height if i % 2 else width)",
           "(width if i % 2 else height)", "valid_output"),
    Mutant("polygon read backwards", "coco-is", "to_segmentation", "enumerate(polygon)]", "enumerate(polygon[::-1])]",
           "valid_output"),
    Mutant("polygon without its last point", "coco-is", "to_segmentation", "enumerate(polygon)]",
           "enumerate(polygon[:-2] if len(polygon) > 6 else polygon)]"),
    # Detection and segmentation to COCO.
    Mutant("class order from a set", "od-coco", "_document", "for i, name in enumerate(labels, 1)]",
           "for i, name in enumerate(set(labels), 1)]", "deterministic"),
    Mutant("category ids off by one", "od-coco", "_add", '"category_id": categories[label],',
           '"category_id": categories[label] + 1,', "valid_output"),
    Mutant("corners for the box", "od-coco", "_add", '"bbox": [left, top, right - left, bottom - top],',
           '"bbox": [left, top, right, bottom],'),
    Mutant("crowd lost on the way back", "od-coco", "_add", '"iscrowd": int(crowd),', '"iscrowd": 0,'),
    Mutant("pixels truncated", "od-coco", "from_detection", 'item["topX"] * width', 'int(item["topX"] * width)'),
    Mutant("image ids from 0", "od-coco", "from_detection", "for i, record in enumerate(records, 1):",
           "for i, record in enumerate(records):", "valid_output"),
    Mutant("annotation ids repeated", "od-coco", "_add", '"id": len(document["annotations"]) + 1,', '"id": image,',
           "valid_output"),
    Mutant("bounds of the first polygon", "is-coco", "from_segmentation", _XS,
           "xs = [x for polygon in polygons[:1] for x in polygon[0::2]]"),
    Mutant("x and y mixed up", "is-coco", "from_segmentation", _XS,
           "xs = [x for polygon in polygons for x in polygon[1::2]]"),
    # PASCAL VOC.
    Mutant("first pixel taken for 0", "voc-od", "_record", '"topX": (left - 1) / width,', '"topX": left / width,',
           "valid_output"),
    Mutant("last pixel left out", "voc-od", "_record", '"bottomY": bottom / height,',
           '"bottomY": (bottom - 1) / height,', "valid_output"),
    Mutant("difficult objects dropped", "voc-od", "_record", _VOC_OBJECTS,
           'for item in [o for o in root.findall("object") if o.findtext("difficult") != "1"]:'),
    Mutant("only the first object", "voc-od", "_record", _VOC_OBJECTS, 'for item in root.findall("object")[:1]:'),
    Mutant("decimals cut off", "voc-od", "_record", '(float(_text(item, f"bndbox/{key}"))',
           '(int(float(_text(item, f"bndbox/{key}")))'),
    Mutant("sub-folder lost", "voc-od", "_record", "{folder / _text(root, 'filename')}", "{_text(root, 'filename')}"),
    Mutant("image named after the XML file", "voc-od", "_record", "{folder / _text(root, 'filename')}",
           "{folder / PurePosixPath(path).stem}.jpg"),
    Mutant("default size for a missing one", "voc-od", "_record", '"label": []}',
           '"label": [], "image_details": {"width": 640, "height": 480}}'),
    Mutant("size of a square", "voc-od", "_record", "int(_text(root, 'size/height'))".replace("'", '"'),
           'int(_text(root, "size/width"))', "valid_output"),
    Mutant("first pixel written as 0", "od-voc", "_annotation", '"xmin": item["topX"] * width + 1,',
           '"xmin": item["topX"] * width,'),
    Mutant("pixels truncated for VOC", "od-voc", "_annotation", 'f"{value:.2f}"', "str(int(value))"),
    Mutant("depth for height", "od-voc", "_annotation", '("height", height)', '("height", 3)'),
    # Responses to training records.
    Mutant("axes of a prediction swapped", "od-response", "to_detection", '_ratios([found["box"]["topX"], ',
           '_ratios([found["box"]["topY"], ', "runs"),
    Mutant("corner taken for a size", "od-response", "to_detection", '"bottomX": right,',
           '"bottomX": min(left + right, 1.0),'),
    Mutant("predictions below a half dropped", "od-response", "to_detection", _PREDICTIONS,
           'for found in [f for f in item["boxes"] if f["score"] >= 0.5]:'),
    Mutant("best prediction only", "od-response", "to_detection", _PREDICTIONS,
           'for found in sorted(item["boxes"], key=lambda f: f["score"])[-1:]:'),
    Mutant("one prediction a class", "od-response", "to_detection", _PREDICTIONS,
           'for found in {f["label"]: f for f in item["boxes"]}.values():'),
    Mutant("predictions taken off the response", "od-response", "to_detection", _PREDICTIONS,
           'for found in [item["boxes"].pop(0) for _ in item["boxes"][:]]:', "independent"),
    Mutant("images the wrong way round", "od-response", "to_detection", _IMAGES,
           "for item, image in zip(response, images[::-1], strict=True):"),
    Mutant("first image for every prediction", "od-response", "to_detection", _IMAGES,
           "for item, image in zip(response, images[:1] * len(images), strict=True):"),
    Mutant("images without a prediction left out", "od-response", "to_detection", "records.append(record)",
           'records += [record] if record["label"] else []'),
    Mutant("score for the class", "od-response", "to_detection", '"label": text(found["label"]),',
           '"label": str(found["score"]),'),
    Mutant("size of the image swapped", "od-response", "_record", '"width": image.width, "height": image.height',
           '"width": image.height, "height": image.width'),
    Mutant("base name of the image", "od-response", "_record", "{image.name}", "{image.name[7:]}"),
    Mutant("unsound boxes left out", "od-response", "to_detection",
           """raise ValueError(f"the box {found['box']} has no area")""", "continue", "rejects"),
    Mutant("largest contour only", "is-response", "to_segmentation", '_ratios(contour) for contour in found["polygon"]',
           '_ratios(contour) for contour in sorted(found["polygon"], key=len)[-1:]'),
    Mutant("contour without its last point", "is-response", "to_segmentation", '"polygon": contours}',
           '"polygon": [c[:-2] if len(c) > 6 else c for c in contours]}'),
    Mutant("contour to two decimals", "is-response", "to_segmentation", '"polygon": contours}',
           '"polygon": [[round(v, 2) for v in c] for c in contours]}'),
    Mutant("contour of y and x", "is-response", "to_segmentation", '"polygon": contours}',
           '"polygon": [c[::-1] for c in contours]}'),
    Mutant("box for the outline", "is-response", "to_segmentation", '"polygon": contours}',
           '"polygon": [[v for k in (("topX", "topY"), ("bottomX", "topY"), ("bottomX", "bottomY")) '
           'for v in (found["box"][k[0]], found["box"][k[1]])]]}'),
    # Folders.
    Mutant("written in cp1252", "coco-od-folder", "coco_folder", '.write_text(lines, encoding="utf-8")',
           '.write_text(lines, encoding="cp1252", errors="replace")', "valid_output"),
    Mutant("read in cp1252", "voc-od-folder", "voc_folder", 'path.read_text(encoding="utf-8")',
           'path.read_text(encoding="cp1252", errors="replace")'),
    Mutant("only the top folder", "voc-od-folder", "voc_folder", 'source.rglob("*.xml")',
           'source.glob("Annotations/*.xml")'),
)  # fmt: skip


def converter(module: str, function: str) -> Callable[..., Any]:
    """Return a function of ``examples/converters``."""
    if str(CONVERTERS) not in sys.path:
        sys.path.insert(0, str(CONVERTERS))
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def mutated(mutant: Mutant, folder: Path) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Return a mutant's converter and inverse, from a module that is written to a folder."""
    pair = PAIRS[mutant.pair]
    text = (CONVERTERS / f"{pair.module}.py").read_text(encoding="utf-8")
    start = text.index(f"def {mutant.function}(")
    end = text.find("\n\n\n", start)
    body = text[start : end if end >= 0 else len(text)]
    assert body.count(mutant.old) == 1, f"{mutant.name}: {mutant.old!r} is there {body.count(mutant.old)} times"
    name = "mutant_" + "".join(c if c.isalnum() else "_" for c in f"{mutant.pair}_{mutant.name}")
    changed = text.replace(body, body.replace(mutant.old, mutant.new))
    (folder / f"{name}.py").write_text(changed, encoding="utf-8")
    for path in (str(CONVERTERS), str(folder)):
        if path not in sys.path:
            sys.path.insert(0, path)
    importlib.invalidate_caches()
    module = importlib.import_module(name)
    return getattr(module, pair.function), getattr(module, pair.inverse) if pair.inverse else None
