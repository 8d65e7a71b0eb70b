"""Rekognition's moderation files: what is judged how, what the page's samples give, which file is which."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moderation import (
    ADAPTER,
    ARN,
    BASE_MODEL,
    GRID,
    TRUTH,
    found_label,
    manifest_record,
    output_record,
    plain_evaluation,
    prediction,
    response,
)
from records import PROFILES, SAMPLES, jsonl, reference

from pytest_visionfmt import (
    TABLE,
    AnnotatedImage,
    AnnotatedObject,
    Evidence,
    Format,
    InvalidRecord,
    Severity,
    check_bytes,
    check_file,
    check_record,
    read,
)
from pytest_visionfmt.checking_files import check_found
from pytest_visionfmt.formats.moderation_taxonomy import LATEST, TAXONOMIES, top_level
from pytest_visionfmt.formats.shared_rules import JSON_RULES
from pytest_visionfmt.parts import check_lines

INPUT, OUTPUT = "rekognition-input-record", "rekognition-output-record"
EVALUATION, RESPONSE = "rekognition-evaluation", "rekognition-moderation-response"
IDS = (INPUT, OUTPUT, EVALUATION, RESPONSE)
FORMATS = [TABLE[format_id] for format_id in IDS]
PLAIN: dict[str, Any] = {
    INPUT: manifest_record("Alcohol"),
    OUTPUT: output_record(found_label("Violence", TaxonomyLevel=1)),
    EVALUATION: plain_evaluation(),
    RESPONSE: response(found_label("Violence"), ContentTypes=[{"Confidence": 70.5, "Name": "Animated"}]),
}


def found(value: Any, format_id: str) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(value, format_id)}


# Who judges.


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.id)
def test_both_profiles_judge_alike_for_no_reader_is_known(format_: Format) -> None:
    assert set(format_.schemas) == {"documented"}
    for (_, code, _), verdict in format_.verdicts.items():
        assert verdict.documented == verdict.reader, code
    for rule in format_.rules:
        verdict = format_.verdict(rule, "$", ("any",))
        assert verdict.documented == verdict.reader, rule.code


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.id)
def test_what_is_inferred_is_never_an_error(format_: Format) -> None:
    own = [format_.verdict(rule, "$", ("any",)) for rule in format_.rules if rule not in JSON_RULES]
    for verdict in (*format_.verdicts.values(), *own):
        judgement = verdict.documented
        if judgement and judgement.severity == Severity.ERROR:
            assert judgement.evidence == Evidence.DOCUMENTED


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.id)
def test_what_only_a_sister_feature_documents_is_said_to_be_an_analogy(format_: Format) -> None:
    for verdict in format_.verdicts.values():
        if verdict.documented and "ERROR_" in verdict.documented.says:
            assert "not published; by analogy with Custom Labels" in verdict.documented.says


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", IDS)
def test_a_plain_value_is_clean(format_id: str, profile: Any) -> None:
    assert check_record(PLAIN[format_id], format_id, profile=profile) == ()


E, W = Severity.ERROR, Severity.WARNING
NAME = f"$['{TRUTH}'].ModerationLabels[0].Name"
FOUND = f"$['{ADAPTER}'].ModerationLabels[0]"


def truth(value: Any) -> dict[str, Any]:
    return {**manifest_record(), TRUTH: value}


def source(ref: Any) -> dict[str, Any]:
    return manifest_record("Alcohol", ref=ref)


def with_block(**changes: Any) -> dict[str, Any]:
    return {**PLAIN[OUTPUT], ADAPTER: {**prediction(), **changes}}


# (format, value, code, path, severity, words of the consequence or message)
JUDGED: list[tuple[str, Any, str, str, Severity, str]] = [
    (INPUT, {TRUTH: {"ModerationLabels": []}}, "VF601", "$['source-ref']", E, "ERROR_MISSING_SOURCE_REF"),
    (INPUT, {"source_ref": "s3://foo/1.jpg", TRUTH: {"ModerationLabels": []}}, "VF613", "$.source_ref", E,
     "ERROR_MISSING_SOURCE_REF"),
    (INPUT, {"source-ref": "s3://foo/1.jpg"}, "VF601", f"$['{TRUTH}']", E, "ERROR_NO_LABEL_ATTRIBUTES"),
    (INPUT, source("https://foo/1.jpg"), "VF604", "$['source-ref']", E, "ERROR_INVALID_SOURCE_REF_FORMAT"),
    (INPUT, source("s3://foo/"), "VF604", "$['source-ref']", E, "ERROR_INVALID_SOURCE_REF_FORMAT"),
    (INPUT, source("s3://fo/1.jpg"), "VF604", "$['source-ref']", E, "does not have the form of"),
    (INPUT, source("s3://foo/1.jpg\n"), "VF604", "$['source-ref']", E, "does not have the form of"),
    (INPUT, source(None), "VF602", "$['source-ref']", E, "null is null"),
    (INPUT, source("S3://foo/1.jpg"), "VF501", "$['source-ref']", W, 'the page writes "s3"'),
    (INPUT, source("s3://foo/1.webp"), "VF502", "$['source-ref']", W, "re:Post"),
    (INPUT, source("s3://foo.jpg/1"), "VF502", "$['source-ref']", W, "re:Post"),
    (INPUT, source("s3://foo/a.jpg/1"), "VF502", "$['source-ref']", W, "re:Post"),
    (INPUT, source("s3://foo/jpg"), "VF502", "$['source-ref']", W, "re:Post"),
    (INPUT, {**PLAIN[INPUT], "$id": 1}, "VF505", "$['$id']", W, "Ground Truth"),
    (INPUT, truth(None), "VF602", f"$['{TRUTH}']", E, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
    (INPUT, truth({"ModerationLabels": {}}), "VF602", NAME[: -len("[0].Name")], E, "a list is wanted"),
    (INPUT, truth({"ModerationLabels": ["Alcohol"]}), "VF602", NAME[: -len(".Name")], E, "an object is wanted"),
    (INPUT, truth({"ModerationLabels": [{}]}), "VF601", NAME, E, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
    (INPUT, truth({"ModerationLabels": [{"Name": "Alcohol", "Confidence": 1}]}), "VF612",
     NAME.replace(".Name", ".Confidence"), W, "not a documented key"),
    (INPUT, manifest_record("Weapons"), "VF506", NAME, W, "will not be processed"),
    (INPUT, manifest_record("Smoking"), "VF506", NAME, W, '3 in 7.0, below "Drugs & Tobacco Paraphernalia & Use"'),
    (INPUT, manifest_record("Nudity"), "VF506", NAME, W, "level 2 in 6.1"),
    (INPUT, manifest_record("Rude Gesture"), "VF507", NAME, W, '"Rude Gestures" is one'),
    (INPUT, manifest_record("ALCOHOL"), "VF507", NAME, W, '"Alcohol" is one'),
    (INPUT, manifest_record("Tobacco"), "VF508", NAME, W, "7.0 has none of that name"),
    (INPUT, manifest_record("Explicit Nudity"), "VF508", NAME, W, 'in 7.0 it is of level 2, below "Explicit"'),
    (OUTPUT, output_record(found_label("Violence", confidence=4.99)), "VF605", f"{FOUND}.Confidence", E, "less than 5"),
    (OUTPUT, output_record(found_label("Violence", confidence=100.01)), "VF606", f"{FOUND}.Confidence", E, "than 100"),
    (OUTPUT, output_record(found_label("Violence", None)), "VF602", f"{FOUND}.ParentName", E, "a string is wanted"),
    (OUTPUT, output_record(found_label("Nude")), "VF511", f"{FOUND}.Name", W, "no label of version 7.0"),
    (OUTPUT, output_record(found_label("Tobacco")), "VF511", f"{FOUND}.Name", W, "it is one of 6.1"),
    (OUTPUT, output_record(found_label("Nudity"), version="6.1"), "VF511", f"{FOUND}.ParentName", W,
     'stands below "Explicit Nudity" in version 6.1, not at the top'),
    (OUTPUT, output_record(found_label("Violence", TaxonomyLevel=2)), "VF511", f"{FOUND}.TaxonomyLevel", W, "level 1"),
    (OUTPUT, output_record(found_label("Weapons", "Violence")), "VF512", f"{FOUND}.ParentName", W, "not in the list"),
    (OUTPUT, output_record(found_label("Gambling", "Gambling"), version="6.1"), "VF512", f"{FOUND}.ParentName", W,
     "not in the list"),
    (OUTPUT, output_record(version="8.0"), "VF510", f"$['{ADAPTER}'].ModerationModelVersion", W, "7.0 and 6.1 are"),
    (OUTPUT, with_block(ProjectVersion=f"{ARN}\n"), "VF604", f"$['{ADAPTER}'].ProjectVersion", E, "form of"),
    (OUTPUT, {**manifest_record(), ADAPTER: prediction()}, "VF513", f"$['{BASE_MODEL}']", E, "has both"),
    (OUTPUT, {**manifest_record(), BASE_MODEL: prediction()}, "VF513", f"$['{ADAPTER}']", E, "has both"),
    (OUTPUT, with_block(ContentTypes=[{"Confidence": 9, "Name": "Drawn"}]), "VF603",
     f"$['{ADAPTER}'].ContentTypes[0].Name", W, "Animated"),
    (RESPONSE, {"ModerationLabels": []}, "VF601", "$.ModerationModelVersion", W, "taxonomy"),
    (RESPONSE, {"ModerationModelVersion": "7.0"}, "VF601", "$.ModerationLabels", E, "is missing"),
    (RESPONSE, response(found_label("Violence", confidence=-1)), "VF605", "$.ModerationLabels[0].Confidence", E, "0"),
    (RESPONSE, response(found_label("Violence", TaxonomyLevel=4)), "VF606", "$.ModerationLabels[0].TaxonomyLevel", E,
     "greater than 3"),
    (RESPONSE, response(found_label("Violence", Instances=[])), "VF612", "$.ModerationLabels[0].Instances", W, "key"),
]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("row", JUDGED, ids=lambda row: f"{row[2]}-{row[3][-40:]}-{row[5][:20]}")
def test_severity_and_words_are_those_of_the_place(row: Any, profile: Any) -> None:
    format_id, value, code, path, severity, words = row
    (finding,) = (f for f in check_record(value, format_id, profile=profile) if (f.code, f.path) == (code, path))
    assert finding.severity == severity
    assert words in f"{finding.message} {finding.consequence}"


CLEAN: list[tuple[str, Any]] = [
    *((INPUT, manifest_record(name)) for name in top_level()),
    *((INPUT, source(f"s3://foo/{key}")) for key in ("a b.jpg", "a+%20.PNG", "/a.jpg", "a//.jpeg", "é.jpg", '"\\.jpg')),
    (INPUT, source("s3://" + "b" * 255 + "/" + "k" * 1020 + ".jpg")),
    (INPUT, {**PLAIN[INPUT], "mine": None, ADAPTER: 7}),
    (OUTPUT, manifest_record("Violence")),
    (OUTPUT, output_record(found_label("Violence", confidence=5.0))),
    (OUTPUT, output_record(found_label("Weapons", "Violence", 7), found_label("Violence", confidence=6))),
    (OUTPUT, output_record(found_label("Gambling"), found_label("Gambling", "Gambling"), version="6.1")),
    (OUTPUT, {**output_record(), BASE_MODEL: {"ModerationLabels": [], "ModerationModelVersion": "7.0"}}),
    (RESPONSE, response(found_label("Gambling", confidence=0), ResponseMetadata={"RetryAttempts": 0})),
    (RESPONSE, response(HumanLoopActivationOutput={})),
]  # fmt: skip


@pytest.mark.parametrize(("format_id", "value"), CLEAN, ids=[str(row[1])[:90] for row in CLEAN])
def test_what_nothing_is_said_against(format_id: str, value: Any) -> None:
    assert check_record(value, format_id) == ()


@pytest.mark.parametrize("version", TAXONOMIES)
@pytest.mark.parametrize("levels", [True, False])
def test_a_whole_taxonomy_is_clean_in_any_order(version: str, levels: bool) -> None:
    labels = [
        found_label(row.name, row.parent, **({"TaxonomyLevel": row.level} if levels else {}))
        for row in TAXONOMIES[version]
    ]
    assert check_record(response(*labels, ModerationModelVersion=version), RESPONSE) == ()
    assert check_record(output_record(*reversed(labels), version=version), OUTPUT) == ()


@pytest.mark.parametrize("version", TAXONOMIES)
def test_no_row_of_a_taxonomy_can_be_changed_unnoticed(version: str) -> None:
    rows = TAXONOMIES[version]
    for row in rows:
        for name, parent, level in (
            (f"{row.name}!", row.parent, row.level),
            (row.name, "Nothing", row.level),
            (row.name, row.parent, row.level % 3 + 1),
        ):
            label = found_label(name, parent, TaxonomyLevel=level)
            parents = [found_label(x.name, x.parent) for x in rows if x.name == parent and x.level < row.level]
            codes = {code for code, _ in found(response(label, *parents, ModerationModelVersion=version), RESPONSE)}
            assert "VF511" in codes, row


def test_a_wrong_parent_is_not_said_to_be_missing_as_well() -> None:
    assert found(response(found_label("Weapons", "Alcohol")), RESPONSE) == {
        ("VF511", "$.ModerationLabels[0].ParentName")
    }


def test_predictions_of_both_models_are_looked_at() -> None:
    record = {**output_record(found_label("A")), BASE_MODEL: prediction(found_label("B"))}
    assert found(record, OUTPUT) == {("VF511", f"$['{key}'].ModerationLabels[0].Name") for key in (ADAPTER, BASE_MODEL)}


def test_a_misspelt_prediction_is_one_finding() -> None:
    record = output_record()
    record["detect_moderation_labels"] = record.pop(ADAPTER)
    assert found(record, OUTPUT) == {("VF613", "$.detect_moderation_labels")}


# Over a whole file.


def test_every_further_bucket_is_found_at_its_first_line() -> None:
    refs = ["s3://foo/1.jpg", "S3://foo/2.jpg", "s3://bar/3.jpg", "s3://bar/4.jpg", "s3://bar2/5.jpg"]
    report = check_bytes(jsonl(*map(source, refs)), INPUT)
    others = [f for f in report.findings if f.code == "VF520"]
    assert [(f.line, f.path, f.severity) for f in others] == [(3, "$['source-ref']", E), (5, "$['source-ref']", E)]
    assert others[0].message == 'bucket "bar" here, and "foo" in line 1; all images are to be in one'


def test_the_same_image_twice_is_a_warning() -> None:
    (finding,) = check_bytes(
        jsonl(*map(source, ["s3://foo/1.jpg", "s3://foo/2.jpg", "s3://foo/1.jpg"])), INPUT
    ).findings
    assert (finding.code, finding.line, finding.severity) == ("VF521", 3, W)


def test_training_and_testing_lines_in_one_file_are_a_warning() -> None:
    lines = [manifest_record(ref="s3://foo/1.jpg"), manifest_record(ref="s3://foo/2.jpg"), output_record()]
    (finding,) = check_bytes(jsonl(*lines), OUTPUT).findings
    assert (finding.code, finding.line, finding.severity) == ("VF522", 3, W)
    assert finding.message == "this is a line of a testing output, and line 1 one of a training output"
    assert check_bytes(jsonl(*lines[:2]), OUTPUT).findings == ()


def sized(length: int, character: str = "n") -> bytes:
    """Return a line of so many characters, in keys of under 20 000."""
    record = {**manifest_record(), **{f"note{i}": "" for i in range(9)}}
    rest = length - len(jsonl(record).decode().rstrip("\n"))
    for i in range(9):
        record[f"note{i}"] = character * min(19_000, rest)
        rest -= len(record[f"note{i}"])
    return jsonl(record)


@pytest.mark.parametrize(("length", "codes"), [(100_000, []), (100_001, ["VF503"])])
@pytest.mark.parametrize("character", ["n", "é"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_line_is_measured_in_characters(length: int, codes: list[str], character: str, ending: bytes) -> None:
    content = sized(length, character).replace(b"\n", ending)
    assert [finding.code for finding in check_bytes(content, INPUT).findings] == codes


@pytest.mark.parametrize(("length", "found_"), [(19_998, []), (19_999, [("VF504", "$.note")])])
def test_an_attribute_is_measured_with_its_quotes(length: int, found_: list[tuple[str, str]]) -> None:
    content = jsonl(manifest_record(note="é" * length))
    assert [(finding.code, finding.path) for finding in check_bytes(content, INPUT).findings] == found_


LINES = [
    jsonl(PLAIN[INPUT]),
    jsonl(manifest_record(ref="s3://foo/2.jpg", note="n" * 20_000)),
    jsonl(manifest_record(ref="s3://bar/3.jpg")),
    b"\n",
    jsonl(PLAIN[OUTPUT]),
    jsonl(manifest_record(ref="s3://bar/3.jpg", note="n" * 20_000)),
]


@pytest.mark.parametrize("cut", range(len(LINES) + 1))
def test_two_parts_of_a_file_say_what_the_whole_says(cut: int) -> None:
    whole = check_bytes(b"".join(LINES), OUTPUT)
    assert whole.counts == {"VF019": 1, "VF504": 2, "VF520": 1, "VF521": 2, "VF522": 1}
    format_ = TABLE[OUTPUT]
    first = check_lines(LINES[:cut], format_, "documented", 9)
    both = first.merge(check_lines(LINES[cut:], format_, "documented", 9, at_start=cut == 0))
    assert both.report(lambda: LINES, "<bytes>", ()).findings == whole.findings


BLANK_AND_MARK = b"\xef\xbb\xbf" + jsonl(PLAIN[INPUT]) + b"\r\n" + jsonl(source("s3://foo/2.jpg"))


@pytest.mark.parametrize("format_id", [INPUT, OUTPUT])
def test_a_byte_order_mark_and_a_blank_line_are_warnings(format_id: str) -> None:
    findings = check_bytes(BLANK_AND_MARK, format_id).findings
    assert [(f.code, f.line, f.severity) for f in findings] == [("VF009", 1, W), ("VF019", 2, W)]


# Any JSON.


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 120)
    | st.floats(-1, 120)
    | st.sampled_from(["", "Violence", "Weapons", "7.0", "s3://foo/1.jpg", ARN, "2023-11-21T07:30:23"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Name", "ParentName", "ModerationLabels", "source-ref"]), children, max_size=3
        )
    ),
    max_leaves=6,
)
CODES = {"type": "VF602", "enum": "VF603", "pattern": "VF604", "minimum": "VF605", "maximum": "VF606",
         "minItems": "VF607", "maxItems": "VF608", "maxLength": "VF609", "uniqueItems": "VF610"}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inside for place in places(item, (*path, key)))]


PLACES = {format_id: places(value) for format_id, value in PLAIN.items()}


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with something else at a path."""
    if not path:
        return new
    copied = copy.deepcopy(value)
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = new
    return copied


