"""One record to findings: all of them, at their place, with the right judgement in each profile."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import LABELS, PROFILES, TRAINING, box, outline, record, reference

from pytest_visionfmt import TABLE, Finding, InvalidRecord, Reaction, Severity, assert_valid, check_record
from pytest_visionfmt.findings import Evidence
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, OTHER_KEYS, Format, Profile, Schema, Verdict
from pytest_visionfmt.json_paths import render, site_of
from pytest_visionfmt.json_scan import MAX_DEPTH
from pytest_visionfmt.schema_nodes import Node, nodes_of

RANK = {None: -1, Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def found(value: Any, format_id: str, profile: Profile = "documented") -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(value, format_id, profile=profile)}


def verdicts(format_: Format) -> Iterator[Verdict]:
    yield from format_.verdicts.values()
    yield from (rule.verdict for rule in format_.rules)


@pytest.mark.parametrize("format_", TABLE.values(), ids=lambda f: f.id)
def test_the_page_is_never_milder_than_the_reader(format_: Format) -> None:
    for verdict in verdicts(format_):
        documented, reader = (j.severity if j else None for j in map(verdict.of, PROFILES))
        assert RANK[documented] >= RANK[reader]


@pytest.mark.parametrize("format_", TABLE.values(), ids=lambda f: f.id)
def test_a_verdict_is_given_for_a_site_and_a_rule_that_there_are(format_: Format) -> None:
    sites = {site for profile in PROFILES for site, _ in nodes_of(format_, profile).walk()}
    sites |= {f"{site}{OTHER_KEYS}" for site in sites}
    sites |= {ANYWHERE, "$.label[*].polygon"}
    codes = {rule.code for rule in format_.rules}
    for site, code, _ in format_.verdicts:
        assert site in sites
        assert code in codes


def keywords_at(node: Node) -> Iterator[str]:
    if node.types:
        yield "type"
    for keyword in ("enum", "minimum", "maximum", "pattern"):
        if getattr(node, keyword) is not None:
            yield keyword
    if node.max_length is not None:
        yield "maxLength"
    if node.min_items:
        yield "minItems"
    if node.max_items is not None:
        yield "maxItems"
    if node.unique_items:
        yield "uniqueItems"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_", TABLE.values(), ids=lambda f: f.id)
def test_the_reaction_is_known_at_every_site_of_a_schema(format_: Format, profile: Profile) -> None:
    by_keyword = {rule.look.keyword: rule for rule in format_.rules if isinstance(rule.look, Schema)}
    for site, node in nodes_of(format_, profile).walk():
        wanted = [(site, keyword) for keyword in keywords_at(node)]
        wanted += [(f"{site}{site_of((key,))[1:]}", "required") for key in node.required]
        for place, keyword in wanted:
            judgement = format_.verdict(by_keyword[keyword], place, (ANY_KIND,)).of(profile)
            assert judgement is not None, (place, keyword)
            # Nobody has seen what reads a response or a manifest; then the words say what is known.
            assert judgement.reaction != Reaction.UNKNOWN or judgement.says, (place, keyword)


@pytest.mark.parametrize("format_id", TRAINING)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_plain_record_is_clean(format_id: str, profile: Profile) -> None:
    assert check_record(record(LABELS[format_id]), format_id, profile=profile) == ()


def test_all_findings_of_a_record_are_reported() -> None:
    value = {
        "imageUrl": "1.jpg",
        "image_details": {"format": "gif", "width": 0, "height": "10 px"},
        "label": [box(topX=0.7, isCrowd=2), box(label=3, bottomY="1"), "cat", box(topY=-1, bottomY=2, extra=1)],
    }
    assert found(value, "azure-od-record") == {
        ("VF613", "$.imageUrl"),
        ("VF603", "$.image_details.format"),
        ("VF605", "$.image_details.width"),
        ("VF604", "$.image_details.height"),
        ("VF104", "$.label[0].bottomX"),
        ("VF603", "$.label[0].isCrowd"),
        ("VF602", "$.label[1].label"),
        ("VF102", "$.label[1].label"),
        ("VF602", "$.label[1].bottomY"),
        ("VF602", "$.label[2]"),
        ("VF605", "$.label[3].topY"),
        ("VF606", "$.label[3].bottomY"),
        ("VF612", "$.label[3].extra"),
    }


def od(**changes: Any) -> dict[str, Any]:
    return record([box(**changes)])


def seg(polygon: Any) -> dict[str, Any]:
    return record([outline(polygon=polygon)])


OD, IS, MC, ML = "azure-od-record", "azure-is-record", "azure-multiclass-record", "azure-multilabel-record"
E, W = Severity.ERROR, Severity.WARNING
R = Reaction
# (format, value, code, path, severity and reaction in documented, in reader or None): the reactions
# that the reader was seen to have, one row each.
REACTIONS: list[tuple[str, Any, str, str, tuple[Severity, Reaction] | None, tuple[Severity, Reaction] | None]] = [
    (OD, od(topX=0.6), "VF104", "$.label[0].bottomX", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(topX=1.5), "VF606", "$.label[0].topX", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(topX=-0.1), "VF605", "$.label[0].topX", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(topX="0.1"), "VF602", "$.label[0].topX", (E, R.ACCEPTED), None),
    (OD, od(topX=False), "VF602", "$.label[0].topX", (E, R.ACCEPTED), None),
    (OD, od(topX=None), "VF602", "$.label[0].topX", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (OD, od(topX="left"), "VF604", "$.label[0].topX", None, (E, R.IMAGE_SKIPPED)),
    (OD, od(bottomX="1.5"), "VF105", "$.label[0].bottomX", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(topX="0.7"), "VF104", "$.label[0].bottomX", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(isCrowd="true"), "VF603", "$.label[0].isCrowd", (E, R.ACCEPTED), None),
    (OD, od(isCrowd="TRUE"), "VF603", "$.label[0].isCrowd", (E, R.VALUE_MISREAD), (E, R.VALUE_MISREAD)),
    (OD, od(isCrowd=None), "VF603", "$.label[0].isCrowd", (E, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (OD, od(isCrowd=[1]), "VF603", "$.label[0].isCrowd", (E, R.JOB_CRASHES), (E, R.JOB_CRASHES)),
    (OD, od(isCrowd={}), "VF603", "$.label[0].isCrowd", (E, R.JOB_CRASHES), (E, R.JOB_CRASHES)),
    (OD, od(label=3), "VF602", "$.label[0].label", (E, R.JOB_CRASHES), (W, R.JOB_CRASHES)),
    (OD, od(label=3.5), "VF110", "$.label[0].label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (OD, od(label=None), "VF602", "$.label[0].label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (OD, od(label="--bg--"), "VF101", "$.label[0].label", (W, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (OD, od(label=""), "VF101", "$.label[0].label", (W, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (OD, od(polygon=None), "VF108", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(polygon=[[0, 0, 1, 0, 1, 1]]), "VF108", "$.label[0].polygon", (E, R.VALUE_MISREAD), (E, R.VALUE_MISREAD)),
    (OD, od(polygon=[]), "VF108", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (OD, od(isTruncated="false"), "VF612", "$.label[0].isTruncated", (W, R.ACCEPTED), None),
    (OD, record({}), "VF602", "$.label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (OD, record([3]), "VF602", "$.label[0]", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (IS, record([{"label": "a"}]), "VF601", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg(None), "VF602", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg(True), "VF602", "$.label[0].polygon", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (IS, seg({}), "VF602", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg({"size": [1, 1], "counts": "a"}), "VF109", "$.label[0].polygon", (E, R.JOB_CRASHES), (E, R.JOB_CRASHES)),
    (IS, seg([]), "VF607", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg([[]]), "VF607", "$.label[0].polygon[0]", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg([[0, 0, 1, 1]]), "VF607", "$.label[0].polygon[0]", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg([[0, 0, 1, 0, 1, 1, 0]]), "VF106", "$.label[0].polygon[0]", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (IS, seg([[0, 0, 1, 0, 1, 2]]), "VF606", "$.label[0].polygon[0][5]", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, seg([[0, 0, 1, 0, 1, "1"]]), "VF602", "$.label[0].polygon[0][5]", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (IS, seg([[0, 0, 0, 1, 0, 0.1]]), "VF107", "$.label[0].polygon", (E, R.OBJECT_DROPPED), (E, R.OBJECT_DROPPED)),
    (IS, record([outline(topX=0.1)]), "VF612", "$.label[0].topX", (W, R.ACCEPTED), None),
    (MC, record(3), "VF602", "$.label", (E, R.ACCEPTED), None),
    (MC, record(True), "VF602", "$.label", (E, R.ACCEPTED), None),
    (MC, record(3.0), "VF110", "$.label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (MC, record(None), "VF602", "$.label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (ML, record("can"), "VF602", "$.label", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (ML, record([3]), "VF602", "$.label[0]", (E, R.ACCEPTED), None),
    (ML, record([None]), "VF602", "$.label[0]", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (ML, record(["a", 1]), "VF102", "$.label[1]", (E, R.JOB_CRASHES), (E, R.JOB_CRASHES)),
    (ML, record(["a", "b", "a"]), "VF103", "$.label[2]", (W, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (MC, record("a", image_details={"format": "JPEG"}), "VF603", "$.image_details.format", (E, R.ACCEPTED), None),
    (MC, record("a", image_details=None), "VF602", "$.image_details", (E, R.ACCEPTED), None),
    (MC, record("a") | {"image_url": "a.jpg"}, "VF604", "$.image_url", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (MC, record("a") | {"image_url": "https://h/a.jpg"}, "VF604", "$.image_url", (E, R.ACCEPTED), None),
    (MC, record("a") | {"image_url": None}, "VF602", "$.image_url", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (MC, {"label": "a"}, "VF601", "$.image_url", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (MC, record("a", extra=1), "VF612", "$.extra", (W, R.ACCEPTED), None),
    (MC, [], "VF602", "$", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
]  # fmt: skip


@pytest.mark.parametrize("row", REACTIONS, ids=lambda row: f"{row[2]}-{row[3]}-{str(row[1])[-30:]}")
def test_severity_and_reaction_are_those_of_the_place(row: Any) -> None:
    format_id, value, code, path, *expected = row
    for profile, wanted in zip(PROFILES, expected, strict=True):
        findings = [f for f in check_record(value, format_id, profile=profile) if (f.code, f.path) == (code, path)]
        if wanted is None:
            assert not findings
        else:
            assert [(f.severity, f.reaction) for f in findings] == [wanted]
            assert findings[0].consequence


def test_a_reaction_that_nobody_saw_is_not_shown_as_seen() -> None:
    (finding,) = check_record(seg({"points": []}), IS)
    assert (finding.reaction, finding.evidence) == (Reaction.JOB_CRASHES, Evidence.INFERRED)


@pytest.mark.parametrize(("format_id", "value"), [(OD, od(polygon={"counts": "a", "size": [1, 1]})),
                                                  (IS, seg({"counts": "a", "size": [1, 1]}))])  # fmt: skip
def test_a_run_length_mask_is_one_finding(format_id: str, value: Any) -> None:
    assert found(value, format_id) == {("VF109", "$.label[0].polygon")}


def test_an_outline_without_height_is_degenerate_as_one_without_width() -> None:
    assert found(seg([[0, 0.5, 1, 0.5, 0.2, 0.5]]), IS) == {("VF107", "$.label[0].polygon")}


def test_one_segment_without_area_beside_another_is_none_of_its_business() -> None:
    assert found(seg([[0, 0, 1, 0, 1, 1], [0.5, 0.1, 0.5, 0.2, 0.5, 0.3]]), IS) == set()


def test_only_a_segment_of_numbers_is_odd() -> None:
    assert ("VF106", "$.label[0].polygon[0]") not in found(seg([[0, 0, 1, 0, 1, 1, "1"]]), IS)
    assert ("VF106", "$.label[0].polygon[0]") not in found(seg([[[0, 0], [1, 0], [1, 1]]]), IS)


def test_one_and_true_are_two_classes_to_the_list_of_an_image() -> None:
    assert found(record([1, True]), ML, "reader") == set()
    assert found(record([1, 1]), ML, "reader") == {("VF103", "$.label[1]")}


BESIDE_A_BOX: list[tuple[Any, Reaction]] = [
    (None, R.OBJECT_DROPPED), ([], R.OBJECT_DROPPED), (0, R.OBJECT_DROPPED), ("", R.OBJECT_DROPPED),
    ({}, R.OBJECT_DROPPED), (True, R.IMAGE_SKIPPED), ("x", R.IMAGE_SKIPPED), (False, R.ACCEPTED),
]  # fmt: skip


@pytest.mark.parametrize(("polygon", "reaction"), BESIDE_A_BOX, ids=[repr(row[0]) for row in BESIDE_A_BOX])
def test_what_a_polygon_beside_a_box_costs(polygon: Any, reaction: Reaction) -> None:
    (finding,) = check_record(od(polygon=polygon), OD)
    assert (finding.code, finding.reaction) == ("VF108", reaction)
    assert bool(check_record(od(polygon=polygon), OD, profile="reader")) == (reaction != R.ACCEPTED)


@pytest.mark.parametrize("profile", PROFILES)
def test_two_class_types_in_one_detection_record_are_an_error(profile: Profile) -> None:
    findings = check_record(record([box(), box(1)]), OD, profile=profile)
    (mixed,) = (finding for finding in findings if finding.code == "VF102")
    assert (mixed.severity, mixed.reaction, mixed.path) == (E, R.LOAD_FAILS, "$.label[1].label")


URLS = [
    ("azureml://datastores/d/paths/a.jpg", R.ACCEPTED, Evidence.INFERRED),
    ("AmlDatastore://d/a.jpg", R.ACCEPTED, Evidence.INFERRED),
    ("https://h/a.jpg", R.ACCEPTED, Evidence.RUN),
    ("azureml://subscriptions//resourcegroups//workspaces//datastores//paths/", R.IMAGE_SKIPPED, Evidence.INFERRED),
    ("s3://b/a.jpg", R.IMAGE_SKIPPED, Evidence.RUN),
    ("a.jpg", R.IMAGE_SKIPPED, Evidence.RUN),
]


@pytest.mark.parametrize(("url", "reaction", "evidence"), URLS, ids=[row[0] for row in URLS])
def test_what_was_not_seen_of_a_url_is_not_shown_as_seen(url: str, reaction: Reaction, evidence: Evidence) -> None:
    (finding,) = check_record(record("a") | {"image_url": url}, MC)
    assert (finding.reaction, finding.evidence) == (reaction, evidence)


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_a_value_that_cannot_be_shown_is_a_finding_all_the_same() -> None:
    assert found(record(10**5000), MC) == {("VF014", "$.label")}
    assert found(record(Unspeakable()), MC) == {("VF018", "$.label")}
    assert found(record("a") | {Unspeakable(): 1}, MC) == {("VF018", "$")}


MISSPELT = [("topx", "topX"), ("TOPX", "topX"), ("top_x", "topX"), ("xmin", "topX"), ("left", "topX"),
            ("is_crowd", "isCrowd"), ("iscrowd", "isCrowd"),
            ("labels", "label"), ("lable", "label"), ("crowd", "isCrowd")]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), MISSPELT)
def test_a_misspelt_key_is_one_finding_at_the_key_found(written: str, meant: str) -> None:
    value = box(isCrowd=0)
    value[written] = value.pop(meant)
    assert found(record([value]), OD) == {("VF613", f"$.label[0].{written}")}


def test_a_misspelt_required_key_has_the_consequence_of_its_absence() -> None:
    value = box()
    value["topx"] = value.pop("topX")
    (finding,) = check_record(record([value]), OD, profile="reader")
    assert (finding.severity, finding.reaction) == (Severity.ERROR, Reaction.IMAGE_SKIPPED)


@pytest.mark.parametrize("key", ["imageUrl", "image_URL", "image-url", "imageurl", "Image_Url"])
def test_spellings_of_image_url_are_misspelt(key: str) -> None:
    value = record("a")
    value[key] = value.pop("image_url")
    assert found(value, MC) == {("VF613", render((key,)))}


@pytest.mark.parametrize("key", ["topx", "xmin", "labels"])
def test_a_near_miss_beside_the_key_that_was_meant_is_only_unknown(key: str) -> None:
    assert found(record([box(**{key: 1})]), OD) == {("VF612", f"$.label[0].{key}")}


def test_the_message_on_an_image_format_quotes_both_sentences_of_the_page() -> None:
    (finding,) = check_record(record("a", image_details={"format": "webp"}), MC)
    assert "all the available Image formats in Pillow library are supported" in finding.message
    assert "But for YOLO only image formats allowed by opencv are supported" in finding.message


def test_a_message_is_printable_whatever_the_data_holds() -> None:
    (finding,) = check_record(record([box(isCrowd="\u202e\x1b[2J\u2028")]), OD)
    assert finding.message.startswith('"\\u202e\\u001b[2J\\u2028" is not one of')


def test_a_finding_reads_as_one_line() -> None:
    (finding,) = check_record(record([box(bottomX=0.1)]), OD)
    assert str(finding) == "$.label[0].bottomX: bottomX 0.1 is not greater than topX 0.1 [VF104 box-order]"


class Colour(StrEnum):
    RED = "red"


class Float(float):
    """As numpy's float64 is."""


