"""Draw, check and compare records of computer-vision data formats, in pytest and outside it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject
    from pytest_visionfmt.assertions import assert_valid
    from pytest_visionfmt.checking import check_record
    from pytest_visionfmt.checking_files import check_bytes, check_file
    from pytest_visionfmt.conversions import Conversion, LawBroken, conversion
    from pytest_visionfmt.edges.files import EdgeFile, edge_files
    from pytest_visionfmt.edges.records import EdgeCase, edge_cases
    from pytest_visionfmt.findings import Evidence, Finding, InvalidRecord, Reaction, Severity
    from pytest_visionfmt.format import (
        ANY_KIND,
        ANYWHERE,
        OTHER_KEYS,
        Exchange,
        File,
        Format,
        Hit,
        Judgement,
        Parsed,
        Profile,
        Record,
        Rule,
        Schema,
        Verdict,
    )
    from pytest_visionfmt.formats import TABLE, UnknownFormat, named
    from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
    from pytest_visionfmt.fuzzing.failures import Failure, FuzzReport
    from pytest_visionfmt.fuzzing.fuzz import fuzz
    from pytest_visionfmt.interchange import INTERCHANGE, Interchange
    from pytest_visionfmt.interchange.coco import COCO
    from pytest_visionfmt.interchange.coco_strategies import coco_document
    from pytest_visionfmt.interchange.pascal_voc import PASCAL_VOC
    from pytest_visionfmt.interchange.voc_strategies import pascal_voc_file, pascal_voc_files
    from pytest_visionfmt.reading import read
    from pytest_visionfmt.report import Report
    from pytest_visionfmt.strategies import (
        azure_is_record,
        azure_multiclass_record,
        azure_multilabel_record,
        azure_od_record,
        record,
    )
    from pytest_visionfmt.tolerance import Tolerance, px
    from pytest_visionfmt.whole_files import jsonl, records

# Loaded when first asked for: a test run that only has the plugin installed pays for none of it.
_HOMES = {
    "annotations": ("AnnotatedImage", "AnnotatedObject"),
    "assertions": ("assert_valid",),
    "checking": ("check_record",),
    "checking_files": ("check_bytes", "check_file"),
    "conversions": ("Conversion", "LawBroken", "conversion"),
    "edges.records": ("EdgeCase", "edge_cases"),
    "edges.files": ("EdgeFile", "edge_files"),
    "findings": ("Evidence", "Finding", "InvalidRecord", "Reaction", "Severity"),
    "format": (
        "ANYWHERE",
        "ANY_KIND",
        "OTHER_KEYS",
        "Exchange",
        "File",
        "Format",
        "Hit",
        "Judgement",
        "Parsed",
        "Profile",
        "Record",
        "Rule",
        "Schema",
        "Verdict",
    ),
    "formats": ("TABLE", "UnknownFormat", "named"),
    "formats.shared_rules": ("JSON_RULES", "SCHEMA_RULES"),
    "fuzzing.failures": ("Failure", "FuzzReport"),
    "fuzzing.fuzz": ("fuzz",),
    "interchange": ("INTERCHANGE", "Interchange"),
    "interchange.coco": ("COCO",),
    "interchange.coco_strategies": ("coco_document",),
    "interchange.pascal_voc": ("PASCAL_VOC",),
    "interchange.voc_strategies": ("pascal_voc_file", "pascal_voc_files"),
    "reading": ("read",),
    "report": ("Report",),
    "strategies": (
        "azure_is_record",
        "azure_multiclass_record",
        "azure_multilabel_record",
        "azure_od_record",
        "record",
    ),
    "tolerance": ("Tolerance", "px"),
    "whole_files": ("jsonl", "records"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "ANYWHERE",
    "ANY_KIND",
    "COCO",
    "INTERCHANGE",
    "JSON_RULES",
    "OTHER_KEYS",
    "PASCAL_VOC",
    "SCHEMA_RULES",
    "TABLE",
    "AnnotatedImage",
    "AnnotatedObject",
    "Conversion",
    "EdgeCase",
    "EdgeFile",
    "Evidence",
    "Exchange",
    "Failure",
    "File",
    "Finding",
    "Format",
    "FuzzReport",
    "Hit",
    "Interchange",
    "InvalidRecord",
    "Judgement",
    "LawBroken",
    "Parsed",
    "Profile",
    "Reaction",
    "Record",
    "Report",
    "Rule",
    "Schema",
    "Severity",
    "Tolerance",
    "UnknownFormat",
    "Verdict",
    "assert_valid",
    "azure_is_record",
    "azure_multiclass_record",
    "azure_multilabel_record",
    "azure_od_record",
    "check_bytes",
    "check_file",
    "check_record",
    "coco_document",
    "conversion",
    "edge_cases",
    "edge_files",
    "fuzz",
    "jsonl",
    "named",
    "pascal_voc_file",
    "pascal_voc_files",
    "px",
    "read",
    "record",
    "records",
]


def __getattr__(name: str) -> Any:
    if module := _HOME_OF.get(name):
        value = getattr(import_module(f"pytest_visionfmt.{module}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