@pytest.mark.parametrize("format_id", IDS)
@given(data=st.data())
def test_a_value_with_anything_anywhere_is_judged_as_the_reference_implementation_judges_it(
    format_id: str, data: st.DataObject
) -> None:
    value = changed(PLAIN[format_id], data.draw(st.sampled_from(PLACES[format_id])), data.draw(JSON))
    ours = {pair for pair in found(value, format_id) if pair[0] in CODES.values()}
    theirs = {
        (CODES[error.validator], error.json_path)
        for error in reference(TABLE[format_id]).iter_errors(value)
        if error.validator != "required"
    }
    assert ours == theirs


# The samples of the page. "Rude Gesture" and "Nudity" are in no taxonomy's top level.


def test_the_input_samples_have_no_error_and_their_odd_labels_are_warnings() -> None:
    report = check_file(SAMPLES / "rekognition-input-record.manifest")
    assert (report.format, report.lines, report.errors) == (INPUT, 3, 0)
    labels = [(f.code, f.line, f.column, f.severity) for f in report.findings if f.code != "VF521"]
    assert labels == [("VF507", 1, 107, W), ("VF507", 2, 107, W), ("VF506", 2, 135, W)]


def mended(name: str, mends: dict[str, str]) -> Any:
    """Return a sample of the page as a value, after mending its text, pattern by pattern."""
    text = (SAMPLES / name).read_text()
    for pattern, replacement in mends.items():
        text, count = re.subn(pattern, replacement, text)
        assert count, pattern
    return json.loads(text)