NOT_JSON = [
    ((1, 2), "VF018", "is a tuple"), ({1}, "VF018", "is a set"), (b"a", "VF018", "is a bytes"),
    (Colour.RED, "VF018", "Colour"), (Float(0.5), "VF018", "Float"), (1j, "VF018", "is a complex"),
    (float("nan"), "VF012", "NaN"), (float("-inf"), "VF012", "-Infinity"), (2**63, "VF014", "64-bit"),
    ("\ud800", "VF015", "surrogate"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "message"), NOT_JSON, ids=[repr(row[0]) for row in NOT_JSON])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_json_has_not_is_one_finding_at_its_path(value: Any, code: str, message: str, profile: Profile) -> None:
    (finding,) = check_record(record([box(topX=value)]), OD, profile=profile)
    assert (finding.code, finding.path) == (code, "$.label[0].topX")
    assert message in finding.message


def test_a_key_that_is_no_string_is_one_finding_at_its_object() -> None:
    assert found(record([box() | {1: 2}]), OD) == {("VF018", "$.label[0]")}


def test_a_dict_of_another_class_is_json() -> None:
    assert check_record(OrderedDict(record([OrderedDict(box())])), OD) == ()


def test_a_value_that_contains_itself_is_too_deep_and_no_hang() -> None:
    value: list[Any] = []
    value.append(value)
    assert found(value, OD) == {("VF017", "$")}


