"""Breaches: what is said to be broken is broken, is found where it is said, and nothing else is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from records import PROFILES, TRAINING, profiles_of, reference

from pytest_visionfmt import (
    TABLE,
    Finding,
    Format,
    Invalid,
    InvalidFile,
    Severity,
    check_bytes,
    check_record,
    invalid_cases,
    invalid_file,
    invalid_files,
    invalid_record,
)
from pytest_visionfmt.draws import BREACHES
from pytest_visionfmt.format import Exchange, File, Files, Image, Profile, Rule, Schema
from pytest_visionfmt.json_paths import site_of
from pytest_visionfmt.schema_breaches import sites_of
from pytest_visionfmt.schema_nodes import Node, nodes_of

FORMATS = [format_ for format_ in TABLE.values() if format_.id in BREACHES]
BOTH = [pytest.param(f, profile, id=f"{f.id}-{profile}") for f in FORMATS for profile in profiles_of(f)]
SCHEMAS = [pytest.param(f, profile, id=f"{f.id}-{profile}") for f in FORMATS for profile in f.schemas]
# Not of the content of a file: that it cannot be opened, that it is of no known format, what images are beside it.
NOT_OF_CONTENT = {"unreadable-file", "unknown-format", "orphaned-image"}
# A document is not of lines, and none of its lines lacks anything.
OF_LINES = {"no-record", "missing-final-newline", "pretty-printed"}


def every_code(format_: Format) -> list[str]:
    return [rule.code for rule in format_.rules]


@cache
def cases(format_: Format, profile: Profile) -> list[Invalid]:
    return invalid_cases(format_, rules=every_code(format_), profile=profile)


@cache
def bad_cases(format_: Format, profile: Profile) -> list[Invalid]:
    """Return the cases of errors alone, as they come by default."""
    return invalid_cases(format_, profile=profile)


@cache
def files(format_: Format, profile: Profile) -> list[InvalidFile]:
    return invalid_files(format_, rules=every_code(format_), profile=profile)


@cache
def found(format_: Format, profile: Profile) -> dict[str, tuple[Finding, ...]]:
    """Return what is found in every case, by its words."""
    return {str(case): check_record(case.value, format_, profile=profile) for case in cases(format_, profile)}


def findings_in(case: InvalidFile, format_: Format, profile: Profile) -> tuple[Finding, ...]:
    return check_bytes(case.content, format_, profile=profile).findings


def paths_of(findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    return frozenset((finding.code, finding.path) for finding in findings)


def lines_of(findings: Iterable[Finding]) -> frozenset[tuple[str, int]]:
    return frozenset((finding.code, finding.line) for finding in findings)


@pytest.fixture
def draws(request: pytest.FixtureRequest) -> Callable[[int], settings]:
    """Return the settings for a rule that has so many breaches: each of them has its share of the draws."""
    full = request.config.getoption("--full")
    return lambda breaches: settings(max_examples=max(200, 20 * breaches) if full else 5)


# What is found is what was said.


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_a_case_has_exactly_the_findings_that_it_states(format_: Format, profile: Profile) -> None:
    in_case = {case: paths_of(findings) for case, findings in found(format_, profile).items()}
    assert in_case == {str(case): case.findings for case in cases(format_, profile)}


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_a_file_has_exactly_the_findings_that_it_states(format_: Format, profile: Profile) -> None:
    in_file = {str(case): lines_of(findings_in(case, format_, profile)) for case in files(format_, profile)}
    assert in_file == {str(case): case.findings for case in files(format_, profile)}


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_a_drawn_record_has_exactly_the_findings_that_it_states(
    format_: Format, profile: Profile, draws: Callable[[int], settings]
) -> None:
    # Every rule by itself, so that each has its share of the draws.
    for code, breaches in sorted(Counter(case.rule for case in cases(format_, profile)).items()):

        @settings(draws(breaches))
        @given(invalid_record(format_, rules=[code], profile=profile))
        def check(case: Invalid) -> None:
            findings = check_record(case.value, format_, profile=profile)
            assert paths_of(findings) == case.findings
            assert (case.rule, case.path, case.reaction) in {(f.code, f.path, f.reaction) for f in findings}

        check()


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_a_drawn_file_has_exactly_the_findings_that_it_states(
    format_: Format, profile: Profile, draws: Callable[[int], settings]
) -> None:
    for code, breaches in sorted(Counter(case.rule for case in files(format_, profile)).items()):

        @settings(draws(breaches))
        @given(invalid_file(format_, rules=[code], profile=profile))
        def check(case: InvalidFile) -> None:
            findings = findings_in(case, format_, profile)
            assert lines_of(findings) == case.findings
            assert (case.rule, case.line, case.reaction) in {(f.code, f.line, f.reaction) for f in findings}

        check()


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_the_first_consequence_is_a_finding_with_the_reaction_of_its_place(format_: Format, profile: Profile) -> None:
    for case in cases(format_, profile):
        findings = found(format_, profile)[str(case)]
        assert (case.rule, case.path, case.reaction) in {(f.code, f.path, f.reaction) for f in findings}, case
    for file in files(format_, profile):
        in_file = findings_in(file, format_, profile)
        assert (file.rule, file.line, file.reaction) in {(f.code, f.line, f.reaction) for f in in_file}, file


@pytest.mark.parametrize(("format_", "profile"), SCHEMAS)
def test_the_reference_implementation_agrees_on_the_breaches_of_the_schema(format_: Format, profile: Profile) -> None:
    validator = reference(format_, profile, inside=True)
    # Where the page does not name a key it is silent on its value, and what the reader takes counts.
    reader = reference(format_, "reader", inside=True)
    by_schema = {rule.code for rule in format_.rules if isinstance(rule.look, Schema)}
    # JSON Schema has no keyword for these: the schemas are open.
    by_schema -= {rule.code for rule in format_.rules if rule.look in (Schema("properties"), Schema("misspelt"))}
    broken = [case for case in cases(format_, profile) if {code for code, _ in case.findings} & by_schema]
    assert broken
    assert [str(case) for case in broken if validator.is_valid(case.value) and reader.is_valid(case.value)] == []


# Nothing is left out.


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.id)
def test_every_rule_has_a_breach(format_: Format) -> None:
    by_record = {case.rule for profile in profiles_of(format_) for case in cases(format_, profile)}
    by_file = {case.rule for profile in profiles_of(format_) for case in files(format_, profile)}
    assert by_record | by_file == {rule.code for rule in breakable(format_)}
    assert {rule.code for rule in format_.rules if isinstance(rule.look, File)} <= by_file


def breakable(format_: Format) -> list[Rule]:
    """Return the rules that a value or a file's content can break; a keyword's, where the schema has it."""
    nodes = [node for profile in format_.schemas for _, node in sites_of(nodes_of(format_, profile))]
    used = {keyword for node in nodes for keyword in of(node)}
    return [
        rule
        for rule in format_.rules
        if rule.name not in NOT_OF_CONTENT
        and not (format_.unit == "json" and rule.name in OF_LINES)
        and not isinstance(rule.look, Exchange | Files | Image)
        and not (isinstance(rule.look, Schema) and rule.look.keyword not in used)
    ]


def of(node: Node) -> set[str]:
    """Return what can be broken at a node, by the words of the rules."""
    has = {
        "type": node.types,
        "enum": node.enum is not None,
        "minimum": node.minimum is not None,
        "maximum": node.maximum is not None,
        "pattern": node.pattern is not None,
        "maxLength": node.max_length is not None,
        "minItems": node.min_items,
        "maxItems": node.max_items is not None,
        "uniqueItems": node.unique_items,
        "required": node.required,
        "properties": node.properties,
        "misspelt": node.properties,
    }
    return {keyword for keyword, there in has.items() if there}


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_every_site_of_the_schema_is_broken_in_every_keyword(format_: Format, profile: Profile) -> None:
    keywords = {rule.look.keyword: rule.code for rule in format_.rules if isinstance(rule.look, Schema)}
    broader = {rule.code: rule.replaces for rule in format_.rules}
    broken = {(code, case.breach.partition(": ")[0]) for case in cases(format_, profile) for code, _ in case.findings}
    broken |= {(code, site) for found, site in broken for code in broader[found]}
    missing = []
    for path, node in sites_of(nodes_of(format_, profile)):
        site = site_of(path)
        for keyword in of(node):
            code = keywords[keyword]
            rule = next(rule for rule in format_.rules if rule.code == code)
            if format_.verdict(rule, f"{site}.*" if keyword == "properties" else site, ["any"]).of(profile) is None:
                continue  # not a breach in this profile
            if (code, site) not in broken:
                missing.append((site, keyword))
    assert not missing


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_every_key_goes_missing_and_is_misspelt(format_: Format, profile: Profile) -> None:
    names = {str(case) for case in cases(format_, profile)}
    for path, node in sites_of(nodes_of(format_, profile)):
        for key in node.required:
            assert f"{site_of(path)}: {json.dumps(key)} missing" in names
        for key in node.properties:
            assert any(name.startswith(f"{site_of(path)}: {json.dumps(key)} misspelt ") for name in names)


EVALUATION = "rekognition-evaluation"
RESULTS = "$.ContentModeration.AllConfidenceThresholdsEvalResults"
SPEC = [
    ("azure-od-record", '$.label[*]: "topX" misspelt "topx"'),
    ("azure-od-record", '$.label[*]: "topX" misspelt "xmin"'),
    ("azure-od-record", '$.label[*]: "isCrowd" misspelt "is_crowd"'),
    ("azure-od-record", '$: "image_url" misspelt "imageUrl"'),
    ("azure-od-record", "$.label[*]: topX one ulp above bottomX"),
    ("azure-od-record", "$.label[*]: topY and bottomY equal"),
    ("azure-od-record", "$.label[*]: both corners the wrong way round"),
    ("azure-od-record", "$.label[*]: in pixels"),
    ("azure-od-record", "$.label[*]: polygon null beside the box"),
    ("azure-od-record", '$.label[*].isCrowd: "TRUE", none of 0, 1, false, …'),
    ("azure-od-record", "$.label[*].isCrowd: [], none of 0, 1, false, …"),
    ("azure-od-record", "$.label[*].isCrowd: {}, none of 0, 1, false, …"),
    ("azure-od-record", "$.label: {}, not a list"),
    ("azure-od-record", '$.image_details.format: "JPG", none of "jpg", "jpeg", "png", …'),
    ("azure-is-record", "$.label[*]: a COCO run-length mask as polygon"),
    ("azure-is-record", "$.label[*]: a box, no polygon"),
    ("azure-is-record", "$.label[*].polygon: points as pairs"),
    ("azure-is-record", "$.label[*].polygon: flat, without a list of segments"),
    ("azure-is-record", "$.label[*].polygon: all points the same"),
    ("azure-is-record", "$.label[*].polygon[*]: one coordinate too many"),
    ("azure-is-record", "$.label[*].polygon[*]: two points only"),
    ("azure-multilabel-record", '$.label: "a", not a list'),
    ("azure-multilabel-record", "$.label: a class of another type added"),
    ("azure-multiclass-record", "$.label: [], not a string"),
    ("azure-scoring-request", "$.input_data.data[*]: base64 without its padding"),
    ("azure-scoring-request", "$.input_data.data[*]: base64 of a text"),
    ("azure-scoring-request", "$.input_data.data[*]: a decompression bomb"),
    ("azure-scoring-request", '$.input_data: "12345678" in the row of index 0, which is JSON'),
    ("azure-scoring-request", "$.input_data: [], not an object"),
    ("azure-scoring-request", "$.input_data.data[*]: null, not a string or a list"),
    ("azure-scoring-request", "$.input_data.index: counted from 1"),
    ("azure-xai-request", "$.input_data: a row added of bare base64"),
    ("azure-xai-request", "$.input_data.data[*]: {}, not a string or a list"),
    ("azure-xai-request", '$.input_data.data[*] > $: "image_base64" misspelt "image"'),
    ("azure-xai-request", '$.input_data.data[*] > $.model_explainability: "true", not a boolean'),
    ("azure-xai-request", "$.input_data.data[*] > $.xai_parameters: [], not an object"),
    ("azure-xai-request", '$.input_data.data[*] > $.xai_parameters: "model" for a parameter'),
    ("azure-xai-request", "$.input_data.data[*] > $.xai_parameters: n_steps 50.0, a float without a fraction"),
    ("azure-xai-request", "$.input_data: a row added that asks for other explanations"),
    ("rekognition-input-record", '$: "source-ref" misspelt "source_ref"'),
    ("rekognition-input-record", "$['content-moderation-groundtruth'].ModerationLabels: {}, not a list"),
    ("rekognition-output-record", "$['detect-moderation-labels'].ModerationLabels[*].Confidence: just below 5"),
    ("rekognition-output-record", '$: "detect-moderation-labels" alone'),
    ("rekognition-moderation-response", "$.ModerationLabels: a label without the one above it"),
    ("rekognition-moderation-response", '$.ModerationLabels[*].Name: "Suggestive", of 6.1'),
    (EVALUATION, f"{RESULTS}: 19 items, fewer than 20"),
    (EVALUATION, f"{RESULTS}: 21 items, more than 20"),
    (EVALUATION, f"{RESULTS}: 21 thresholds, from 0"),
    (EVALUATION, f"{RESULTS}[*].ConfidenceThreshold: 7, no step of 5"),
    (EVALUATION, "$: Adapter finds more at the highest threshold"),
    (EVALUATION, "$: the adapter tested on other images"),
    (EVALUATION, "$: results for a label that was not trained"),
    (EVALUATION, "$: an image tested that is not counted"),
    (EVALUATION, f"{RESULTS}[*].LabelEvaluationResults[*].Adapter.TruePositive: -1, below 0"),
    (EVALUATION, f"{RESULTS}[*].LabelEvaluationResults[*].Adapter.TruePositive: true, not an integer"),
    (EVALUATION, "$.AggregatedEvaluationResults.F1Score: 97.3, in percent"),
    (EVALUATION, "$.AggregatedEvaluationResults.F1Score: NaN"),
    (EVALUATION, "$.EvaluationDetails.ProjectVersionArn: the project's ARN"),
    (EVALUATION, "$.EvaluationDetails.ProjectVersionArn: an account of 11 digits"),
    (EVALUATION, "$.EvaluationDetails.EvaluationEndTimestamp: seconds since 1970"),
]


@pytest.mark.parametrize(("format_id", "name"), SPEC, ids=[f"{row[0]}-{row[1]}" for row in SPEC])
def test_what_people_get_wrong_is_among_the_cases(format_id: str, name: str) -> None:
    assert name in map(str, cases(TABLE[format_id], "documented"))


# A change to one result is seen in all that it is compared with: the places by hand, one change for each rule.
HIGHEST = f"{RESULTS}[19]"
ASKED = "$.ContentModeration.InputConfidenceThresholdEvalResults"
ROW = "LabelEvaluationResults[0]"
COMPARED: list[tuple[str, set[tuple[str, str]]]] = [
    (
        f"{RESULTS}: the last but one threshold twice, the last one missing",
        {("VF530", f"{HIGHEST}.ConfidenceThreshold")},
    ),
    (f"{RESULTS}: the last two entries swapped", {("VF531", f"{HIGHEST}.ConfidenceThreshold")}),
    ("$: a label's results twice at the input threshold", {("VF532", f"{ASKED}.LabelEvaluationResults[1].Label")}),
    ("$: results for a label that was not trained", {("VF533", f"{ASKED}.{ROW}.Label")}),
    ("$: a label without results at the highest threshold", {("VF534", f"{HIGHEST}.LabelEvaluationResults")}),
    ("$: a label trained that has no results", {("VF534", "$.EvaluationDetails.Labels[1]")}),
    ("$: Adapter tested on other images at one threshold", {("VF535", f"{HIGHEST}.{ROW}.Adapter")}),
    ("$: BaseModel finds more at the highest threshold", {("VF536", f"{HIGHEST}.{ROW}.BaseModel.TruePositive")}),
    ("$: an image tested that is not counted", {("VF537", "$.EvaluationDetails.NumberOfTestingImages")}),
    (
        "$: Adapter tested on an image more at one threshold",
        {("VF535", f"{HIGHEST}.{ROW}.Adapter"), ("VF537", f"{HIGHEST}.{ROW}.Adapter")},
    ),
    (
        "$: one too many over all labels",
        {
            ("VF538", f"{block}.AggregatedEvaluationResults.{model}")
            for block in (ASKED, *(f"{RESULTS}[{i}]" for i in range(20)))
            for model in ("BaseModel", "Adapter")
        },
    ),
    ("$: other counts of Adapter at the input threshold", {("VF539", ASKED)}),
]


@pytest.mark.parametrize(("name", "findings"), COMPARED, ids=[row[0] for row in COMPARED])
def test_a_result_that_contradicts_others_is_found_where_it_stands(name: str, findings: set[tuple[str, str]]) -> None:
    (case,) = [case for case in cases(TABLE[EVALUATION], "documented") if str(case) == name]
    assert case.findings == findings


# A checker that misses a rule does not pass.


@pytest.mark.parametrize(
    ("format_", "rule"),
    [pytest.param(f, rule, id=f"{f.id}-{rule.code}") for f in FORMATS for rule in breakable(f)],
)
def test_a_checker_without_a_rule_is_found_out(format_: Format, rule: Rule) -> None:
    lesser = replace(format_, rules=tuple(other for other in format_.rules if other is not rule))
    assert any(
        paths_of(check_record(case.value, lesser, profile=profile)) != case.findings
        for profile in profiles_of(format_)
        for case in cases(format_, profile)
        if case.rule == rule.code
    ) or any(
        lines_of(findings_in(case, lesser, profile)) != case.findings
        for profile in profiles_of(format_)
        for case in files(format_, profile)
        if case.rule == rule.code
    )


# Severities.


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_by_default_every_breach_is_an_error_and_json(format_: Format, profile: Profile) -> None:
    for case in bad_cases(format_, profile):
        findings = found(format_, profile)[str(case)]
        assert any(f.code == case.rule and f.severity == Severity.ERROR for f in findings)
        json.dumps(case.value)
    for file in invalid_files(format_, profile=profile):
        in_file = findings_in(file, format_, profile)
        assert any(f.code == file.rule and f.severity == Severity.ERROR for f in in_file)


@pytest.mark.parametrize("format_", [TABLE[id_] for id_ in TRAINING], ids=lambda f: f.id)
def test_what_the_documented_profile_alone_minds_is_no_breach_to_the_reader(format_: Format) -> None:
    documented, reader = ({case.rule for case in cases(format_, profile)} for profile in PROFILES)
    assert "VF612" in documented
    assert "VF612" not in reader


@pytest.mark.parametrize("format_", [f for f in FORMATS if len(profiles_of(f)) == 1], ids=lambda f: f.id)
def test_profiles_that_are_alike_break_and_find_alike(format_: Format) -> None:
    by_page, by_reader = (
        {str(case): case for case in invalid_cases(format_, rules=["VF601", "VF603"], profile=profile)}
        for profile in PROFILES
    )
    assert by_page.keys() == by_reader.keys()
    for name, case in by_reader.items():
        assert (case.findings, case.reaction) == (by_page[name].findings, by_page[name].reaction)
        assert paths_of(check_record(case.value, format_, profile="reader")) == case.findings


def test_every_rule_is_drawn_by_default() -> None:
    wanted = {case.rule for case in invalid_cases("azure-od-record")}
    seen: set[str] = set()

    @settings(max_examples=400, database=None, derandomize=True)
    @given(invalid_record("azure-od-record"))
    def collect(case: Invalid) -> None:
        seen.add(case.rule)

    collect()
    assert seen == wanted