PREDICTION_MENDS = {
    "number": "98.5",  # words for types become values
    '"Name": "string"': '"Name": "Violence"',
    '"ParentName": "string"': '"ParentName": ""',
    '"ModerationModelVersion": "string"': '"ModerationModelVersion": "7.0"',
    '"ProjectVersion": "string"': f'"ProjectVersion": "{ARN}"',
}
EVALUATION_MENDS = {
    r'\} "AllConfidence': '}, "AllConfidence',  # the missing comma
    r": (number|float|int)\b": ": 0",  # words for types become values
    '"datetime"': '"2023-11-21T07:30:23"',
    '"ProjectVersionArn": "string"': f'"ProjectVersionArn": "{ARN}"',
}


def test_the_prediction_sample_has_no_finding_once_mended() -> None:
    block = mended("rekognition-output-record.template.json", PREDICTION_MENDS)
    assert check_record({**manifest_record(), ADAPTER: block, BASE_MODEL: block}, OUTPUT) == ()
    assert check_record(block, RESPONSE) == ()


def test_the_evaluation_sample_has_no_finding_once_mended() -> None:
    document = mended("rekognition-evaluation.template.json", EVALUATION_MENDS)
    # The sample shows one entry for the twenty that the page speaks of.
    [entry] = document["ContentModeration"]["AllConfidenceThresholdsEvalResults"]
    entries = [{**entry, "ConfidenceThreshold": threshold} for threshold in GRID]
    document["ContentModeration"]["AllConfidenceThresholdsEvalResults"] = entries
    assert check_record(document, EVALUATION) == ()


