"""Draw, check and compare records of computer-vision data formats, in pytest and outside it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, ImageClaim
    from pytest_visionfmt.assertions import (
        AnnotationsDiffer,
        assert_exchange,
        assert_predictions_close,
        assert_same_annotations,
        assert_valid,
    )
    from pytest_visionfmt.breaches import Breach, Breaches, Consequence, FileBreach
    from pytest_visionfmt.bundle import BundleFiles, ModerationBundle, moderation_bundle
    from pytest_visionfmt.checking import check_record
    from pytest_visionfmt.checking_bundle import check_bundle
    from pytest_visionfmt.checking_datasets import check_dataset
    from pytest_visionfmt.checking_files import check_bytes, check_file
    from pytest_visionfmt.checking_paths import check_paths
    from pytest_visionfmt.conversions import Conversion, LawBroken, conversion
    from pytest_visionfmt.dataset_files import DatasetFiles, read_dataset, write_dataset
    from pytest_visionfmt.datasets import Dataset, dataset
    from pytest_visionfmt.edges.files import EdgeFile, edge_files
    from pytest_visionfmt.edges.records import EdgeCase, edge_cases
    from pytest_visionfmt.exchange import check_exchange
    from pytest_visionfmt.findings import Evidence, Finding, InvalidRecord, Reaction, Severity
    from pytest_visionfmt.format import (
        ANY_KIND,
        ANYWHERE,
        OTHER_KEYS,
        Exchange,
        File,
        Files,
        Format,
        Hit,
        Image,
        Judgement,
        Parsed,
        Profile,
        Record,
        Rule,
        Schema,
        Twin,
        Verdict,
    )
    from pytest_visionfmt.formats import TABLE, UnknownFormat, named
    from pytest_visionfmt.formats.image_rules import IMAGE_LIMIT_RULES, IMAGE_RULES
    from pytest_visionfmt.formats.shared_rules import JSON_RULES, SCHEMA_RULES
    from pytest_visionfmt.fuzzing.failures import Failure, FuzzReport
    from pytest_visionfmt.fuzzing.fuzz import fuzz
    from pytest_visionfmt.grading import Grade, assert_accepts, assert_rejects, grade
    from pytest_visionfmt.image_facts import ImageFacts, ImageLimits, ImageProblem, SeenImage, facts_of
    from pytest_visionfmt.images import BrokenImage, DrawnImage, broken_image, image
    from pytest_visionfmt.interchange import INTERCHANGE, Interchange
    from pytest_visionfmt.interchange.coco import COCO
    from pytest_visionfmt.interchange.coco_strategies import coco_document
    from pytest_visionfmt.interchange.pascal_voc import PASCAL_VOC
    from pytest_visionfmt.interchange.voc_strategies import pascal_voc_file, pascal_voc_files
    from pytest_visionfmt.invalid import (
        Invalid,
        InvalidFile,
        invalid_cases,
        invalid_file,
        invalid_files,
        invalid_record,
    )
    from pytest_visionfmt.locations import NoLocalFile, local_path
    from pytest_visionfmt.manifests import ModerationManifests, moderation_manifests
    from pytest_visionfmt.painting import PaintedImage, image_for, objects_in
    from pytest_visionfmt.reading import read
    from pytest_visionfmt.report import Report
    from pytest_visionfmt.sample_folders import write_samples
    from pytest_visionfmt.sampling import samples
    from pytest_visionfmt.strategies import (
        azure_exchange,
        azure_is_record,
        azure_is_response,
        azure_multiclass_record,
        azure_multiclass_response,
        azure_multiclass_xai_response,
        azure_multilabel_record,
        azure_multilabel_response,
        azure_multilabel_xai_response,
        azure_od_record,
        azure_od_response,
        azure_scoring_request,
        azure_xai_request,
        record,
        rekognition_evaluation,
        rekognition_input_record,
        rekognition_moderation_response,
        rekognition_output_record,
    )
    from pytest_visionfmt.tolerance import Tolerance, px
    from pytest_visionfmt.whole_files import jsonl, records

# Loaded when first asked for: a test run that only has the plugin installed pays for none of it.
_HOMES = {
    "annotations": ("AnnotatedImage", "AnnotatedObject", "ImageClaim"),
    "assertions": (
        "AnnotationsDiffer",
        "assert_exchange",
        "assert_predictions_close",
        "assert_same_annotations",
        "assert_valid",
    ),
    "breaches": ("Breach", "Breaches", "Consequence", "FileBreach"),
    "bundle": ("BundleFiles", "ModerationBundle", "moderation_bundle"),
    "checking": ("check_record",),
    "checking_bundle": ("check_bundle",),
    "checking_files": ("check_bytes", "check_file"),
    "checking_datasets": ("check_dataset",),
    "checking_paths": ("check_paths",),
    "dataset_files": ("DatasetFiles", "read_dataset", "write_dataset"),
    "datasets": ("Dataset", "dataset"),
    "conversions": ("Conversion", "LawBroken", "conversion"),
    "edges.records": ("EdgeCase", "edge_cases"),
    "edges.files": ("EdgeFile", "edge_files"),
    "exchange": ("check_exchange",),
    "findings": ("Evidence", "Finding", "InvalidRecord", "Reaction", "Severity"),
    "format": (
        "ANYWHERE",
        "ANY_KIND",
        "OTHER_KEYS",
        "Exchange",
        "File",
        "Files",
        "Format",
        "Hit",
        "Image",
        "Judgement",
        "Parsed",
        "Profile",
        "Record",
        "Rule",
        "Schema",
        "Twin",
        "Verdict",
    ),
    "formats": ("TABLE", "UnknownFormat", "named"),
    "formats.image_rules": ("IMAGE_LIMIT_RULES", "IMAGE_RULES"),
    "formats.shared_rules": ("JSON_RULES", "SCHEMA_RULES"),
    "manifests": ("ModerationManifests", "moderation_manifests"),
    "grading": ("Grade", "assert_accepts", "assert_rejects", "grade"),
    "invalid": ("Invalid", "InvalidFile", "invalid_cases", "invalid_file", "invalid_files", "invalid_record"),
    "image_facts": ("ImageFacts", "ImageLimits", "ImageProblem", "SeenImage", "facts_of"),
    "images": ("BrokenImage", "DrawnImage", "broken_image", "image"),
    "locations": ("NoLocalFile", "local_path"),
    "painting": ("PaintedImage", "image_for", "objects_in"),
    "fuzzing.failures": ("Failure", "FuzzReport"),
    "fuzzing.fuzz": ("fuzz",),
    "interchange": ("INTERCHANGE", "Interchange"),
    "interchange.coco": ("COCO",),
    "interchange.coco_strategies": ("coco_document",),
    "interchange.pascal_voc": ("PASCAL_VOC",),
    "interchange.voc_strategies": ("pascal_voc_file", "pascal_voc_files"),
    "reading": ("read",),
    "report": ("Report",),
    "sample_folders": ("write_samples",),
    "sampling": ("samples",),
    "strategies": (
        "azure_exchange",
        "azure_is_record",
        "azure_is_response",
        "azure_multiclass_record",
        "azure_multiclass_response",
        "azure_multiclass_xai_response",
        "azure_multilabel_record",
        "azure_multilabel_response",
        "azure_multilabel_xai_response",
        "azure_od_record",
        "azure_scoring_request",
        "azure_xai_request",
        "azure_od_response",
        "record",
        "rekognition_evaluation",
        "rekognition_input_record",
        "rekognition_moderation_response",
        "rekognition_output_record",
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
    "IMAGE_LIMIT_RULES",
    "IMAGE_RULES",
    "INTERCHANGE",
    "JSON_RULES",
    "OTHER_KEYS",
    "PASCAL_VOC",
    "SCHEMA_RULES",
    "TABLE",
    "AnnotatedImage",
    "AnnotatedObject",
    "AnnotationsDiffer",
    "Breach",
    "Breaches",
    "BrokenImage",
    "BundleFiles",
    "Consequence",
    "Conversion",
    "Dataset",
    "DatasetFiles",
    "DrawnImage",
    "EdgeCase",
    "EdgeFile",
    "Evidence",
    "Exchange",
    "Failure",
    "File",
    "FileBreach",
    "Files",
    "Finding",
    "Format",
    "FuzzReport",
    "Grade",
    "Hit",
    "Image",
    "ImageClaim",
    "ImageFacts",
    "ImageLimits",
    "ImageProblem",
    "Interchange",
    "Invalid",
    "InvalidFile",
    "InvalidRecord",
    "Judgement",
    "LawBroken",
    "ModerationBundle",
    "ModerationManifests",
    "NoLocalFile",
    "PaintedImage",
    "Parsed",
    "Profile",
    "Reaction",
    "Record",
    "Report",
    "Rule",
    "Schema",
    "SeenImage",
    "Severity",
    "Tolerance",
    "Twin",
    "UnknownFormat",
    "Verdict",
    "assert_accepts",
    "assert_exchange",
    "assert_predictions_close",
    "assert_rejects",
    "assert_same_annotations",
    "assert_valid",
    "azure_exchange",
    "azure_is_record",
    "azure_is_response",
    "azure_multiclass_record",
    "azure_multiclass_response",
    "azure_multiclass_xai_response",
    "azure_multilabel_record",
    "azure_multilabel_response",
    "azure_multilabel_xai_response",
    "azure_od_record",
    "azure_od_response",
    "azure_scoring_request",
    "azure_xai_request",
    "broken_image",
    "check_bundle",
    "check_bytes",
    "check_dataset",
    "check_exchange",
    "check_file",
    "check_paths",
    "check_record",
    "coco_document",
    "conversion",
    "dataset",
    "edge_cases",
    "edge_files",
    "facts_of",
    "fuzz",
    "grade",
    "image",
    "image_for",
    "invalid_cases",
    "invalid_file",
    "invalid_files",
    "invalid_record",
    "jsonl",
    "local_path",
    "moderation_bundle",
    "moderation_manifests",
    "named",
    "objects_in",
    "pascal_voc_file",
    "pascal_voc_files",
    "px",
    "read",
    "read_dataset",
    "record",
    "records",
    "rekognition_evaluation",
    "rekognition_input_record",
    "rekognition_moderation_response",
    "rekognition_output_record",
    "samples",
    "write_dataset",
    "write_samples",
]


def __getattr__(name: str) -> Any:
    if module := _HOME_OF.get(name):
        value = getattr(import_module(f"pytest_visionfmt.{module}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
