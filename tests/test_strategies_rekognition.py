"""The strategies of Rekognition's files: what belongs together does, arguments hold, botocore agrees."""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from drawing import STRATEGIES, decoded, minimal, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from moderation import ADAPTER, ARN, BASE_MODEL, GRID, KEYS, MODELS, TRUTH, model_errors, output_shape
from moderation import evaluation as counted_one_by_one
from records import reference

from pytest_visionfmt import (
    TABLE,
    check_record,
    rekognition_evaluation,
    rekognition_input_record,
    rekognition_moderation_response,
    rekognition_output_record,
)
from pytest_visionfmt.draws import rekognition
from pytest_visionfmt.draws import rekognition_evaluation as evaluations
from pytest_visionfmt.draws.rekognition_labels import confidences, with_ancestors
from pytest_visionfmt.formats.moderation_counts import Scores
from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES, ModerationLabel, top_level

INPUT, OUTPUT = "rekognition-input-record", "rekognition-output-record"
MANIFESTS = (INPUT, OUTPUT)
SHAPE = output_shape("DetectModerationLabels")
PLAIN = {"source-ref": "s3://foo/a.jpg", TRUTH: {"ModerationLabels": []}}
VERSIONS = pytest.mark.parametrize("taxonomy", TAXONOMIES)


def truth_of(record: dict[str, Any]) -> list[str]:
    return [label["Name"] for label in record[TRUTH]["ModerationLabels"]]


# Manifests.


@VERSIONS
@pytest.mark.parametrize("format_id", MANIFESTS)
@given(data=st.data())
def test_ground_truth_has_top_level_labels_none_twice(format_id: str, taxonomy: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 10))
    high = data.draw(st.integers(low, 12))
    record = data.draw(STRATEGIES[format_id](taxonomy=taxonomy, min_labels=low, max_labels=high))
    names = truth_of(record)
    assert low <= len(names) <= high
    assert len(set(names)) == len(names)
    assert set(names) <= set(top_level(taxonomy))
    assert {finding.code for finding in check_record(record, format_id)} <= {"VF508"}
    assert list(reference(TABLE[format_id]).iter_errors(record)) == []


def test_all_top_level_labels_may_be_on_one_image() -> None:
    records = sample(rekognition_input_record(min_labels=10, max_labels=10), 20)
    assert all(set(truth_of(record)) == set(top_level()) for record in records)


@pytest.mark.parametrize("format_id", MANIFESTS)
@given(data=st.data())
def test_labels_and_images_are_drawn_from_the_strategies_given(format_id: str, data: st.DataObject) -> None:
    pool = data.draw(st.lists(st.sampled_from(top_level()), min_size=2, unique=True))
    image = data.draw(st.sampled_from(["s3://bar/1.png", "s3://b.c/d e.jpg"]))
    strategy = STRATEGIES[format_id](
        labels=st.sampled_from(pool), image_urls=st.just(image), min_labels=1, max_labels=2
    )
    record = data.draw(strategy)
    assert record["source-ref"] == image
    assert set(truth_of(record)) <= set(pool)
    assert 1 <= len(truth_of(record)) <= 2
    assert check_record(record, format_id) == ()


def test_images_do_not_repeat_and_half_are_in_one_bucket() -> None:
    images = [record["source-ref"] for record in sample(rekognition_input_record())]
    assert len(set(images)) == len(images)
    buckets = Counter(image.split("/")[2] for image in images)
    assert buckets["foo"] > len(images) / 3
    assert {3, 63} <= set(map(len, buckets))


NAMES = (" ", "+", "%20", ",", "//", '"', "\\", "#", "?", "größe", "e\u0301", "图像", ".png", ".JPG", "foo//")


def test_the_key_of_an_image_has_what_trips_parsers() -> None:
    images = [record["source-ref"] for record in sample(rekognition_input_record(), 600)]
    assert [name for name in NAMES if not any(name in image for image in images)] == []
    assert all(re.search(r"[.](jpg|png)\Z", image, re.IGNORECASE) for image in images)


def test_other_keys_of_every_type_pass_through() -> None:
    records = sample(rekognition_input_record(), 600)
    others = [value for record in records for key, value in record.items() if key not in PLAIN]
    assert {type(value) for value in others} == {str, int, float, bool, type(None), list, dict}
    assert len(others) < len(records) / 4


@pytest.mark.parametrize(("kind", "keys"), [("training", set()), ("testing", {ADAPTER, BASE_MODEL})])
@given(data=st.data())
def test_the_kind_says_whether_there_are_predictions(kind: str, keys: set[str], data: st.DataObject) -> None:
    record = data.draw(rekognition_output_record(kind=kind))
    assert record.keys() & {ADAPTER, BASE_MODEL} == keys
    assert check_record(record, OUTPUT) == ()


