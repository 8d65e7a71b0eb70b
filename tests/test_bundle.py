"""The files of one training job: drawn so that they agree, checked beside each other, and wrong in one place."""

from __future__ import annotations

import copy
import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from drawing import minimal, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from moderation import (
    ADAPTER,
    ARN,
    BASE_MODEL,
    GRID,
    KEYS,
    MODELS,
    TRUTH,
    Scores,
    evaluation,
    found_label,
    manifest_record,
    prediction,
)

from pytest_visionfmt import ModerationBundle, Report, check_bundle, check_file, moderation_bundle
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES
from pytest_visionfmt.json_paths import Path as JsonPath
from pytest_visionfmt.json_paths import render, value_at
from pytest_visionfmt.reports.explain import all_rules

JOB_CODES = {code for code in all_rules() if "VF540" <= code <= "VF549"}
RESULTS = ("ContentModeration", "AllConfidenceThresholdsEvalResults")
AT_INPUT = ("ContentModeration", "InputConfidenceThresholdEvalResults")
DETAILS = "EvaluationDetails"
IN_BOTH = ("Violence", "Alcohol", "Gambling")
OPTIONS = ("input", "training_output", "testing_output", "evaluation")


@pytest.fixture
def draws(request: pytest.FixtureRequest) -> settings:
    return settings(max_examples=500 if request.config.getoption("--full") else 20)


@pytest.fixture(scope="module")
def step(request: pytest.FixtureRequest) -> int:
    """How many of very many counts to take one of."""
    return 1 if request.config.getoption("--full") else 13


def checked(bundle: ModerationBundle, **options: Any) -> Report:
    """Return what there is to say of a bundle, written to a folder."""
    with tempfile.TemporaryDirectory() as folder:
        return check_bundle(**bundle.write(Path(folder, "job"))._asdict(), **options)


def places(report: Report) -> list[tuple[str, str, int, str]]:
    """Return code, name of the file, line and path of every finding."""
    return [(f.code, Path(f.file).stem, f.line, f.path) for f in report.findings]


# A job by hand: three images to train with, two to test, and the counts of moderation.evaluation, one by one.

TRAINED = [("Alcohol",), ("Alcohol", "Violence"), ()]
TESTED: list[tuple[str, ...]] = [("Violence",), ()]
FOUND: list[Scores] = [
    {"Adapter": {"Violence": 82.5}, "BaseModel": {"Violence": 41.5, "Alcohol": 33.5}},
    {"Adapter": {}, "BaseModel": {"Alcohol": 61.5}},
]


def of_truth(n: int, names: tuple[str, ...]) -> dict[str, Any]:
    return manifest_record(*names, ref=f"s3://foo/{n}.jpg")


def with_found(record: dict[str, Any], found: Scores) -> dict[str, Any]:
    def of(model: str) -> dict[str, Any]:
        sure = found.get(model, {})
        return prediction(*(found_label(name, confidence=confidence) for name, confidence in sure.items()))

    return {**record, ADAPTER: of("Adapter"), BASE_MODEL: of("BaseModel")}


def evaluated(
    labels: tuple[str, ...] = ("Alcohol", "Violence"), found: list[Scores] | None = None, **options: Any
) -> dict[str, Any]:
    value = evaluation(list(labels), [set(names) for names in TESTED], found or FOUND, **options)
    value[DETAILS]["NumberOfTrainingImages"] = len(TRAINED)
    return value


def job() -> ModerationBundle:
    trained = [of_truth(n, names) for n, names in enumerate(TRAINED, 1)]
    tested = [of_truth(n, names) for n, names in enumerate(TESTED, 4)]
    found = [with_found(record, found) for record, found in zip(tested, FOUND, strict=True)]
    return ModerationBundle(copy.deepcopy([*trained, *tested]), trained, found, evaluated())


def test_a_job_by_hand_is_clean() -> None:
    assert checked(job()).findings == ()


# Every rule, broken alone. What is changed is a fresh copy.


def _more_input(bundle: ModerationBundle) -> None:
    bundle.input.append(of_truth(9, ()))


def _more_output(bundle: ModerationBundle) -> None:
    bundle.training_output.append(of_truth(9, ("Alcohol",)))
    bundle.evaluation[DETAILS]["NumberOfTrainingImages"] += 1