def test_the_missing_comma_of_the_page_is_one_finding_where_it_is(tmp_path: Path) -> None:
    text = re.sub(r": (number|float|int)\b", ": 0", (SAMPLES / "rekognition-evaluation.template.json").read_text())
    (tmp_path / "a.json").write_text(text)
    report = check_file(tmp_path / "a.json")
    assert report.format == EVALUATION
    at = text.index('"AllConfidenceThresholdsEvalResults"')
    assert [(f.code, f.line, f.column, f.message) for f in report.findings] == [
        ("VF010", 1, at + 1, "expected ',' before '\"'")
    ]


# Which file is which.

TESTING_LINE = output_record(found_label("Violence"))
CASES: list[tuple[str, str, bytes, str, tuple[str, ...]]] = [
    ("an input manifest", "a.manifest", jsonl(PLAIN[INPUT]), INPUT, (OUTPUT,)),
    ("a testing output", "a.manifest", jsonl(TESTING_LINE), OUTPUT, ()),
    ("a broken testing output", "a.manifest", jsonl(output_record(found_label("Violence", confidence=1))), OUTPUT, ()),
    ("one line with predictions", "a.manifest", jsonl(*[PLAIN[INPUT]] * 9, TESTING_LINE), OUTPUT, ()),
    ("a testing output of cut lines", "a.manifest", jsonl(TESTING_LINE)[:-3] + b"\n", OUTPUT, ()),
    ("a prediction misspelt", "a.manifest", jsonl({**PLAIN[INPUT], "detect_moderation_labels": {}}), OUTPUT, ()),
    ("predictions without an image", "a.manifest", jsonl({ADAPTER: prediction()}), OUTPUT, ()),
    ("an input of cut lines", "a.manifest", jsonl(PLAIN[INPUT])[:-3] + b"\n", INPUT, (OUTPUT,)),
    ("keys misspelt", "a.jsonl", jsonl({"sourceRef": "s3://foo/1.jpg", "groundtruth": {}}), INPUT, (OUTPUT,)),
    ("no ground truth here and there", "a.manifest", jsonl({"source-ref": "a"}, PLAIN[INPUT]), INPUT, (OUTPUT,)),
    ("pretty-printed", "a.manifest", json.dumps(PLAIN[INPUT], indent=3).encode(), INPUT, (OUTPUT,)),
    ("pretty-printed over 100 lines", "a.manifest",
     json.dumps(manifest_record(*["Alcohol"] * 60), indent=3).encode(), INPUT, (OUTPUT,)),
    ("an evaluation", "a.json", json.dumps(PLAIN[EVALUATION], indent=1).encode(), EVALUATION, ()),
    ("an evaluation cut short", "a.json", json.dumps(PLAIN[EVALUATION]).encode()[:-9], EVALUATION, ()),
    ("a response", "a.json", json.dumps(PLAIN[RESPONSE]).encode(), RESPONSE, ()),
    ("a response cut short", "a.json", json.dumps(PLAIN[RESPONSE]).encode()[:-3], RESPONSE, ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "format_id", "also"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_keys_tell_the_format(
    tmp_path: Path, name: str, content: bytes, format_id: str, also: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(content)
    report = check_found(tmp_path / name)
    assert (report.format or report.skipped, report.also_fits) == (format_id, also)


SIBLINGS = [
    ({"source-ref": "s3://foo/1.jpg"}, "images without annotations"),
    ({"source-ref": "s3://foo/1.jpg", ADAPTER: prediction()}, "bulk analysis"),
    ({"source-ref": "s3://foo/1.jpg", "cats": 1, "cats-metadata": {"class-name": "cat"}}, "Custom Labels"),
    ({"JobStatus": "SUCCEEDED", "ModerationLabels": [], "ModerationModelVersion": "7.0"}, "GetContentModeration"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason"), SIBLINGS, ids=[row[1] for row in SIBLINGS])
def test_a_neighbouring_file_is_skipped_with_its_name(tmp_path: Path, value: Any, reason: str) -> None:
    (tmp_path / "a.manifest").write_bytes(jsonl(value, value))
    assert reason in check_found(tmp_path / "a.manifest").skipped


def test_metadata_beside_moderation_labels_is_a_manifest_of_ours(tmp_path: Path) -> None:
    record = {"source-ref": "s3://foo/1.jpg", "content_moderation_groundtruth": {}, "cats-metadata": {}}
    (tmp_path / "a.manifest").write_bytes(jsonl(record))
    assert check_found(tmp_path / "a.manifest").format == INPUT


# What they show.


@pytest.mark.parametrize(("format_id", "value"), [(INPUT, manifest_record("Alcohol", "Gambling")),
                                                  (OUTPUT, {**output_record(found_label("Violence")),
                                                            **manifest_record("Alcohol", "Gambling")})])  # fmt: skip
def test_a_record_shows_its_ground_truth(format_id: str, value: Any) -> None:
    image = AnnotatedImage("s3://foo/bar/1.jpg", objects=(AnnotatedObject("Alcohol"), AnnotatedObject("Gambling")))
    assert read(value, format_id) == [image]


def test_a_response_shows_labels_with_scores_of_an_image_without_a_name() -> None:
    labels = (found_label("Violence", confidence=75), found_label("Weapons", "Violence", 50.0))
    objects = (AnnotatedObject("Violence", score=0.75), AnnotatedObject("Weapons", score=0.5))
    assert read(response(*labels), RESPONSE) == [AnnotatedImage(objects=objects)]


def test_an_evaluation_shows_no_image() -> None:
    with pytest.raises(ValueError, match="shows no annotations"):
        read(PLAIN[EVALUATION], EVALUATION)


BROKEN: list[Callable[[], Any]] = [lambda: truth(None), dict, lambda: truth({"ModerationLabels": ["Alcohol"]})]


@pytest.mark.parametrize("value", BROKEN)
def test_what_cannot_be_read_raises_with_the_findings(value: Callable[[], Any]) -> None:
    with pytest.raises(InvalidRecord) as caught:
        read(value(), INPUT)
    assert caught.value.findings


def test_the_latest_taxonomy_is_the_first() -> None:
    assert list(TAXONOMIES) == [LATEST, "6.1"]