def test_both_kinds_are_drawn_by_default() -> None:
    kinds = Counter(ADAPTER in record for record in sample(rekognition_output_record()))
    assert min(kinds[True], kinds[False]) > 75


# Predictions.


def predictions(taxonomy: str) -> st.SearchStrategy[dict[str, Any]]:
    blocks = st.sampled_from([ADAPTER, BASE_MODEL])
    testing = rekognition_output_record(kind="testing", taxonomy=taxonomy)
    of_record = st.tuples(testing, blocks).map(lambda pair: pair[0][pair[1]])
    return of_record | rekognition_moderation_response(taxonomy=taxonomy)


@VERSIONS
@given(data=st.data())
def test_labels_found_are_rows_of_the_taxonomy_each_with_its_parent(taxonomy: str, data: st.DataObject) -> None:
    block = data.draw(predictions(taxonomy))
    assert block["ModerationModelVersion"] == taxonomy
    rows = {(row.name, row.parent): row.level for row in TAXONOMIES[taxonomy]}
    found = {(label["Name"], label["ParentName"]): label for label in block["ModerationLabels"]}
    assert len(found) == len(block["ModerationLabels"])
    for (name, parent), label in found.items():
        assert label.get("TaxonomyLevel", rows[name, parent]) == rows[name, parent]
        below = [other["Confidence"] for (_, above), other in found.items() if above == name and other is not label]
        assert not below or label["Confidence"] == max(below)
        assert not parent or any(other == parent for other, _ in found)


@given(predictions("6.1"))
def test_the_older_model_knows_neither_levels_nor_content_types(block: dict[str, Any]) -> None:
    assert "ContentTypes" not in block
    assert not any("TaxonomyLevel" in label for label in block["ModerationLabels"])


def test_the_current_model_has_them_half_the_time_and_levels_on_all_labels_or_none() -> None:
    blocks = sample(rekognition_moderation_response(), 400)
    with_labels = [["TaxonomyLevel" in x for x in block["ModerationLabels"]] for block in blocks]
    assert all(len(set(levels)) <= 1 for levels in with_labels)
    levels = [found[0] for found in with_labels if found]
    assert 0.3 < sum(levels) / len(levels) < 0.7
    assert 0.3 < sum("ContentTypes" in block for block in blocks) / len(blocks) < 0.7
    kinds = [[kind["Name"] for kind in block.get("ContentTypes", ())] for block in blocks]
    assert {tuple(sorted(names)) for names in kinds} == {
        (),
        ("Animated",),
        ("Illustrated",),
        ("Animated", "Illustrated"),
    }


@VERSIONS
def test_every_label_is_found_some_time_root_first_and_leaf_first(taxonomy: str) -> None:
    blocks = sample(rekognition_moderation_response(taxonomy=taxonomy), 600)
    seen = {(label["Name"], label["ParentName"]) for block in blocks for label in block["ModerationLabels"]}
    assert seen == {(row.name, row.parent) for row in TAXONOMIES[taxonomy]}
    firsts = {not block["ModerationLabels"][0]["ParentName"] for block in blocks if len(block["ModerationLabels"]) == 2}
    assert firsts == {True, False}


def test_confidences_of_an_output_are_single_and_on_no_threshold() -> None:
    table = confidences(5, 100, thresholds=True)
    assert len(table) == 65536
    assert table[0] == 99.5
    assert all(5 < n < 100 and n % 5 for n in table)
    assert all(struct.unpack("f", struct.pack("f", n)) == (n,) for n in table)
    assert len(set(table)) > 50_000


@pytest.mark.parametrize(("low", "high"), [(0, 100), (5, 50), (98, 99), (0, 1), (20, 20.5)])
def test_confidences_stay_within_the_bounds_of_a_schema(low: float, high: float) -> None:
    for thresholds in (False, True):
        table = confidences(low, high, thresholds=thresholds)
        assert len(table) == 65536
        assert all(low <= n <= high for n in table)
        assert ({low, high} <= set(table)) != thresholds


def test_a_label_with_others_below_it_is_as_sure_as_the_surest() -> None:
    rows = {row.name: row for row in TAXONOMIES["7.0"]}
    chosen = [("Violence", 99.0), ("Weapons", 60.5), ("Self-Harm", 70.5), ("Alcohol", 8.5)]
    found = with_ancestors([(rows[name], n) for name, n in chosen], "7.0")
    assert {row.name: n for row, n in found.items()} == {
        "Violence": 70.5, "Weapons": 60.5, "Graphic Violence": 70.5, "Self-Harm": 70.5, "Alcohol": 8.5,
    }  # fmt: skip