def _other_truth(bundle: ModerationBundle) -> None:
    bundle.training_output[0][TRUTH]["ModerationLabels"] = [{"Name": "Violence"}]


def _label_more(bundle: ModerationBundle) -> None:
    bundle.testing_output[1][TRUTH]["ModerationLabels"].append({"Name": "Gambling"})


def _with_predictions(bundle: ModerationBundle) -> None:
    for record in bundle.training_output:
        record.update({ADAPTER: prediction(), BASE_MODEL: prediction()})


def _without_predictions(bundle: ModerationBundle) -> None:
    for record in bundle.testing_output:
        del record[ADAPTER], record[BASE_MODEL]


def _tested_again(bundle: ModerationBundle) -> None:
    bundle.training_output.append(of_truth(4, TESTED[0]))
    bundle.evaluation[DETAILS]["NumberOfTrainingImages"] += 1


def _other_number(bundle: ModerationBundle) -> None:
    bundle.evaluation[DETAILS]["NumberOfTrainingImages"] += 1


def _evaluated(**options: Any) -> Callable[[ModerationBundle], None]:
    return lambda bundle: bundle.evaluation.update(evaluated(**options))


def _other_version(bundle: ModerationBundle) -> None:
    bundle.evaluation[DETAILS]["ProjectVersionArn"] = ARN.replace("my-adapter", "other")


SURER: list[Scores] = [{**FOUND[0], "Adapter": {"Violence": 86.5}}, FOUND[1]]
LESS_SURE_AT_85 = [
    (*RESULTS, 16, *cell, key)
    for cell in (("AggregatedEvaluationResults", "Adapter"), ("LabelEvaluationResults", 1, "Adapter"))
    for key in ("TruePositive", "FalseNegative")
]
BROKEN: list[tuple[str, Callable[[ModerationBundle], None], set[tuple[str, str, int, JsonPath]]]] = [
    ("an image left out", _more_input, {("VF540", "input", 6, ("source-ref",))}),
    ("an image more", _more_output, {("VF541", "training-output", 4, ("source-ref",))}),
    ("another label", _other_truth, {("VF542", "training-output", 1, (TRUTH, "ModerationLabels"))}),
    ("a label more", _label_more, {("VF542", "testing-output", 2, (TRUTH, "ModerationLabels"))}),
    ("predictions", _with_predictions, {("VF543", "training-output", n, (ADAPTER,)) for n in (1, 2, 3)}),
    ("no predictions", _without_predictions, {("VF543", "testing-output", n, (ADAPTER,)) for n in (1, 2)}),
    ("tested again", _tested_again, {("VF544", "testing-output", 1, ("source-ref",))}),
    ("a number", _other_number, {("VF545", "evaluation", 0, (DETAILS, "NumberOfTrainingImages"))}),
    (
        "a label too many",
        _evaluated(labels=("Alcohol", "Violence", "Gambling")),
        {("VF546", "evaluation", 0, (DETAILS, "Labels", 2))},
    ),
    ("a label too few", _evaluated(labels=("Violence",)), {("VF546", "evaluation", 0, (DETAILS, "Labels"))}),
    ("surer predictions", _evaluated(found=SURER), {("VF547", "evaluation", 0, path) for path in LESS_SURE_AT_85}),
    ("another version", _other_version, {("VF548", "evaluation", 0, (DETAILS, "ProjectVersionArn"))}),
]


