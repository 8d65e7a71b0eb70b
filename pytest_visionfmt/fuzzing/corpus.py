"""A corpus that people can read: each failure as files, tried again first the next time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject
from pytest_visionfmt.conversions import Conversion
from pytest_visionfmt.findings import InvalidRecord
from pytest_visionfmt.fuzzing.failures import Failure, is_files

__all__ = ["DEFAULT_CORPUS", "Kept", "folder_of", "kept", "save"]

DEFAULT_CORPUS = Path(".visionfmt", "corpus")
_CASE = "case.json"


def folder_of(corpus: Path, converter: str) -> Path:
    """Return the folder of one converter's failures."""
    return corpus / re.sub(r"[^\w.-]+", ".", converter)


@dataclass(frozen=True)
class Kept:
    """A failure as it was kept."""

    path: Path
    law: str
    kind: str
    arguments: tuple[Any, ...]
    conversion: tuple[str, str | None, str]

    def fits(self, judged: Conversion) -> bool:
        """Whether it was found in a conversion between the same formats."""
        return self.conversion == _formats(judged)


def _formats(judged: Conversion) -> tuple[str, str | None, str]:
    return judged.source.id, judged.target.id if judged.target else None, judged.unit


def kept(folder: Path) -> Iterator[Kept]:
    """Yield the kept failures of a converter, those that somebody broke by hand left out."""
    for path in sorted(folder.glob(f"*/{_CASE}")):
        try:
            case = json.loads(path.read_text(encoding="utf-8"))
            source, target, unit = case["conversion"]
            yield Kept(path.parent, case["law"], case["kind"], tuple(case["arguments"]), (source, target, unit))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def save(folder: Path, failure: Failure, judged: Conversion) -> Path:
    """Keep a failure: the source and the output as the files they would be, and what was expected, in words."""
    digest = hashlib.sha256(f"{failure.law}\0{failure.kind}\0{_formats(judged)}".encode()).hexdigest()[:10]
    place = folder / f"{failure.law}-{digest}"
    place.mkdir(parents=True, exist_ok=True)
    case = {
        "law": failure.law,
        "kind": failure.kind,
        "message": failure.message,
        "seed": failure.seed,
        "conversion": _formats(judged),
        "arguments": failure.arguments,
    }
    (place / _CASE).write_text(_json(case), encoding="utf-8")
    _write_files(place, "source", failure.source, lines=judged.source.lines)
    if failure.output is not None:
        _write_files(place, "output", failure.output, lines=judged.target is not None and judged.target.lines)
    expected = f"{failure.message}\n\n{_expected(failure.source, judged)}"
    (place / "expected.txt").write_text(expected, encoding="utf-8", errors="backslashreplace")
    (place / "test_it.py.txt").write_text(failure.reproduce, encoding="utf-8")
    return place


def _json(value: Any) -> str:
    return f"{_dumped(value, indent=1)}\n"


def _dumped(value: Any, indent: int | None = None) -> str:
    """Return JSON for people to read; with escapes where half of a surrogate pair is in it, which no file can hold."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=repr)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, default=repr)
    return text


def _write_files(place: Path, name: str, value: Any, *, lines: bool) -> None:
    """Write a value as what it is in the world: a text, a folder of files, lines, or a document."""
    if isinstance(value, str) and not lines:
        (place / f"{name}.xml").write_text(value, encoding="utf-8", errors="backslashreplace")
    elif is_files(value):
        for path, text in value.items():
            file = place / name / path
            if not file.resolve().is_relative_to((place / name).resolve()):
                continue  # a converter's own idea of a path does not lead out of the corpus
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text)
    elif isinstance(value, list) and lines:
        (place / f"{name}.jsonl").write_text("".join(f"{_dumped(one)}\n" for one in value), encoding="utf-8")
    else:
        (place / f"{name}.json").write_text(_json(value), encoding="utf-8")


def _expected(source: Any, judged: Conversion) -> str:
    """Return what the source shows, in words: what a right output would show too."""
    try:
        images = judged.expected(source)
    except (ValueError, InvalidRecord):
        return "The source is not valid: it has to be refused.\n"
    return "The source shows:\n" + "".join(map(_image, images))


def _image(image: AnnotatedImage) -> str:
    size = f", {image.width} x {image.height} px" if image.width and image.height else ""
    lines = [f"{image.name!r}{size}, {len(image.objects) or 'no'} objects\n"]
    return "".join([*lines, *(f"  {_object(item, image)}\n" for item in image.objects)])


def _object(item: AnnotatedObject, image: AnnotatedImage) -> str:
    parts = [repr(item.label)]
    if item.box is not None:
        factors = (image.width or 1, image.height or 1)
        unit = " px" if image.width and image.height else ""
        edges = ", ".join(f"{value * factors[i % 2]:.6g}" for i, value in enumerate(item.box))
        parts.append(f"left, top, right, bottom {edges}{unit}")
    parts += [f"{len(item.polygons)} polygons"] if item.polygons else []
    parts += [name for name in ("crowd", "difficult") if getattr(item, name)]
    return "; ".join(parts)