def test_a_name_that_is_below_itself_is_found_at_both_levels() -> None:
    below = ModerationLabel("Gambling", "Gambling", 2)
    assert [row.level for row in with_ancestors([(below, 50.5)], "6.1")] == [1, 2]


@VERSIONS
@given(data=st.data())
def test_the_service_model_accepts_every_response(taxonomy: str, data: st.DataObject) -> None:
    assert model_errors(data.draw(rekognition_moderation_response(taxonomy=taxonomy)), SHAPE) == ""


@given(rekognition_output_record(kind="testing"))
def test_the_service_model_accepts_every_prediction(record: dict[str, Any]) -> None:
    assert [model_errors(record[key], SHAPE) for key in (ADAPTER, BASE_MODEL)] == ["", ""]


# The evaluation.


@pytest.mark.parametrize("aggregate", ["labels", "images"])
@VERSIONS
@settings(max_examples=25)
@given(data=st.data())
def test_counts_obey_what_they_mean(aggregate: str, taxonomy: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 4))
    high = data.draw(st.integers(low, 5))
    value = data.draw(rekognition_evaluation(taxonomy=taxonomy, aggregate=aggregate, min_labels=low, max_labels=high))
    assert check_record(value, "rekognition-evaluation") == ()
    details, results = value["EvaluationDetails"], value["ContentModeration"]
    labels, images = details["Labels"], details["NumberOfTestingImages"]
    assert low <= len(labels) <= high
    assert set(labels) <= set(top_level(taxonomy))
    blocks = results["AllConfidenceThresholdsEvalResults"]
    asked = results["InputConfidenceThresholdEvalResults"]
    assert [block["ConfidenceThreshold"] for block in blocks] == list(GRID)
    assert all(block == asked for block in blocks if block["ConfidenceThreshold"] == asked["ConfidenceThreshold"])
    series: dict[tuple[str, str], list[dict[str, int]]] = {}
    for block in sorted([*blocks, asked], key=lambda block: block["ConfidenceThreshold"]):
        assert [row["Label"] for row in block["LabelEvaluationResults"]] == labels
        for model in MODELS:
            total = block["AggregatedEvaluationResults"][model]
            rows = [row[model] for row in block["LabelEvaluationResults"]]
            if aggregate == "labels":
                assert total == {key: sum(row[key] for row in rows) for key in KEYS}
            else:
                assert sum(total.values()) == images
                for key in KEYS[::2]:  # an image is found unsafe where any label is found
                    assert total[KEYS[0]] + total[KEYS[2]] >= max((row[key] for row in rows), default=0)
            for row in rows:
                assert sum(row.values()) == images
            for name, counts in [("", total), *zip(labels, rows, strict=True)]:
                assert all(count >= 0 for count in counts.values())
                series.setdefault((name, model), []).append(counts)
    for counts in series.values():
        for before, after in pairwise(counts):
            assert before[KEYS[0]] + before[KEYS[3]] == after[KEYS[0]] + after[KEYS[3]]
            assert after[KEYS[0]] <= before[KEYS[0]]
            assert after[KEYS[2]] <= before[KEYS[2]]
    for name in ("", *labels):
        first, second = (series[name, model][0] for model in MODELS)
        assert first[KEYS[0]] + first[KEYS[3]] == second[KEYS[0]] + second[KEYS[3]]


CONFIDENCE = st.sampled_from([4.9, 5.0, 12.5, 50.0, 67.5, 99.5, 100.0])
IMAGE = st.fixed_dictionaries({model: st.dictionaries(st.sampled_from("AB"), CONFIDENCE) for model in MODELS})


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sets(st.sampled_from("AB")), IMAGE), max_size=5))
def test_counts_are_those_of_counting_images_one_by_one(images: list[tuple[set[str], Any]]) -> None:
    truth, scores = [own for own, _ in images], [found for _, found in images]
    value = counted_one_by_one(["A", "B"], truth, scores, threshold=67.5)
    labels: dict[str, Any] = {}
    for label in "AB":
        models = {}
        for model in MODELS:
            sides: tuple[list[Any], list[Any]] = ([], [])
            for own, found in images:
                if label in found[model]:
                    sides[label not in own].append((found[model][label], 1))
            models[model] = Scores(*sides)
        labels[label] = (sum(label in own for own in truth), models)
    thresholds = sorted([*GRID, 67.5])
    blocks = [*value["ContentModeration"]["AllConfidenceThresholdsEvalResults"]]
    blocks.append(value["ContentModeration"]["InputConfidenceThresholdEvalResults"])
    wanted = {block["ConfidenceThreshold"]: block for block in blocks}
    for results in evaluations.results_of(thresholds, len(images), labels, "labels"):
        block = wanted[results.threshold]
        for model in MODELS:
            assert dict(zip(KEYS, results.total[model], strict=True)) == block["AggregatedEvaluationResults"][model]
            for (label, counts), row in zip(results.rows, block["LabelEvaluationResults"], strict=True):
                assert row["Label"] == label
                assert dict(zip(KEYS, counts[model], strict=True)) == row[model]