@pytest.mark.parametrize(("depth", "codes"), [(MAX_DEPTH, set()), (MAX_DEPTH + 1, {"VF017"})])
def test_nesting_is_counted_as_the_parser_counts_it(depth: int, codes: set[str]) -> None:
    value: Any = []
    for _ in range(depth - 2):
        value = [value]
    assert {code for code, _ in found(record("a", x=value), MC, "reader")} == codes


def test_checking_leaves_the_value_as_it_was() -> None:
    value = record([box(topX="0.9", extra=[1])])
    before = copy.deepcopy(value)
    check_record(value, OD)
    assert value == before


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(-1, 2)
    | st.sampled_from(["", "a", "0.5", "nan", "true"]),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(["image_url", "label", "image_details", "polygon", "topX", "bottomX", "isCrowd", "format"]),
            children,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
@given(value=JSON)
def test_any_json_is_judged_as_the_reference_implementation_judges_it(
    format_id: str, profile: Profile, value: Any
) -> None:
    format_ = TABLE[format_id]
    keywords = {"VF602", "VF603", "VF604", "VF605", "VF606", "VF607"}
    ours = {pair for pair in found(value, format_id, profile) if pair[0] in keywords}
    replaced = {path for code, path in found(value, format_id, profile) if code in ("VF109", "VF110")}
    codes = {"type": "VF602", "enum": "VF603", "pattern": "VF604", "minimum": "VF605", "maximum": "VF606",
             "minItems": "VF607"}  # fmt: skip
    theirs = {
        (codes[error.validator], error.json_path)
        for error in reference(format_, profile).iter_errors(value)
        if error.validator != "required"
    }
    assert ours == {(code, path) for code, path in theirs if not (code == "VF602" and path in replaced)}


