"""Our schemas against the service model that botocore ships: nothing here asks AWS."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moderation import ARN, model_errors, output_shape, service_model
from records import EXAMPLES

from pytest_visionfmt import TABLE
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of

RESPONSE = TABLE["rekognition-moderation-response"]
SHAPES = service_model()
SHAPE = output_shape("DetectModerationLabels")
VALID = sorted((EXAMPLES / RESPONSE.id / "valid").iterdir())


def without_metadata(value: dict[str, Any]) -> dict[str, Any]:
    """Return a response without what boto3 adds to it."""
    return {key: item for key, item in value.items() if key != "ResponseMetadata"}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_the_model_accepts_every_clean_response(path: Any) -> None:
    assert model_errors(without_metadata(json.loads(path.read_text())), SHAPE) == ""


def test_the_model_accepts_the_examples_of_the_schema() -> None:
    assert [model_errors(example, SHAPE) for example in RESPONSE.schema()["examples"]] == [""]


def test_the_model_can_refuse() -> None:
    assert "Unknown parameter" in model_errors({"Labels": []}, SHAPE)


def pairs(node: Node, shape: Any, path: str = "$") -> list[tuple[str, Node, Any]]:
    """Return every place of the schema with its node and the model's shape of it."""
    below: list[tuple[str, Node, Any]] = []
    if shape.type_name == "structure":
        for key, child in node.properties.items():
            below += pairs(child, shape.members[key], f"{path}.{key}")
    elif shape.type_name == "list" and node.items:
        below = pairs(node.items, shape.member, f"{path}[*]")
    return [(path, node, shape), *below]


PAIRS = pairs(nodes_of(RESPONSE, "documented"), SHAPE)
TYPES = {"structure": "object", "list": "array", "string": "string", "float": "number", "integer": "integer"}


@pytest.mark.parametrize(("node", "shape"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS])
def test_types_keys_and_bounds_are_those_of_the_model(node: Node, shape: Any) -> None:
    assert node.types == (TYPES[shape.type_name],)
    if shape.type_name == "structure":
        assert set(node.properties) == set(shape.members)
    if shape.type_name == "list":
        assert (node.min_items or 0, node.max_items) == (shape.metadata.get("min", 0), shape.metadata.get("max"))
    if shape.type_name == "string":
        assert node.max_length == shape.metadata.get("max")
    if shape.type_name == "float":
        assert (node.minimum, node.maximum) == (shape.metadata["min"], shape.metadata["max"])


def test_the_level_is_bounded_more_closely_by_the_words_of_the_model() -> None:
    shape = SHAPE.members["ModerationLabels"].member.members["TaxonomyLevel"]
    assert shape.metadata["min"] == 0
    assert "from 1 to 3" in shape.documentation
    node = nodes_of(RESPONSE, "documented").at(("ModerationLabels", 0, "TaxonomyLevel"))
    assert node is not None
    assert (node.minimum, node.maximum) == (1, 3)


def pattern_of(format_id: str, *path: str | int) -> str:
    node = nodes_of(TABLE[format_id], "documented").at(path)
    assert node is not None
    assert node.pattern is not None
    return node.pattern


PATTERN = pattern_of(RESPONSE.id, "ProjectVersion")
MODEL_PATTERN = re.compile(SHAPES.shape_for("ProjectVersionId").metadata["pattern"], re.ASCII)


def test_the_pattern_of_an_arn_is_the_same_everywhere() -> None:
    assert pattern_of("rekognition-evaluation", "EvaluationDetails", "ProjectVersionArn") == PATTERN
    for key in ("detect-moderation-labels", "detect-moderation-labels-base-model"):
        assert pattern_of("rekognition-output-record", key, "ProjectVersion") == PATTERN


@given(st.from_regex(MODEL_PATTERN, fullmatch=True))
def test_the_arns_of_the_model_are_ours(arn: str) -> None:
    assert compile_pattern(PATTERN).search(arn)


@given(st.from_regex(compile_pattern(PATTERN), fullmatch=True))
def test_our_arns_are_the_model_s(arn: str) -> None:
    assert MODEL_PATTERN.fullmatch(arn)


@given(st.integers(0, len(ARN) - 1), st.sampled_from("/:_-.1aA\u0661\n"))
def test_an_arn_with_a_slip_is_judged_as_the_model_judges_it(at: int, character: str) -> None:
    arn = ARN[:at] + character + ARN[at + 1 :]
    assert bool(compile_pattern(PATTERN).search(arn)) == bool(MODEL_PATTERN.fullmatch(arn))


@given(st.from_regex(compile_pattern(pattern_of("rekognition-input-record", "source-ref")), fullmatch=True))
def test_bucket_and_key_of_an_image_are_an_s3_object_to_the_model(url: str) -> None:
    bucket, _, name = url[len("s3://") :].partition("/")
    shape = SHAPES.shape_for("S3Object")
    assert model_errors({"Bucket": bucket, "Name": name}, shape) == ""
    assert re.fullmatch(shape.members["Bucket"].metadata["pattern"], bucket, re.ASCII)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 255, 256])
def test_a_bucket_is_as_long_as_the_model_allows(length: int) -> None:
    bounds = SHAPES.shape_for("S3Bucket").metadata
    fits = bounds["min"] <= length <= bounds["max"]
    pattern = compile_pattern(pattern_of("rekognition-output-record", "source-ref"))
    assert bool(pattern.search(f"s3://{'b' * length}/1.jpg")) == fits


@pytest.mark.parametrize("length", [0, 1, 1024, 1025])
def test_a_key_is_as_long_as_the_model_allows(length: int) -> None:
    bounds = SHAPES.shape_for("S3ObjectName").metadata
    fits = bounds["min"] <= length <= bounds["max"]
    pattern = compile_pattern(pattern_of("rekognition-input-record", "source-ref"))
    assert bool(pattern.search(f"s3://foo/{'k' * length}")) == fits