def test_counts_of_images_may_be_of_real_images() -> None:
    """Place the images as the counts say that they overlap, and count them one by one."""
    a = Scores([(90.5, 1), (60.5, 1)], [(70.5, 1)])
    b = Scores([(80.5, 1)], [(50.5, 2)])
    labels = {"A": (2, {"BaseModel": a, "Adapter": Scores()}), "B": (1, {"BaseModel": b, "Adapter": Scores()})}
    base = {0: {"A": 90.5, "B": 80.5}, 1: {"A": 60.5}, 3: {"B": 50.5}, 4: {"A": 70.5, "B": 50.5}}
    scores = [{"BaseModel": base.get(image, {})} for image in range(5)]
    value = counted_one_by_one(["A", "B"], [{"A", "B"}, {"A"}, set(), set(), set()], scores, by_image=True)
    made = evaluations.results_of(list(GRID), 5, labels, "images")
    for results, block in zip(made, value["ContentModeration"]["AllConfidenceThresholdsEvalResults"], strict=True):
        for model in MODELS:
            assert dict(zip(KEYS, results.total[model], strict=True)) == block["AggregatedEvaluationResults"][model]


def test_evaluations_vary() -> None:
    values = sample(rekognition_evaluation(), 300)
    details = [value["EvaluationDetails"] for value in values]
    assert {len(x["Labels"]) for x in details} == {0, 1, 2, 3}
    assert {0, 1, 10_000} <= {x["NumberOfTestingImages"] for x in details}
    stamps = [x["EvaluationEndTimestamp"] for x in details]
    fractions = {len(found[1]) if (found := re.search(r"[.]([0-9]+)", stamp)) else 0 for stamp in stamps}
    assert fractions == {0, 3, 6}
    assert {stamp[19:].lstrip(".0123456789") for stamp in stamps} == {"", "Z", "+00:00", "-08:00", "+0530"}
    assert {x["ProjectVersionArn"].split(":")[1] for x in details} == {"aws", "aws-cn", "aws-us-gov"}
    asked = {
        value["ContentModeration"]["InputConfidenceThresholdEvalResults"]["ConfidenceThreshold"] for value in values
    }
    assert {0, 100} <= asked
    assert asked & set(GRID)
    assert any(n % 5 for n in asked)


@given(st.data())
def test_labels_of_an_evaluation_are_drawn_from_the_strategy_given(data: st.DataObject) -> None:
    value = data.draw(rekognition_evaluation(labels=st.sampled_from("abcdef"), min_labels=2, max_labels=6))
    labels = value["EvaluationDetails"]["Labels"]
    assert 2 <= len(labels) <= 6
    assert set(labels) <= set("abcdef")
    assert check_record(value, "rekognition-evaluation") == ()


# What they shrink to.


def test_what_manifest_records_shrink_to() -> None:
    for strategy in (rekognition_input_record(), rekognition_output_record()):
        assert minimal(strategy) == PLAIN
        assert minimal(strategy, lambda r: bool(truth_of(r))) == {
            **PLAIN, TRUTH: {"ModerationLabels": [{"Name": "Explicit"}]},
        }  # fmt: skip


EXPLICIT = {"Confidence": 99.5, "Name": "Explicit", "ParentName": ""}