def test_an_unknown_format_lists_what_there_is_and_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown format 'azure-od-recrod'. Did you mean 'azure-od-record'"):
        check_record({}, "azure-od-recrod")


def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown profile 'strict': choose from 'documented', 'reader'"):
        check_record({}, OD, profile="strict")  # type: ignore[arg-type]


def test_assert_valid_fails_with_the_findings() -> None:
    assert_valid(record([box(extra=1)]), OD)
    with pytest.raises(InvalidRecord, match=r"box-order") as caught:
        assert_valid(record([box(bottomX=0)]), OD)
    assert [finding.code for finding in caught.value.findings] == ["VF104"]
    assert isinstance(caught.value, AssertionError)
    with pytest.raises(InvalidRecord, match="unknown-key"):
        assert_valid(record([box(extra=1)]), OD, strict=True)


def test_a_finding_is_a_value() -> None:
    finding = check_record(record([box(bottomX=0)]), OD)[0]
    assert finding == Finding(
        "VF104", "box-order", Severity.ERROR, "bottomX 0 is not greater than topX 0.1", "$.label[0].bottomX",
        reaction=Reaction.OBJECT_DROPPED, evidence=Evidence.RUN, consequence="the reader drops this object silently",
    )  # fmt: skip
    assert hash(finding)
