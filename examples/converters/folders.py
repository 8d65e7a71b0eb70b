"""Converters that read one folder and write another: from COCO, and from PASCAL VOC, to Azure."""

from __future__ import annotations

import json
from pathlib import Path

import coco_azure
import voc_azure


def coco_folder(source: Path, target: Path) -> None:
    """Write ``annotations.jsonl`` for a folder with ``annotations.json``."""
    document = json.loads((source / "annotations.json").read_text(encoding="utf-8"))
    records = coco_azure.to_detection(document)
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    (target / "annotations.jsonl").write_text(lines, encoding="utf-8")


def voc_folder(source: Path, target: Path) -> None:
    """Write ``annotations.jsonl`` for a folder of XML files."""
    paths = sorted(path for path in source.rglob("*.xml"))
    files = {path.relative_to(source).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    records = voc_azure.to_detection(files)
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    (target / "annotations.jsonl").write_text(lines, encoding="utf-8")