def test_what_testing_records_shrink_to() -> None:
    block = {"ModerationLabels": [], "ModerationModelVersion": "7.0", "ProjectVersion": ARN}
    base = {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    testing = rekognition_output_record(kind="testing")
    assert minimal(testing) == {**PLAIN, ADAPTER: block, BASE_MODEL: base}
    assert minimal(testing, lambda r: bool(r[ADAPTER]["ModerationLabels"])) == {
        **PLAIN, ADAPTER: {**block, "ModerationLabels": [EXPLICIT]}, BASE_MODEL: base,
    }  # fmt: skip


def test_what_responses_shrink_to() -> None:
    assert minimal(rekognition_moderation_response()) == {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    found = minimal(rekognition_moderation_response(), lambda r: len(r["ModerationLabels"]) > 1)
    assert [label["Name"] for label in found["ModerationLabels"]] in (
        ["Explicit", "Explicit Nudity"], ["Explicit", "Non-Explicit Nudity of Intimate parts and Kissing"],
    )  # fmt: skip


def test_what_evaluations_shrink_to() -> None:
    value = minimal(rekognition_evaluation())
    nothing = {model: {**dict.fromkeys(KEYS, 0), KEYS[1]: 1} for model in MODELS}
    assert value["EvaluationDetails"] == {
        "EvaluationEndTimestamp": "2020-01-01T00:00:00",
        "Labels": ["Explicit"],
        "NumberOfTestingImages": 1,
        "NumberOfTrainingImages": 0,
        "ProjectVersionArn": ARN,
    }
    block = {"AggregatedEvaluationResults": nothing, "LabelEvaluationResults": [{"Label": "Explicit", **nothing}]}
    assert value["ContentModeration"] == {
        "InputConfidenceThresholdEvalResults": {"ConfidenceThreshold": 0, **block},
        "AllConfidenceThresholdsEvalResults": [{"ConfidenceThreshold": n, **block} for n in GRID],
    }
    assert value["AggregatedEvaluationResults"] == {"F1Score": 0}


def test_bytes_that_are_all_zero_are_the_simplest_record() -> None:
    arguments = rekognition.ManifestArguments()
    for format_id in MANIFESTS:
        assert decoded(rekognition._decoder(TABLE[format_id], "documented", arguments)) == PLAIN


def test_a_bug_in_reading_a_key_shrinks_to_the_key_alone() -> None:
    found = minimal(rekognition_output_record(), lambda r: "%20" in r["source-ref"])
    assert found == {**PLAIN, "source-ref": "s3://foo/my%20images/a.jpg"}


def test_a_bug_in_comparing_models_shrinks_to_one_image() -> None:
    def adapter_is_worse(value: dict[str, Any]) -> bool:
        first = value["ContentModeration"]["AllConfidenceThresholdsEvalResults"][0]["AggregatedEvaluationResults"]
        return bool(first["Adapter"]["FalsePositive"] > first["BaseModel"]["FalsePositive"])

    value = minimal(rekognition_evaluation(), adapter_is_worse)
    assert value["EvaluationDetails"]["NumberOfTestingImages"] == len(value["EvaluationDetails"]["Labels"]) == 1


# Wrong arguments.

WRONG: list[tuple[str, dict[str, Any], str]] = [
    *((id_, {"taxonomy": "8.0"}, "taxonomy='8.0' is none of '7.0', '6.1'") for id_ in STRATEGIES if "rekog" in id_),
    *((id_, {"profile": "page"}, "profile='page' is neither of") for id_ in STRATEGIES if "rekog" in id_),
    *((id_, {"min_labels": 3, "max_labels": 2}, "min_labels=3 is larger than max_labels=2")
      for id_ in (*MANIFESTS, "rekognition-evaluation")),
    *((id_, {"min_labels": 11, "max_labels": 12},
       "min_labels=11 is larger than the number of top-level labels, 10, of taxonomy='7.0'")
      for id_ in (*MANIFESTS, "rekognition-evaluation")),
    (INPUT, {"labels": "Alcohol"}, "labels='Alcohol' is not a strategy"),
    (INPUT, {"image_urls": "s3://foo/1.jpg"}, "image_urls='s3://foo/1.jpg' is not a strategy"),
    (OUTPUT, {"kind": "train"}, "kind='train' is none of 'training', 'testing'"),
    ("rekognition-evaluation", {"aggregate": "sum"}, "aggregate='sum' is none of 'labels', 'images'"),
]  # fmt: skip


@pytest.mark.parametrize(("format_id", "arguments", "message"), WRONG, ids=[f"{r[0]}-{r[2]}" for r in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(format_id: str, arguments: dict[str, Any], message: str) -> None:
    strategy = STRATEGIES[format_id](**arguments)
    with pytest.raises(InvalidArgument, match=re.escape(message)):
        minimal(strategy)


def test_statistics_name_what_was_drawn(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given
        from pytest_visionfmt import rekognition_output_record

        @given(rekognition_output_record())
        def test_it(value): pass
        """
    )
    result = pytester.runpytest("--hypothesis-show-statistics")
    result.stdout.fnmatch_lines(["*visionfmt:rekognition-output-record kind: testing*"])


def test_a_document_is_written_as_json() -> None:
    for value in sample(rekognition_evaluation(), 20):
        assert json.loads(json.dumps(value)) == value