@pytest.mark.parametrize(("change", "found"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_each_rule_is_found_broken_alone(
    change: Callable[[ModerationBundle], None], found: set[tuple[str, str, int, JsonPath]]
) -> None:
    bundle = job()
    change(bundle)
    report = checked(bundle)
    # The line of a finding in the evaluation is asked for where its place is.
    wanted = {(code, file, line, render(path)) for code, file, line, path in found}
    assert {(c, file, 0 if file == "evaluation" else n, path) for c, file, n, path in places(report)} == wanted
    assert len(report.findings) == len(found)


def test_every_rule_is_broken_by_one_of_these() -> None:
    assert {code for _, _, found in BROKEN for code, *_ in found} == JOB_CODES


@pytest.mark.parametrize("code", sorted(JOB_CODES))
def test_only_what_the_page_says_is_an_error(code: str) -> None:
    rule = all_rules()[code]
    assert rule.verdict.documented == rule.verdict.reader
    assert rule.verdict.documented is not None
    inferred = rule.verdict.documented.evidence == "inferred"
    assert rule.verdict.documented.severity == ("warning" if inferred else "error")
    assert inferred == (code not in {"VF541", "VF542", "VF543"})


MESSAGES = [
    (_more_output, 'the input has no image "s3://foo/9.jpg"'),
    (_other_truth, 'the ground truth is "Violence" here and "Alcohol" in the input'),
    (_label_more, 'the ground truth is "Gambling" here and no label in the input'),
    (_other_number, "4 training images; the training output has 3 lines"),
    (_evaluated(labels=("Violence",)), 'images of the training output have labels that are not listed: "Alcohol"'),
    (_other_version, f"the predictions in line 1 of the testing output are those of {ARN}"),
    (
        _evaluated(found=SURER),
        "TruePositive of all labels is 1 for Adapter at threshold 85; the predictions of the testing output give 0",
    ),
]


@pytest.mark.parametrize(("change", "message"), MESSAGES, ids=[row[1][:40] for row in MESSAGES])
def test_the_message_names_both_values(change: Callable[[ModerationBundle], None], message: str) -> None:
    bundle = job()
    change(bundle)
    assert checked(bundle).findings[0].message == message


# Counts.


def counts_in(value: dict[str, Any]) -> Iterator[JsonPath]:
    """Yield the place of every count of an evaluation, but for the numbers of images."""
    for at in (AT_INPUT, *((*RESULTS, i) for i in range(len(GRID)))):
        rows = len(value_at(value, (*at, "LabelEvaluationResults")))
        cells: list[JsonPath] = [("AggregatedEvaluationResults",)]
        cells += [("LabelEvaluationResults", i) for i in range(rows)]
        for cell in cells:
            yield from ((*at, *cell, model, key) for model in MODELS for key in KEYS)


def assert_named(bundle: ModerationBundle, path: JsonPath, by: int, code: str = "VF547") -> None:
    """Check a bundle with one count changed: that one is named, where it stands, and no other."""
    changed = copy.deepcopy(bundle)
    value_at(changed.evaluation, path[:-1])[path[-1]] += by
    text = json.dumps(changed.evaluation, indent=2).splitlines()
    (finding,) = (f for f in checked(changed).findings if f.code in JOB_CODES)
    assert (finding.code, finding.path) == (code, render(path))
    place = text[finding.line - 1][finding.column - 1 :]
    assert place.rstrip(",") == str(value_at(changed.evaluation, path))


def test_a_drawn_bundle_is_clean_and_each_single_count_changed_by_one_is_named(draws: settings) -> None:
    @settings(draws)
    @given(moderation_bundle() | moderation_bundle(aggregate="images", max_images=5), st.data())
    def check(bundle: ModerationBundle, data: st.DataObject) -> None:
        assert checked(bundle).findings == ()
        path = data.draw(st.sampled_from(list(counts_in(bundle.evaluation))))
        assert_named(bundle, path, data.draw(st.sampled_from([1, -1])) if value_at(bundle.evaluation, path) else 1)
        for kind in ("Training", "Testing"):
            assert_named(bundle, (DETAILS, f"NumberOf{kind}Images"), 1, "VF545")

    check()


@pytest.mark.parametrize("by_image", [False, True])
def test_every_single_count_is_named_wherever_it_stands(by_image: bool, step: int) -> None:
    bundle = job()
    bundle.evaluation.update(evaluated(by_image=by_image))
    assert checked(bundle).findings == ()
    for path in list(counts_in(bundle.evaluation))[::step]:
        assert_named(bundle, path, 1)


def test_the_counts_are_those_of_counting_one_by_one(draws: settings) -> None:
    @settings(draws)
    @given(st.data(), st.sampled_from(["labels", "images"]))
    def check(data: st.DataObject, aggregate: str) -> None:
        bundle = data.draw(moderation_bundle(aggregate=aggregate))
        truth = [{label["Name"] for label in record[TRUTH]["ModerationLabels"]} for record in bundle.testing_output]
        scores: list[Scores] = [
            {
                model: {x["Name"]: x["Confidence"] for x in sorted(found, key=lambda x: x["Confidence"])}
                for model, key in (("Adapter", ADAPTER), ("BaseModel", BASE_MODEL))
                for found in [record[key]["ModerationLabels"]]
            }
            for record in bundle.testing_output
        ]
        labels = bundle.evaluation[DETAILS]["Labels"]
        threshold = value_at(bundle.evaluation, (*AT_INPUT, "ConfidenceThreshold"))
        one_by_one = evaluation(labels, truth, scores, threshold=threshold, by_image=aggregate == "images")
        assert bundle.evaluation["ContentModeration"] == one_by_one["ContentModeration"]
        assert bundle.evaluation[DETAILS]["NumberOfTestingImages"] == len(truth)

    check()


def test_the_f1_score_is_the_mean_of_the_adapter_s_labels_at_the_input_threshold(draws: settings) -> None:
    @settings(draws)
    @given(moderation_bundle(min_images=4, min_labels=1))
    def check(bundle: ModerationBundle) -> None:
        scores = []
        for row in value_at(bundle.evaluation, (*AT_INPUT, "LabelEvaluationResults")):
            right, wrong, missed = (row["Adapter"][key] for key in ("TruePositive", "FalsePositive", "FalseNegative"))
            precision = Fraction(right, right + wrong) if right + wrong else Fraction(0)
            recall = Fraction(right, right + missed) if right + missed else Fraction(0)
            scores.append(2 * precision * recall / (precision + recall) if right else Fraction(0))
        mean = sum(scores, Fraction(0)) / len(scores)
        assert bundle.evaluation["AggregatedEvaluationResults"]["F1Score"] == pytest.approx(float(mean))

    check()


def test_of_the_f1_score_only_the_range_is_checked() -> None:
    bundle = job()
    bundle.evaluation["AggregatedEvaluationResults"]["F1Score"] = 0.123
    assert checked(bundle).findings == ()
    bundle.evaluation["AggregatedEvaluationResults"]["F1Score"] = 97.3
    assert [f.code for f in checked(bundle).findings] == ["VF606"]


ON_THRESHOLD: list[Scores] = [{"Adapter": {"Violence": 50.0}, "BaseModel": {}}, {}]


def test_a_confidence_on_a_threshold_is_found_there() -> None:
    bundle = job()
    for n, (names, found) in enumerate(zip(TESTED, ON_THRESHOLD, strict=True)):
        bundle.testing_output[n] = with_found(of_truth(n + 4, names), found)
    bundle.evaluation.update(evaluated(found=ON_THRESHOLD))
    assert checked(bundle).findings == ()
    bundle.evaluation.update(evaluated(found=[{"Adapter": {"Violence": 49.5}}, {}]))
    findings = checked(bundle).findings
    assert {f.path for f in findings} == {render((*RESULTS, 9, *path[3:])) for path in LESS_SURE_AT_85}
    assert findings[0].message.endswith("give 1, with 1 found at exactly this confidence")


def test_a_name_at_two_levels_is_as_sure_as_the_surer() -> None:
    bundle = job()
    upper, lower = found_label("Violence", confidence=82.5), found_label("Violence", "Violence", confidence=90.5)
    for labels in ([upper, lower], [lower, upper]):
        bundle.testing_output[0][ADAPTER] = prediction(*labels, version="x")
        bundle.evaluation.update(evaluated(found=[{**FOUND[0], "Adapter": {"Violence": 90.5}}, FOUND[1]]))
        assert {f.code for f in checked(bundle).findings} == {"VF510"}


def test_below_the_lowest_confidence_of_predictions_nothing_is_counted_again() -> None:
    bundle = job()
    unsure = {"Alcohol": 4.75, **FOUND[0]["Adapter"]}
    bundle.evaluation.update(evaluated(threshold=4.5, found=[{**FOUND[0], "Adapter": unsure}, FOUND[1]]))
    assert checked(bundle).findings == ()
    bundle.evaluation.update(evaluated(threshold=5.0, found=SURER))
    assert all(path.startswith(render(RESULTS)) for _, _, _, path in places(checked(bundle)))


def test_the_way_of_counting_over_all_labels_that_fits_best_is_taken() -> None:
    bundle = job()
    wrong = (*RESULTS, 3, "AggregatedEvaluationResults", "Adapter")
    bundle.evaluation.update(evaluated())
    # One block counts images, the others labels: it is the odd one.
    value_at(bundle.evaluation, wrong).update(value_at(evaluated(by_image=True), wrong))
    findings = [f for f in checked(bundle).findings if f.code == "VF547"]
    assert {f.path.rpartition(".")[0] for f in findings} == {render(wrong)}


def test_a_label_that_is_not_processed_need_not_be_evaluated() -> None:
    bundle = job()
    for records in (bundle.input, bundle.training_output):
        records[2][TRUTH]["ModerationLabels"] = [{"Name": "Weapons"}]
    assert [f.code for f in checked(bundle).findings] == ["VF506", "VF506"]


def test_each_adapter_that_the_predictions_name_is_compared() -> None:
    bundle = job()
    bundle.testing_output[1][ADAPTER]["ProjectVersion"] = ARN.replace("my-adapter", "other")
    (finding,) = checked(bundle).findings
    assert (finding.code, finding.message.partition(" are")[0]) == (
        "VF548",
        "the predictions in line 2 of the testing output",
    )


# What is not there, or cannot be read, is not spoken of.


def written(bundle: ModerationBundle, root: Path) -> dict[str, Any]:
    return bundle.write(root)._asdict()


@pytest.mark.parametrize("number", range(1, 16))
def test_any_of_the_files_may_be_left_out(number: int, tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    some = {name: path for bit, (name, path) in enumerate(files.items()) if number >> bit & 1}
    report = check_bundle(**some)
    assert report.findings == ()
    assert report.lines == sum(path.read_bytes().count(b"\n") for path in some.values())


def test_without_any_file_there_is_nothing_to_check() -> None:
    with pytest.raises(ValueError, match="no file is given: input, training_output, testing_output and evaluation"):
        check_bundle()
    with pytest.raises(ValueError, match="no file is given"):
        check_bundle(input=[])


@pytest.mark.parametrize("name", OPTIONS)
def test_a_file_that_is_not_there_is_one_finding(name: str, tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    files[name].unlink()
    (finding,) = check_bundle(**files).findings
    assert (finding.code, finding.file) == ("VF001", str(files[name]))


def test_wrong_arguments_raise(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown profile 'strict'"):
        check_bundle(input=tmp_path, profile="strict")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_findings=-1 is negative"):
        check_bundle(input=tmp_path, max_findings=-1)


ILLEGIBLE = [
    ("no JSON", "{\n"),
    ("no record", "[1]\n"),
    ("no labels", '{"source-ref": "s3://foo/%d.jpg", "content-moderation-groundtruth": {}}\n'),
    ("no name", '{"source-ref": "s3://foo/%d.jpg", "content-moderation-groundtruth": {"ModerationLabels": [1]}}\n'),
    ("spread", '{\n"source-ref": "s3://foo/%d.jpg"\n}\n'),
    ("key twice", '{"source-ref": "s3://bar/1.jpg", "source-ref": "s3://foo/%d.jpg"}\n'),
]  # fmt: skip


@pytest.mark.parametrize("line", [row[1] for row in ILLEGIBLE], ids=[row[0] for row in ILLEGIBLE])
@pytest.mark.parametrize("name", OPTIONS[:3])
def test_a_line_that_is_not_understood_makes_nothing_else_wrong(name: str, line: str, tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    lines = files[name].read_text().splitlines(keepends=True)
    last = line.replace("%d", "3" if name == "training_output" else "5")
    files[name].write_text("".join([*lines[:-1], last]))
    report = check_bundle(**files)
    assert report.errors
    # That a record has no predictions is plain, whatever else it lacks.
    no_predictions = {"VF543"} if name == "testing_output" and line.count("content-moderation-groundtruth") else set()
    assert set(report.counts) & JOB_CODES == no_predictions


@pytest.mark.parametrize("name", ["training_output", "testing_output"])
def test_two_records_in_a_line_are_not_counted_as_one(name: str, tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    *first, last = files[name].read_text().splitlines()
    files[name].write_text("\n".join(first) + last + "\n")
    assert set(check_bundle(**files).counts) == {"VF008"}


@pytest.mark.parametrize("blocks", [None, {}, {ADAPTER: None}, {BASE_MODEL: {"ModerationLabels": [{"Name": "a"}]}}])
def test_predictions_that_are_not_understood_are_not_counted(blocks: dict[str, Any] | None) -> None:
    bundle = job()
    bundle.evaluation.update(evaluated(found=SURER))
    assert "VF547" in checked(bundle).counts
    if blocks:
        bundle.testing_output[0].update(blocks)
    else:
        del bundle.testing_output[0][BASE_MODEL]
    assert "VF547" not in checked(bundle).counts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"ContentModeration": null, "EvaluationDetails": []}',
        b'{"EvaluationDetails": {"Labels": [1, null, {}]}}',
    ],
)
def test_an_evaluation_of_another_shape_never_raises(content: bytes, tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    files["evaluation"].write_bytes(content)
    report = check_bundle(**files)
    assert report.errors
    assert not set(report.counts) & (JOB_CODES - {"VF546"})


def test_counts_that_are_no_counts_are_left_to_the_schema() -> None:
    bundle = job()
    cell = value_at(bundle.evaluation, (*RESULTS, 4, "AggregatedEvaluationResults", "Adapter"))
    cell["TruePositive"] = -1
    bundle.evaluation[DETAILS]["NumberOfTestingImages"] = "2"
    assert sorted(f.code for f in checked(bundle).findings) == ["VF602", "VF605"]


# Files as people have them.


def test_the_order_of_lines_and_labels_means_nothing() -> None:
    bundle = job()
    for records in (bundle.input, bundle.training_output, bundle.testing_output):
        records.reverse()
    for record in bundle.training_output:
        record[TRUTH]["ModerationLabels"].reverse()
    assert checked(bundle).findings == ()


def test_keys_that_pass_through_mean_nothing() -> None:
    bundle = job()
    bundle.training_output[0]["note"] = 1
    assert checked(bundle).findings == ()


def test_of_an_image_given_twice_either_ground_truth_is_right() -> None:
    bundle = job()
    bundle.input.append(of_truth(1, ("Violence",)))
    for names in (("Alcohol",), ("Violence",)):
        bundle.training_output[0][TRUTH]["ModerationLabels"] = [{"Name": name} for name in names]
        assert [(f.code, f.line) for f in checked(bundle).findings] == [("VF521", 6)]
    bundle.training_output[0][TRUTH]["ModerationLabels"] = []
    (finding,) = (f for f in checked(bundle).findings if f.code == "VF542")
    assert finding.message == 'the ground truth is no label here and "Alcohol" or "Violence" in the input'


def test_training_and_testing_may_have_an_input_each(tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    lines = files["input"].read_bytes().splitlines(keepends=True)
    parts = [tmp_path / "train.manifest", tmp_path / "test.manifest"]
    parts[0].write_bytes(b"".join(lines[:3]))
    parts[1].write_bytes(b"".join(lines[3:]))
    others = {name: path for name, path in files.items() if name != "input"}
    assert check_bundle(input=parts, **others).findings == ()
    assert places(check_bundle(input=parts[0], **others)) == [
        ("VF541", "testing-output", n, "$['source-ref']") for n in (1, 2)
    ]


def test_of_two_inputs_one_that_is_not_there_makes_nothing_else_wrong(tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    files["input"] = [files["input"], tmp_path / "none.manifest"]
    files["input"][0].write_text(json.dumps(of_truth(1, ("Violence",))) + "\n")
    assert check_bundle(**files).counts == {"VF001": 1}


def test_files_may_be_compressed_or_named_by_strings(tmp_path: Path) -> None:
    bundle = job()
    _more_input(bundle)
    files = written(bundle, tmp_path / "job")
    for path in files.values():
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    compressed: dict[str, Any] = {name: f"{path}.gz" for name, path in files.items()}
    report = check_bundle(**compressed)
    assert [(f.code, f.file, f.line) for f in report.findings] == [("VF540", f"{files['input']}.gz", 6)]


def test_a_compressed_file_that_is_cut_short_takes_no_part(tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    whole = gzip.compress(files["testing_output"].read_bytes())
    files["testing_output"] = tmp_path / "test.manifest.gz"
    files["testing_output"].write_bytes(whole[:-9])
    assert {f.code for f in check_bundle(**files).findings} == {"VF001"}


def test_each_file_is_checked_by_its_own_format_first_and_findings_stand_in_order(tmp_path: Path) -> None:
    bundle = job()
    bundle.input[1]["source-ref"] = "s3://bar/2.jpg"
    bundle.testing_output[0][ADAPTER]["ModerationLabels"][0]["Confidence"] = 4.5
    bundle.evaluation[DETAILS]["Labels"].append("Gambling")
    files = written(bundle, tmp_path / "job")
    report = check_bundle(**files)
    alone = [f for path in files.values() for f in check_file(path).findings if f.code not in JOB_CODES]
    assert [f for f in report.findings if f.code not in JOB_CODES] == alone
    order = [str(path) for path in files.values()]
    keys = [(order.index(f.file), f.line, f.column, f.code) for f in report.findings]
    assert keys == sorted(keys)
    assert {"VF520", "VF605", "VF534", "VF540", "VF541", "VF546", "VF547"} <= set(report.counts)


def test_counts_are_exact_where_findings_are_capped() -> None:
    bundle = job()
    bundle.evaluation.update(evaluated(found=[{}, {}]))
    whole, capped = checked(bundle), checked(bundle, max_findings=2)
    assert capped.counts == whole.counts
    assert whole.counts["VF547"] > 2
    assert places(capped) == places(whole)[:2]


# The strategy.


@given(moderation_bundle(min_images=3, max_images=5, max_labels=2))
def test_the_arguments_bound_what_is_drawn(bundle: ModerationBundle) -> None:
    assert 3 <= len(bundle.input) <= 5
    assert len(bundle.training_output) + len(bundle.testing_output) == len(bundle.input)
    assert all(len(record[TRUTH]["ModerationLabels"]) <= 2 for record in bundle.input)
    assert value_at(bundle.evaluation, (*AT_INPUT, "ConfidenceThreshold")) >= 5


@settings(max_examples=15)
@given(moderation_bundle(taxonomy="6.1", labels=st.sampled_from(IN_BOTH), min_labels=1, max_labels=3))
def test_a_bundle_of_the_older_model_is_clean(bundle: ModerationBundle) -> None:
    assert set(bundle.evaluation[DETAILS]["Labels"]) <= set(IN_BOTH)
    assert {record[ADAPTER]["ModerationModelVersion"] for record in bundle.testing_output} == {"6.1"}
    assert checked(bundle).findings == ()


@settings(max_examples=15)
@given(moderation_bundle(taxonomy="6.1"))
def test_labels_of_the_older_taxonomy_are_a_warning(bundle: ModerationBundle) -> None:
    assert set(checked(bundle).counts) <= {"VF508"}


def test_models_are_often_right_and_often_wrong() -> None:
    bundles = sample(moderation_bundle(), 50)
    for model in MODELS:
        cells = [value_at(b.evaluation, (*AT_INPUT, "AggregatedEvaluationResults", model)) for b in bundles]
        for key in KEYS:
            assert sum(cell[key] > 0 for cell in cells) >= 5
        # Of the labels that images have, far more are found than by chance.
        assert 3 * sum(cell["TruePositive"] for cell in cells) >= sum(cell["FalseNegative"] for cell in cells)


def test_a_bundle_shrinks_to_an_image_each_without_labels_and_nothing_found() -> None:
    bundle = minimal(moderation_bundle())
    trained, tested = (manifest_record(ref=f"s3://foo/{name}.jpg") for name in ("a", "a-2"))
    assert bundle.input == [trained, tested]
    assert bundle.training_output == [trained]
    nothing = {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    assert bundle.testing_output == [{**tested, ADAPTER: {**nothing, "ProjectVersion": ARN}, BASE_MODEL: nothing}]
    assert bundle.evaluation[DETAILS]["Labels"] == []
    assert bundle.evaluation["AggregatedEvaluationResults"] == {"F1Score": 0.0}


@given(moderation_bundle(min_labels=1))
def test_a_test_that_changes_one_list_changes_no_other(bundle: ModerationBundle) -> None:
    others = copy.deepcopy((bundle.training_output, bundle.testing_output, bundle.evaluation))
    for record in bundle.input:
        record[TRUTH]["ModerationLabels"].clear()
        record.clear()
    assert (bundle.training_output, bundle.testing_output, bundle.evaluation) == others
    bundle.evaluation[DETAILS]["Labels"].clear()
    assert (bundle.training_output, bundle.testing_output) == others[:2]


WRONG = [
    ({"min_images": 1}, "min_images=1 is less than 2"),
    ({"min_images": 5, "max_images": 4}, "min_images=5 is larger than max_images=4"),
    ({"max_images": "4"}, "max_images='4' is not an integer"),
    ({"min_labels": 2, "max_labels": 1}, "min_labels=2 is larger than max_labels=1"),
    ({"min_labels": 11, "max_labels": 12}, "min_labels=11 is larger than the number of top-level labels, 10"),
    ({"labels": ["Alcohol"]}, "labels=.* is not a strategy"),
    ({"taxonomy": "5"}, f"taxonomy='5' is none of {', '.join(map(repr, TAXONOMIES))}"),
    ({"aggregate": "mean"}, "aggregate='mean' is none of 'labels', 'images'"),
    ({"profile": "strict"}, "profile='strict' is neither of"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[row[1][:40] for row in WRONG])
def test_wrong_arguments_of_the_strategy_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        minimal(moderation_bundle(**arguments))


def test_the_strategy_is_shown_as_its_call() -> None:
    assert repr(moderation_bundle(max_images=3)) == "moderation_bundle(max_images=3)"


# Writing.


def test_the_four_files_are_written_and_hold_what_was_drawn(tmp_path: Path) -> None:
    bundle = job()
    files = bundle.write(tmp_path / "new/job")
    assert sorted(os.listdir(tmp_path / "new/job")) == sorted(path.name for path in files)
    manifests = [list(map(json.loads, path.read_text("utf-8").splitlines())) for path in files[:3]]
    assert manifests == [bundle.input, bundle.training_output, bundle.testing_output]
    assert json.loads(files.evaluation.read_text("utf-8")) == bundle.evaluation


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty; exist_ok=True writes into it"):
        job().write(tmp_path)
    assert os.listdir(tmp_path) == ["note.txt"]
    files = job().write(str(tmp_path), exist_ok=True)
    assert len(os.listdir(tmp_path)) == 5
    assert check_bundle(**files._asdict()).findings == ()


def test_a_bundle_is_frozen() -> None:
    with pytest.raises(AttributeError):
        job().input = []  # type: ignore[misc]


# The command line.


def run(capsys: pytest.CaptureFixture[str], files: dict[str, Any], *more: str) -> tuple[int, str, str]:
    options = [f"--{name.replace('_', '-')}={path}" for name, path in files.items()]
    code = main(["check-bundle", *options, *more])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_is_exit_0_for_a_clean_job(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    code, out, err = run(capsys, files)
    lines = sum(path.read_bytes().count(b"\n") for path in files.values())
    assert (code, out, err) == (0, f"0 errors, 0 warnings in 4 files, {lines} lines\n", "")


def test_the_command_fails_for_an_error_and_where_strict_for_a_warning(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bundle = job()
    _other_number(bundle)
    warned = written(bundle, tmp_path / "a")
    assert run(capsys, warned)[0] == 0
    assert run(capsys, warned, "--strict")[0] == 1
    _other_truth(bundle)
    broken = written(bundle, tmp_path / "b")
    code, out, _ = run(capsys, broken, "--output", "concise")
    assert code == 1
    assert [line.partition(" ")[2].partition(" ")[0] for line in out.splitlines()] == ["VF542", "VF545"]
    assert run(capsys, broken, "--ignore", "VF54", "--strict")[0] == 0
    code, out, _ = run(capsys, broken, "--output", "json", "--select", "VF545")
    assert code == 0
    assert [finding["code"] for file in json.loads(out)["files"] for finding in file["findings"]] == ["VF545"]


def test_the_command_takes_several_inputs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = written(job(), tmp_path / "job")
    again = tmp_path / "again.manifest"
    again.write_text(json.dumps(of_truth(9, ())) + "\n")
    code, out, _ = run(capsys, files, f"--input={again}", "--output=concise")
    assert (code, out.count("\n"), "again.manifest:1:16: VF540" in out) == (0, 1, True)


def test_the_command_needs_a_file_that_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, {})
    assert code == 2
    assert err.endswith("no file is given: --input, --training-output, --testing-output, --evaluation\n")
    code, _, err = run(capsys, {"evaluation": Path("none.json")})
    assert (code, err) == (2, "visionfmt check-bundle: there is no file 'none.json'\n")
    assert run(capsys, {"input": tmp_path}, "--output=concise")[:2] == (
        1, f"{tmp_path}:1:1: VF001 cannot be read: it is a folder\n"
    )  # fmt: skip
