"""The counts of an evaluation: what follows from images is clean, and no slip goes unnoticed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moderation import ARN, GRID, KEYS, MODELS, Scores, evaluation, plain_evaluation

from pytest_visionfmt import Severity, check_record

EVALUATION = "rekognition-evaluation"
ALL = "$.ContentModeration.AllConfidenceThresholdsEvalResults"
INPUT = "$.ContentModeration.InputConfidenceThresholdEvalResults"
LABELS = ("Alcohol", "Violence", "Gambling")
# On the grid, too, where at-or-above and above differ.
CONFIDENCES = st.sampled_from([5.0, 12.5, 49.9, 50.0, 50.1, 67.5, 95.0, 100.0])
FOUND = st.dictionaries(st.sampled_from(LABELS), CONFIDENCES)
IMAGES = st.lists(
    st.tuples(st.sets(st.sampled_from(LABELS)), st.fixed_dictionaries(dict.fromkeys(MODELS, FOUND))), max_size=5
)


def found(value: Any) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(value, EVALUATION)}


@given(IMAGES, st.integers(0, 3), st.sampled_from([0, 5, 50, 50.0, 67.5, 100]), st.booleans())
def test_what_follows_from_images_has_no_finding(
    images: list[tuple[set[str], Scores]], labels: int, threshold: float, by_image: bool
) -> None:
    truth, scores = [image[0] for image in images], [image[1] for image in images]
    value = evaluation(list(LABELS[:labels]), truth, scores, threshold=threshold, by_image=by_image)
    assert found(value) == set()


@given(
    st.booleans(),
    st.integers(-1, len(GRID) - 1),
    st.sampled_from(MODELS),
    st.sampled_from(KEYS),
    st.integers(-1, 1),
    st.integers(1, 4),
)
def test_no_count_can_be_wrong_unnoticed(by_image: bool, at: int, model: str, key: str, row: int, more: int) -> None:
    value = plain_evaluation(by_image=by_image)
    content = value["ContentModeration"]
    block = content["AllConfidenceThresholdsEvalResults"][at] if at >= 0 else content[INPUT.rpartition(".")[2]]
    cell = block["AggregatedEvaluationResults"] if row < 0 else block["LabelEvaluationResults"][row]
    cell[model][key] += more
    place = (f"{ALL}[{at}]" if at >= 0 else INPUT) + (
        f".AggregatedEvaluationResults.{model}" if row < 0 else f".LabelEvaluationResults[{row}].{model}"
    )
    assert {("VF535", place)} | ({("VF537", place)} if row >= 0 else set()) <= found(value)


Edit = Callable[[dict[str, Any], list[dict[str, Any]]], Any]


def edited(edit: Edit, **options: Any) -> dict[str, Any]:
    value = copy.deepcopy(plain_evaluation(**options))
    edit(value, value["ContentModeration"]["AllConfidenceThresholdsEvalResults"])
    return value


def repeat_threshold(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    blocks[1] = blocks[0]


def reverse(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    blocks[3:5] = reversed(blocks[3:5])


def repeat_result(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    blocks[2]["LabelEvaluationResults"].append(blocks[2]["LabelEvaluationResults"][0])


def forget_label(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    value["EvaluationDetails"]["Labels"] = ["Alcohol"]


def lose_result(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    del blocks[2]["LabelEvaluationResults"][0]


def lose_all_results(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    value["EvaluationDetails"]["Labels"].append("Gambling")


def miss_an_image(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    value["EvaluationDetails"]["NumberOfTestingImages"] = 5


def other_block(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    content = value["ContentModeration"]
    content["InputConfidenceThresholdEvalResults"] = {**blocks[0], "ConfidenceThreshold": 50}


def move_a_positive_up(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    for cell in (blocks[19]["AggregatedEvaluationResults"], blocks[19]["LabelEvaluationResults"][1]):
        cell["Adapter"]["TruePositive"] += 1
        cell["Adapter"]["FalseNegative"] -= 1


def mix_up_aggregate(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
    # Totals as they should be, and positives at no lower threshold: only the sums are wrong.
    cell = blocks[19]["AggregatedEvaluationResults"]["Adapter"]
    cell["TrueNegative"] -= 1
    cell["FalsePositive"] += 1


EDITS: list[tuple[Edit, dict[str, Any], set[tuple[str, str]]]] = [
    (repeat_threshold, {}, {("VF530", f"{ALL}[1].ConfidenceThreshold")}),
    (reverse, {}, {("VF531", f"{ALL}[4].ConfidenceThreshold")}),
    (repeat_result, {}, {("VF532", f"{ALL}[2].LabelEvaluationResults[2].Label")}),
    (forget_label, {}, {("VF533", f"{INPUT}.LabelEvaluationResults[1].Label")}),
    (lose_result, {}, {("VF534", f"{ALL}[2].LabelEvaluationResults")}),
    (lose_all_results, {}, {("VF534", "$.EvaluationDetails.Labels[2]")}),
    (miss_an_image, {}, {("VF537", "$.EvaluationDetails.NumberOfTestingImages")}),
    (miss_an_image, {"by_image": True}, {("VF537", "$.EvaluationDetails.NumberOfTestingImages")}),
    (other_block, {}, {("VF539", INPUT)}),
    (move_a_positive_up, {}, {("VF536", f"{ALL}[19].LabelEvaluationResults[1].Adapter.TruePositive")}),
    (mix_up_aggregate, {}, {
        ("VF536", f"{ALL}[19].AggregatedEvaluationResults.Adapter.FalsePositive"),
        ("VF538", f"{ALL}[19].AggregatedEvaluationResults.Adapter"),
    }),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "options", "expected"), EDITS, ids=[row[0].__name__ for row in EDITS])
def test_a_slip_is_found_where_it_is(edit: Edit, options: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert found(edited(edit, **options)) == expected


@pytest.mark.parametrize(("edit", "options"), [row[:2] for row in EDITS], ids=[row[0].__name__ for row in EDITS])
def test_only_what_the_page_says_is_an_error(edit: Edit, options: dict[str, Any]) -> None:
    severities = {finding.severity for finding in check_record(edited(edit, **options), EVALUATION)}
    assert severities == {Severity.ERROR if edit is repeat_threshold else Severity.WARNING}


@pytest.mark.parametrize("threshold", [0, 7, 7.5, 5.5, 100.5, -5, 105])
def test_a_threshold_off_the_grid_is_an_error(threshold: float) -> None:
    value = edited(lambda value, blocks: blocks[0].update(ConfidenceThreshold=threshold))
    assert ("VF603", f"{ALL}[0].ConfidenceThreshold") in found(value)


@pytest.mark.parametrize(("change", "code"), [(lambda b: b.pop(), "VF607"), (lambda b: b.append(b[0]), "VF608")])
def test_there_are_twenty_thresholds(change: Callable[[list[Any]], Any], code: str) -> None:
    assert (code, ALL) in found(edited(lambda value, blocks: change(blocks)))


COUNTS = [(-1, "VF605"), (True, "VF602"), (1.5, "VF602"), ("1", "VF602"), (None, "VF602")]


@pytest.mark.parametrize(("count", "code"), COUNTS, ids=[repr(row[0]) for row in COUNTS])
def test_what_is_no_count_is_an_error_and_takes_no_part_in_sums(count: Any, code: str) -> None:
    def edit(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
        blocks[0]["LabelEvaluationResults"][0]["Adapter"]["TruePositive"] = count

    assert found(edited(edit)) == {(code, f"{ALL}[0].LabelEvaluationResults[0].Adapter.TruePositive")}


def test_a_count_may_be_written_with_a_decimal_point() -> None:
    def edit(value: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
        cell = blocks[0]["LabelEvaluationResults"][0]["Adapter"]
        cell.update({key: float(count) for key, count in cell.items()})

    assert found(edited(edit)) == set()


TIMES = ["2019-11-21T07:30:23.910943", "2019-11-21T07:30:23", "2019-11-21T07:30:23.9Z", "2019-11-21T07:30:23+01:00",
         "2019-11-21T07:30:23.910-0800"]  # fmt: skip
NO_TIMES = ["", "datetime", "2019-11-21", "2019-13-21T07:30:23", "2019-11-21T24:30:23", "21/11/2019 07:30", "07:30:23",
            "2019-11-21T07:30:23\n", "\u0662019-11-21T07:30:23"]  # fmt: skip


@pytest.mark.parametrize("time", [*TIMES, *NO_TIMES])
def test_a_timestamp_needs_no_zone_and_another_form_is_a_warning(time: str) -> None:
    value = plain_evaluation()
    value["EvaluationDetails"]["EvaluationEndTimestamp"] = time
    wanted = [] if time in TIMES else [("VF604", Severity.WARNING)]
    assert [(finding.code, finding.severity) for finding in check_record(value, EVALUATION)] == wanted


ARNS = [
    (ARN, True),
    (ARN.replace("arn:aws:", "arn:aws-cn:"), True),
    (ARN.replace("my-adapter", "my-model.2020-01-21T09.10.15"), True),
    (ARN.replace("111122223333", "11112222333"), False),
    (ARN.replace("111122223333", "nnnnnnnnn"), False),
    (ARN.replace("111122223333", "\u0661" * 12), False),
    (ARN.partition("/version")[0] + "/1700000000000", False),
    (ARN + "\n", False),
]


@pytest.mark.parametrize(("arn", "right"), ARNS, ids=[row[0][-60:] for row in ARNS])
def test_what_cannot_be_the_arn_of_a_version_is_an_error(arn: str, right: bool) -> None:
    value = plain_evaluation()
    value["EvaluationDetails"]["ProjectVersionArn"] = arn
    wanted = [] if right else [("VF604", Severity.ERROR)]
    assert [(finding.code, finding.severity) for finding in check_record(value, EVALUATION)] == wanted


@pytest.mark.parametrize("score", [-0.1, 1.1, 97.3])
def test_an_f1_score_outside_0_to_1_is_a_warning(score: float) -> None:
    value = plain_evaluation()
    value["AggregatedEvaluationResults"]["F1Score"] = score
    (finding,) = check_record(value, EVALUATION)
    assert (finding.severity, finding.path) == (Severity.WARNING, "$.AggregatedEvaluationResults.F1Score")
    assert "by analogy with Custom Labels" in finding.consequence
