"""From what DescribeProjectVersions returns to the files of a training job."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from moderation import ARN, model_errors, output_shape

from pytest_visionfmt import ModerationManifests, moderation_manifests


def s3_object(key: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": "my-bucket", "Name": key}}


def data(key: str) -> dict[str, Any]:
    return {"Assets": [{"GroundTruthManifest": s3_object(key)}]}


def description(name: str = "my-adapter") -> dict[str, Any]:
    return {
        "ProjectVersionArn": ARN.replace("my-adapter", name),
        "CreationTimestamp": datetime.datetime(2023, 11, 21, tzinfo=datetime.UTC),
        "Status": "TRAINING_COMPLETED",
        "Feature": "CONTENT_MODERATION",
        "TrainingDataResult": {"Input": data("train.manifest"), "Output": data("out/train.json")},
        "TestingDataResult": {"Input": {**data("test.manifest"), "AutoCreate": False}, "Output": data("out/test.json")},
        "EvaluationResult": {"F1Score": 0.5, "Summary": s3_object("out/evaluation.json")},
    }


RESPONSE = {"ProjectVersionDescriptions": [description()]}
TWO = {"ProjectVersionDescriptions": [description("first"), description("second")]}


@pytest.mark.parametrize("response", [RESPONSE, TWO])
def test_the_service_model_accepts_the_response(response: dict[str, Any]) -> None:
    assert model_errors(response, output_shape("DescribeProjectVersions")) == ""


def test_every_manifest_is_named() -> None:
    assert moderation_manifests(RESPONSE) == ModerationManifests(
        project_version=ARN,
        training_input="s3://my-bucket/train.manifest",
        testing_input="s3://my-bucket/test.manifest",
        training_output="s3://my-bucket/out/train.json",
        testing_output="s3://my-bucket/out/test.json",
        evaluation="s3://my-bucket/out/evaluation.json",
    )


def test_a_response_is_left_as_it_was_and_may_have_metadata() -> None:
    response = {**RESPONSE, "ResponseMetadata": {"HTTPStatusCode": 200}}
    before = copy.deepcopy(response)
    moderation_manifests(response)
    assert response == before


@pytest.mark.parametrize("version", ["second", ARN.replace("my-adapter", "second")])
def test_a_version_is_told_by_its_name_or_its_arn(version: str) -> None:
    assert moderation_manifests(TWO, version).project_version == ARN.replace("my-adapter", "second")


LACKING: list[tuple[str, Any, str]] = [
    ("TrainingDataResult", {}, "training_output"),
    ("TrainingDataResult", {"Output": {}}, "training_output"),
    ("TestingDataResult", {"Output": {"Assets": []}}, "testing_output"),
    ("TestingDataResult", {"Input": {"AutoCreate": True}}, "testing_input"),
    ("TestingDataResult", {"Output": {"Assets": [{}]}}, "testing_output"),
    ("EvaluationResult", {"F1Score": 0.5}, "evaluation"),
]


@pytest.mark.parametrize(("key", "value", "name"), LACKING, ids=[f"{row[0]}-{row[1]}" for row in LACKING])
def test_what_the_response_lacks_is_none(key: str, value: Any, name: str) -> None:
    manifests = moderation_manifests({"ProjectVersionDescriptions": [{**description(), key: value}]})
    assert getattr(manifests, name) is None


def test_a_job_that_still_runs_names_nothing() -> None:
    running = {"ProjectVersionDescriptions": [{"Status": "TRAINING_IN_PROGRESS"}]}
    assert moderation_manifests(running) == ModerationManifests()


def one(**changes: Any) -> dict[str, Any]:
    return {"ProjectVersionDescriptions": [{**description(), **changes}]}


REFUSED: list[tuple[Any, str | None, str]] = [
    ([], None, "not a response of DescribeProjectVersions: it has no list ProjectVersionDescriptions"),
    ({"ProjectDescriptions": []}, None, "not a response of DescribeProjectVersions"),
    ({"ProjectVersionDescriptions": {}}, None, "not a response of DescribeProjectVersions"),
    ({"ProjectVersionDescriptions": [None]}, None, r"Descriptions\[0\] is a NoneType; an object is wanted"),
    ({"ProjectVersionDescriptions": []}, None, "describes 0 versions: .* There are: none."),
    (TWO, None, 'describes 2 versions: give the name or ARN of one. There are: "first", "second".'),
    (TWO, "secnd", 'no version "secnd". Did you mean "second"\\? There are: "first", "second".'),
    ({**TWO, "NextToken": "x"}, "third", "has a NextToken, so there are more on its next page"),
    (one(TrainingDataResult=[]), None, r"\[0\]\.TrainingDataResult is a list; an object is wanted"),
    (one(TestingDataResult={"Output": {"Assets": "a"}}), None, r"TestingDataResult\.Output\.Assets is a str; a list"),
    (one(EvaluationResult={"Summary": {"S3Object": {"Bucket": "b"}}}), None, "Summary.S3Object needs Bucket and Name"),
    (one(EvaluationResult={"Summary": {"S3Object": {"Bucket": "b", "Name": ""}}}), None, "needs Bucket and Name"),
    (one(EvaluationResult={"Summary": {"S3Object": "s3://b/k"}}), None, "needs Bucket and Name"),
]  # fmt: skip


@pytest.mark.parametrize(("response", "version", "message"), REFUSED, ids=[row[2][:60] for row in REFUSED])
def test_what_names_no_manifest_is_an_error_that_says_why(response: Any, version: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        moderation_manifests(response, version)


def test_manifests_are_a_value() -> None:
    manifests = moderation_manifests(RESPONSE)
    assert hash(manifests) == hash(moderation_manifests(copy.deepcopy(RESPONSE)))
    with pytest.raises(AttributeError):
        manifests.evaluation = None  # type: ignore[misc]
