"""Whole files: those at the edge, those drawn, and the records of one dataset."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from drawing import SHORTEST, minimal, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from records import PROFILES, TRAINING, profiles_of, reference
from test_own_format import DOCUMENT, KEYPOINTS, ORDERED

from pytest_visionfmt import TABLE, EdgeFile, Format, check_bytes, edge_cases, edge_files, jsonl, records
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats.file_rules import duplicate_images
from pytest_visionfmt.jsonl_writing import SPELLINGS

WITH_OBJECTS = ("azure-od-record", "azure-is-record")
MANIFESTS = ("rekognition-input-record", "rekognition-output-record")
LINES = (*TRAINING, *MANIFESTS)


def values_of(content: bytes, unit: str = "jsonl") -> list[Any]:
    """Return the records of a file as the standard library reads them."""
    if unit == "json":
        return [json.loads(content.decode("utf-8-sig"))]
    lines = content.decode("utf-8-sig").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


# At the edge.


@pytest.mark.parametrize("format_id", TABLE)
def test_no_file_at_the_edge_has_a_finding_in_either_profile(format_id: str) -> None:
    for file in edge_files(format_id):
        for profile in profiles_of(TABLE[format_id]):
            assert check_bytes(file.value, format_id, profile=profile).findings == (), file.id
        for value in values_of(file.value, TABLE[format_id].unit):
            assert list(reference(TABLE[format_id]).iter_errors(value)) == [], file.id


@pytest.mark.parametrize("format_id", TABLE)
def test_names_of_files_are_unique_and_contents_differ(format_id: str) -> None:
    files = edge_files(format_id)
    assert 1 < len(files) <= 200
    assert max(Counter(map(str, files)).values()) == max(Counter(file.value for file in files).values()) == 1
    assert all(file.why.endswith(".") and file.like(file.value) for file in files)


WRITTEN = {
    "one-record", "many-records", "every-edge-case", "crlf", "mixed-endings", "byte-order-mark", "blank-lines",
    "lines-of-spaces", "blank-line-first", "spaces-around", "from-windows", "same-name-in-folders",
    "differing-by-extension", "differing-by-case", *(f"spelling-{name}" for name in SPELLINGS),
}  # fmt: skip


@pytest.mark.parametrize("format_id", TRAINING)
def test_every_harmless_way_of_writing_is_there(format_id: str) -> None:
    files = {str(file): file.value for file in edge_files(format_id)}
    assert WRITTEN | ({"all-background-but-one"} if format_id in WITH_OBJECTS else set()) == files.keys()
    assert files["crlf"].count(b"\r\n") == files["crlf"].count(b"\n") > 1
    assert files["byte-order-mark"].startswith(b"\xef\xbb\xbf{")
    assert b"\n\n{" in files["blank-lines"]
    assert files["spaces-around"].startswith(b" \t{")
    assert b"\\/" in files["spelling-slashes-escaped"]
    assert b'{"\\u0069\\u006d' in files["spelling-escaped"]
    assert files["spelling-keys-reversed"].startswith(b'{"label"')
    assert "größe".encode() in files["spelling-utf-8"]
    assert len(values_of(files["many-records"])) == 300
    assert len(values_of(files["every-edge-case"])) == len(edge_cases(format_id))


@pytest.mark.parametrize("format_id", LINES)
def test_all_ways_of_writing_mean_the_same(format_id: str) -> None:
    files = {str(file): file.value for file in edge_files(format_id)}
    plain = values_of(files["spelling-plain"])
    ways = [name for name in files if name.startswith("spelling-")]
    ways += ["crlf", "byte-order-mark", "blank-lines", "lines-of-spaces", "spaces-around", "from-windows"]
    assert len(ways) > len(SPELLINGS)
    assert all(values_of(files[name]) == plain for name in ways if name in files)


@pytest.mark.parametrize("format_id", WITH_OBJECTS)
def test_one_object_is_enough_for_a_file(format_id: str) -> None:
    files = {str(file): file.value for file in edge_files(format_id)}
    assert [bool(value["label"]) for value in values_of(files["all-background-but-one"])] == [False] * 9 + [True]


def test_a_file_is_shown_by_its_name() -> None:
    (file, *_) = edge_files("azure-od-record")
    assert isinstance(file, EdgeFile)
    assert (str(file), repr(file)) == ("one-record", "<EdgeFile one-record>")


def test_files_of_a_format_of_one_s_own_are_lines_in_every_spelling() -> None:
    files = {str(file): file.value for file in edge_files(KEYPOINTS)}
    assert files.keys() >= {
        "one-record",
        "many-records",
        "every-edge-case",
        "spelling-escaped",
        "spelling-keys-reversed",
    }
    assert "crlf" not in files  # nobody said what its reader makes of it
    assert all(check_bytes(content, KEYPOINTS).findings == () for content in files.values())


ONE_IMAGE_A_LINE = replace(
    KEYPOINTS,
    id="keypoints-once",
    rules=(*KEYPOINTS.rules, replace(ORDERED, code="ME002", name="once", look=duplicate_images("file"))),
)


def test_files_of_a_format_of_one_s_own_break_no_rule_over_a_file() -> None:
    files = {str(file): file.value for file in edge_files(ONE_IMAGE_A_LINE)}
    assert all(check_bytes(content, ONE_IMAGE_A_LINE).findings == () for content in files.values())
    assert files.keys() >= {"one-record", "spelling-escaped"}
    assert "many-records" not in files  # only its author knows how to name images apart


def test_files_of_documents_are_documents() -> None:
    files = {str(file): file.value for file in edge_files(DOCUMENT)}
    assert files.keys() >= {"indented", "indented-with-tabs", "indented-crlf", "no-final-newline", "spelling-compact"}
    assert len({json.dumps(json.loads(content), sort_keys=True) for content in files.values()}) == 1


# Drawn.


@pytest.mark.parametrize("format_id", LINES)
@given(data=st.data())
def test_a_drawn_file_has_no_finding_in_either_profile(format_id: str, data: st.DataObject) -> None:
    content = data.draw(jsonl(format_id))
    for profile in PROFILES:
        assert check_bytes(content, format_id, profile=profile).findings == ()


@pytest.mark.parametrize("format_id", LINES)
@given(data=st.data())
def test_a_file_drawn_for_the_reader_has_no_finding_there(format_id: str, data: st.DataObject) -> None:
    content = data.draw(jsonl(format_id, profile="reader"))
    assert check_bytes(content, format_id, profile="reader").findings == ()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_drawn_records_are_one_dataset(format_id: str, profile: Profile, data: st.DataObject) -> None:
    low = data.draw(st.integers(1, 6))
    high = data.draw(st.integers(low, 9))
    drawn = data.draw(records(format_id, min_size=low, max_size=high, profile=profile))
    assert low <= len(drawn) <= high
    assert len({value["image_url"] for value in drawn}) == len(drawn)
    if format_id in WITH_OBJECTS:
        assert any(value["label"] for value in drawn)
    else:
        labels = [value["label"] for value in drawn]
        classes = [label for item in labels for label in (item if isinstance(item, list) else [item])]
        assert len({isinstance(label, str) for label in classes}) <= 1


@pytest.mark.parametrize("format_id", MANIFESTS)
@given(data=st.data())
def test_drawn_lines_are_one_manifest(format_id: str, data: st.DataObject) -> None:
    drawn = data.draw(records(format_id, min_size=2, max_size=6))
    images = [value["source-ref"] for value in drawn]
    assert len(set(images)) == len(images)
    assert len({image.split("/")[2] for image in images}) == 1
    assert len({"detect-moderation-labels" in value for value in drawn}) == 1


@pytest.mark.parametrize("format_id", MANIFESTS)
def test_what_nobody_says_that_a_manifest_may_have_is_not_written(format_id: str) -> None:
    contents = [*sample(jsonl(format_id), 100), *(file.value for file in edge_files(format_id))]
    assert not any(content.startswith(b"\xef\xbb\xbf") for content in contents)
    assert all(line.startswith(b"{") for content in contents for line in content.removesuffix(b"\n").split(b"\n"))
    assert any(b"\r\n" in content for content in contents)


def test_a_manifest_shrinks_to_one_plain_line() -> None:
    wanted = {"source-ref": "s3://foo/a.jpg", "content-moderation-groundtruth": {"ModerationLabels": []}}
    for format_id in MANIFESTS:
        assert minimal(jsonl(format_id)) == plainly([wanted])
    drawn = minimal(records(MANIFESTS[0]), lambda values: len(values) > 1)
    assert [value["source-ref"] for value in drawn] == ["s3://foo/a.jpg", "s3://foo/a-2.jpg"]


@pytest.mark.parametrize("format_id", LINES)
def test_every_way_of_writing_is_drawn(format_id: str) -> None:
    drawn = sample(jsonl(format_id), 150)
    assert [str(file) for file in edge_files(format_id) if file.drawn and not any(map(file.like, drawn))] == []
    assert sum(file.drawn for file in edge_files(format_id)) >= (14 if format_id in TRAINING else 10)
    plain = [content for content in drawn if content == plainly(values_of(content))]
    assert plain


def plainly(values: list[Any]) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


@pytest.mark.parametrize("format_id", TRAINING)
def test_a_file_shrinks_to_one_plain_line(format_id: str) -> None:
    (value,) = minimal(records(format_id))
    assert minimal(jsonl(format_id)) == plainly([value])
    assert value["image_url"] == SHORTEST
    assert len(value["label"]) == (0 if format_id == "azure-multilabel-record" else 1)


def test_images_shrink_to_the_same_name_with_numbers() -> None:
    names = [value["image_url"] for value in minimal(records("azure-multiclass-record"), lambda drawn: len(drawn) > 2)]
    stem = SHORTEST.removesuffix(".jpg")
    assert names == [SHORTEST, f"{stem}-2.jpg", f"{stem}-3.jpg"]


def test_the_object_that_a_file_needs_may_be_anywhere() -> None:
    drawn = sample(records("azure-od-record", min_size=2, max_size=2), 150)
    assert {tuple(bool(value["label"]) for value in both) for both in drawn} == {
        (True, True),
        (True, False),
        (False, True),
    }


@given(records("azure-multiclass-record", min_size=50, max_size=50))
@settings(max_examples=5)
def test_fifty_records_are_the_most(drawn: list[Any]) -> None:
    assert len({value["image_url"] for value in drawn}) == 50


Make = Callable[..., st.SearchStrategy[Any]]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"max_size": 51}, "max_size=51 is larger than 50"),
    ({"min_size": 0}, "min_size=0 is less than 1"),
    ({"min_size": 3, "max_size": 2}, "min_size=3 is larger than max_size=2"),
    ({"max_size": 2.5}, "max_size=2.5 is not an integer"),
    ({"profile": "page"}, "profile='page' is neither of"),
]


@pytest.mark.parametrize("make", [records, jsonl])
@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Make, arguments: dict[str, Any], message: str) -> None:
    strategy = make("azure-od-record", **arguments)
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


@pytest.mark.parametrize("make", [records, jsonl])
def test_a_document_has_no_lines(make: Make) -> None:
    with pytest.raises(InvalidArgument, match="a file of format 'keypoints-document' is one document, not lines"):
        minimal(make(DOCUMENT))


@pytest.mark.parametrize("make", [records, jsonl])
def test_an_unknown_format_raises_at_once(make: Make) -> None:
    with pytest.raises(ValueError, match="Did you mean 'azure-is-record'"):
        make("azure-is-recrod")


def test_a_strategy_is_shown_as_its_call() -> None:
    assert repr(jsonl("azure-od-record", min_size=2)) == (
        "jsonl('azure-od-record', min_size=2, max_size=10, profile='documented')"
    )
    assert repr(records(TABLE["azure-od-record"])) == (
        "records('azure-od-record', min_size=1, max_size=10, profile='documented')"
    )


@given(jsonl(KEYPOINTS, max_size=4))
def test_a_format_of_one_s_own_is_written_in_lines(content: bytes) -> None:
    assert {finding.code for finding in check_bytes(content, KEYPOINTS).findings} <= {"ME001"}
    assert b"\r" not in content


def with_pattern(pattern: str) -> Format:
    format_ = TABLE["azure-multiclass-record"]
    schema = dict(format_.schema())
    schema["properties"]["image_url"]["pattern"] = pattern
    return replace(format_, schemas={"documented": schema})


@given(records(with_pattern("^gs://[a-z]{3}/[0-9]+[.]png$"), min_size=4))
def test_images_are_renamed_as_an_edited_schema_has_it(drawn: list[Any]) -> None:
    content = plainly(drawn)
    assert check_bytes(content, with_pattern("^gs://[a-z]{3}/[0-9]+[.]png$")).findings == ()


def test_images_that_no_pattern_tells_apart_are_an_error() -> None:
    with pytest.raises(InvalidArgument, match="no room for 2 images"):
        minimal(records(with_pattern("^one$"), min_size=2, max_size=2))
    assert [str(file) for file in edge_files(with_pattern("^one$"))]
