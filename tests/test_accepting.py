"""The accept path may refuse more than the full check, never less; and what both say is the same."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from records import EXAMPLES, LABELS, PROFILES, TRAINING, URL, box, jsonl, outline, reference
from records import record as record_of
from truth import truth

from pytest_visionfmt import SCHEMA_RULES, TABLE, Format, Hit, Record, Rule, check_bytes, edge_cases, record
from pytest_visionfmt.accepting import acceptor_of, relaxed_of
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats.shared_rules import JSON_RULES
from pytest_visionfmt.json_quotes import quotes_of, strings_of
from pytest_visionfmt.schema_bounds import bounds_of
from pytest_visionfmt.schema_decoders import decoder_of
from pytest_visionfmt.schema_nodes import read_schema

FAST = [
    (format_.id, profile)
    for format_ in TABLE.values()
    for profile in PROFILES
    if acceptor_of(format_, profile) is not None
]


MANIFESTS = ("rekognition-input-record", "rekognition-output-record")


def test_what_has_many_lines_has_an_accept_path() -> None:
    assert {(format_id, profile) for format_id in (*TRAINING, *MANIFESTS) for profile in PROFILES} <= set(FAST)


def accepts(raw: bytes, format_id: str, profile: Profile) -> bool:
    acceptor = acceptor_of(TABLE[format_id], profile)
    assert acceptor is not None
    return acceptor.accepts(raw)


@cache
def example_lines(format_id: str) -> list[bytes]:
    """Return the lines of every example file of a format, breaches and all."""
    files = [path for kind in ("valid", "invalid") for path in sorted((EXAMPLES / format_id / kind).glob("*.*"))]
    return [line for path in files if path.suffix != ".gz" for line in path.read_bytes().splitlines(keepends=True)]


@cache
def edge_lines(format_id: str, profile: Profile) -> list[bytes]:
    return [jsonl(case.value) for case in edge_cases(format_id, profile=profile)]


BYTES = st.one_of(
    st.sampled_from(
        [b'"', b"\\", b",", b"{", b"}", b"[", b"]", b":", b"0", b"9", b"-", b".", b"e", b" ", b"\t", b"\0"]
    ),
    st.sampled_from(
        [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x1f", b"NaN", b"null", b"true", b"\\u0022"]
    ),
    st.binary(min_size=1, max_size=1),
)


@st.composite
def mutated(draw: st.DrawFn, lines: st.SearchStrategy[bytes]) -> bytes:
    """Return a line with one change: bytes left out, put in, put in place of others, or repeated."""
    line = draw(lines)
    at = draw(st.integers(0, max(0, len(line) - 1)))
    end = draw(st.sampled_from([at, at + 1, at + 1, at + 2, at + 9, at + 30]))
    return line[:at] + draw(st.one_of(st.just(b""), BYTES, st.just(2 * line[at:end]))) + line[end:]


@cache
def lines_of(format_id: str, profile: Profile) -> st.SearchStrategy[bytes]:
    """Return a strategy of lines: drawn, at the edge, of the examples, and each of them with one change."""
    drawn = st.builds(
        lambda value, ascii_: json.dumps(value, ensure_ascii=ascii_).encode() + b"\n",
        record(format_id, profile=profile),
        st.booleans(),
    )
    lines = st.one_of(drawn, st.sampled_from(edge_lines(format_id, profile)), st.sampled_from(example_lines(format_id)))
    return st.one_of(lines, mutated(lines), mutated(mutated(lines)))


@pytest.mark.parametrize(("format_id", "profile"), FAST)
@given(data=st.data())
def test_with_the_accept_path_a_check_says_what_it_says_without(
    format_id: str, profile: Profile, data: st.DataObject
) -> None:
    content = b"".join(data.draw(st.lists(lines_of(format_id, profile), min_size=10, max_size=20)))
    cap = data.draw(st.integers(0, 3))
    fast = check_bytes(content, format_id, profile=profile, max_findings=cap)
    assert fast == truth(content, format_id, profile=profile, max_findings=cap)


@pytest.mark.parametrize(("format_id", "profile"), FAST)
def test_every_breach_of_the_examples_and_every_edge_is_judged_alike(format_id: str, profile: Profile) -> None:
    for line in [*example_lines(format_id), *edge_lines(format_id, profile)]:
        assert check_bytes(line, format_id, profile=profile) == truth(line, format_id, profile=profile)


@pytest.mark.parametrize("format_id", TRAINING)
def test_any_byte_anywhere_in_a_line_is_judged_alike(format_id: str, request: pytest.FixtureRequest) -> None:
    line = jsonl(record_of(LABELS[format_id], image_details={"width": "4px"}))
    step = 1 if request.config.getoption("--full") else 11
    for at in range(0, len(line), step):
        for byte in (b"\xff", b"\xc3", b"\0", b'"', b"\\", b"\n", b"\r", b"1", b"", b'"a":'):
            content = line[:at] + byte + line[at + 1 :]
            assert check_bytes(content, format_id) == truth(content, format_id)


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_what_is_drawn_is_accepted(format_id: str, ensure_ascii: bool, data: st.DataObject) -> None:
    value = data.draw(record(format_id))
    assert accepts(json.dumps(value, ensure_ascii=ensure_ascii).encode() + b"\r\n", format_id, "documented")


GOOD = json.dumps(record_of([box()]))
# What a fast decoder may not see, or sees otherwise than the full check does.
UNSOUND = {
    "a key twice": GOOD.replace('"topX"', '"topX": 0.3, "topX"'),
    "a key twice, spaced": GOOD.replace('"topX"', '"topX" : 0.3, "topX" '),
    "a key twice, escaped": GOOD.replace('"topX"', '"topX": 0.3, "t\\u006fpX"'),
    "a key twice, one of them with a string": GOOD.replace('"label": "can"', '"label": 1, "label": "can"'),
    "a key twice, and a string that hides it": GOOD.replace('"can"', '"c\\"\\"an", "topX": 0.1'),
    "an optional key twice": GOOD.replace('"topX"', '"isCrowd": 0, "isCrowd": 1, "topX"'),
    "an unknown key": GOOD.replace('"topX"', '"extra": 1, "topX"'),
    "an unknown key that holds too large a number": GOOD.replace('"topX"', '"extra": 1e400, "topX"'),
    "an unknown key that is nested too deep": GOOD.replace('"topX"', f'"extra": {"[" * 200}{"]" * 200}, "topX"'),
    "an integer beyond 64 bits": GOOD.replace("0.1", "1" + 20 * "0"),
    "a width beyond 64 bits": json.dumps(record_of([], image_details={"width": 2**63})),
    "a boolean for a number": GOOD.replace("0.1", "false"),
    "a string for a number": GOOD.replace("0.1", '"0.1"'),
    "a number too large": GOOD.replace("0.1", "1e400"),
    "NaN": GOOD.replace("0.1", "NaN"),
    "a lone surrogate": GOOD.replace("can", "\\ud800"),
    "a line end in the URL": GOOD.replace("1.jpg", "\\n.jpg"),
    "an escaped line end in the URL": GOOD.replace("1.jpg", "\\u000a.jpg"),
    "no name in the URL": GOOD.replace("image_data/1.jpg", ""),
    "two records": GOOD + GOOD,
    "a record and more": GOOD + ",",
    "a byte order mark": "\ufeff" + GOOD,
    "a size with a line end": json.dumps(record_of([], image_details={"width": "400\n"})),
    "a size with digits of another script": json.dumps(
        record_of([], image_details={"width": "٤٠٠"}), ensure_ascii=False
    ),
}


@pytest.mark.parametrize("text", UNSOUND.values(), ids=UNSOUND)
def test_what_a_fast_decoder_does_not_see_is_refused(text: str) -> None:
    line = text.encode() + b"\n"
    assert accepts(GOOD.encode(), "azure-od-record", "documented")
    # One after the other, as what was accepted may be remembered.
    assert not accepts(line, "azure-od-record", "documented")
    assert not accepts(line, "azure-od-record", "documented")
    for profile in PROFILES:
        content = jsonl(record_of([box()])) + line
        assert check_bytes(content, "azure-od-record", profile=profile) == truth(
            content, "azure-od-record", profile=profile
        )


def test_a_folder_that_is_remembered_lets_nothing_else_through() -> None:
    for name, is_fine in (
        ("1.jpg", True),
        ("a/2.jpg", True),
        ("", True),
        ("\n", False),
        ("a\r", False),
        ("a\u2028b", True),
    ):
        line = json.dumps(record_of([], name)).encode()
        assert accepts(line, "azure-od-record", "documented") == is_fine
    other = json.dumps({"image_url": URL.replace("/paths/", "/path/"), "label": []}).encode()
    assert not accepts(other, "azure-od-record", "documented")


BUCKETS = ("s3://foo/", "S3://foo/", "s3://bar.b/")


def manifest_line(source: str, *names: str, **more: Any) -> bytes:
    labels = {"ModerationLabels": [{"Name": name} for name in names]}
    return jsonl({"source-ref": source, "content-moderation-groundtruth": labels, **more})


@given(
    st.lists(
        st.tuples(
            st.sampled_from(BUCKETS),
            st.sampled_from(
                [
                    "1.jpg",
                    "2.JPG",
                    "1.jpg",
                    "x/3.png",
                    "4.jpeg",
                    "5.gif",
                    "jpg",
                    ".jpg",
                    "",
                    "\n.jpg",
                    "é.png",
                    1020 * "x" + ".jpg",
                    1021 * "x" + ".jpg",
                    1010 * "x" + ".jpg",
                ]
            ),
            st.lists(st.sampled_from(["Alcohol", "Violence", "Alcohol", "Weapons", "Suggestive", ""]), max_size=2),
            st.sampled_from([*[{}] * 9, {"$x": 1}, {"Source-ref": 1}, {"other": 1}]),
        ),
        max_size=8,
    ),
    st.sampled_from(MANIFESTS),
)
@example([("s3://foo/", name, [], {}) for name in ("1.jpg", 1015 * "x" + ".jpg", 1016 * "x" + ".jpg")], MANIFESTS[0])
@example([("s3://foo/", name, [], {}) for name in ("1.jpg", 1020 * "x" + ".jpg", 1021 * "x" + ".jpg")], MANIFESTS[0])
def test_lines_of_a_manifest_are_judged_alike(lines: list[Any], format_id: str) -> None:
    content = b"".join(manifest_line(bucket + name, *labels, **more) for bucket, name, labels, more in lines)
    assert check_bytes(content, format_id) == truth(content, format_id)


@pytest.mark.parametrize("size", [19_900, 20_050, 100_050])
def test_long_lines_of_a_manifest_are_judged_alike(size: int) -> None:
    line = manifest_line("s3://foo/1.jpg", *["Alcohol"] * (size // 20))
    assert check_bytes(line, MANIFESTS[0]) == truth(line, MANIFESTS[0])
    assert accepts(line, MANIFESTS[0], "documented") == (len(line) <= 20_000)


def predicted(name: str, parent: str = "", **more: Any) -> dict[str, Any]:
    return {"Confidence": 50.5, "Name": name, "ParentName": parent, **more}


PREDICTED = [
    predicted("Violence", TaxonomyLevel=1), predicted("Weapons", "Violence"), predicted("Weapons", "Alcohol"),
    predicted("Gambling", "Gambling", TaxonomyLevel=2), predicted("Gambling"), predicted("Violence", TaxonomyLevel=2),
    predicted("None of these"), predicted("Middle Finger", "Rude Gestures", TaxonomyLevel=2),
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PREDICTED), max_size=3),
    st.sampled_from(["7.0", "6.1", "5.0"]),
    st.lists(st.sampled_from([(), (0,), (1,), (0, 1)]), min_size=1, max_size=3),
)
@example([PREDICTED[3]], "6.1", [(0, 1)])
@example([PREDICTED[5]], "7.0", [(1, 0)])
def test_predictions_are_judged_alike(labels: list[Any], version: str, blocks: list[tuple[int, ...]]) -> None:
    block = {"ModerationLabels": labels, "ModerationModelVersion": version}
    arn = "arn:aws:rekognition:us-east-1:111122223333:project/p/version/v/1"
    both = [("detect-moderation-labels", {**block, "ProjectVersion": arn}),
            ("detect-moderation-labels-base-model", block)]  # fmt: skip
    content = b"".join(
        manifest_line(f"s3://foo/{n}.jpg", **dict(both[i] for i in which)) for n, which in enumerate(blocks)
    )
    assert check_bytes(content, MANIFESTS[1]) == truth(content, MANIFESTS[1])
    document = jsonl(block)
    response = "rekognition-moderation-response"
    assert check_bytes(document, response) == truth(document, response)


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON_VALUES, st.booleans())
@example({'"': '\\"', "\\": ['\\\\"', '"']}, True)
def test_a_text_has_two_quotes_for_every_key_and_string(value: Any, ensure_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    assert quotes_of(text) == 2 * strings_of(value)


# Schemas of all keywords and types, as a user's own format may have them.
SCHEMAS: list[dict[str, Any]] = [
    {"type": ["integer", "string"], "minimum": 1, "pattern": "^[1-9][0-9]*(px)?$"},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "minimum": -1e300},
    {"type": ["number", "null"], "maximum": 2**60},
    {"type": "number", "minimum": -(2**70), "maximum": 2**70},
    {"type": ["number", "string", "boolean"], "minimum": 0},
    {"type": "integer", "maximum": 2.5},
    {"type": "integer", "minimum": -1e300, "maximum": 1e300},
    {"type": ["string", "null"], "maxLength": 3},
    {"type": "string", "pattern": "^(a/[^\\r\\n]+|b[^\\r\\n]+)$"},
    {"type": "string", "pattern": "^(a/[^\\r\\n]{1,2}|b/?[^\\r\\n]{2,5})$"},
    {"type": "string", "pattern": "^a/?[^\\r\\n]{2,40}$"},
    {"type": "string", "pattern": "^a/[^\\r\\n]{2}$"},
    {"type": "string", "pattern": "^(a/[^\\r\\n]{1,2}|b/?[^\\r\\n]{2,5})$"},
    {"type": "string", "pattern": "^a/?[^\\r\\n]{2,40}$"},
    {"type": "string", "pattern": "^a/[^\\r\\n]{2}$"},
    {"type": "string", "pattern": "^a[b[^\\r\\n]+$"},
    {"type": "string", "pattern": "^(a)(/[^\\r\\n]+)$"},
    {"type": "string", "pattern": "^a|b/[^\\r\\n]+$"},
    {"type": "string", "pattern": "^(?!a/b)[^\\r\\n]+$"},
    {"enum": [0, 1, False, True]},
    {"enum": [0, 1, True, "1", None, 1.5]},
    {"type": "string", "enum": ["a", 1]},
    {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "boolean"}},
    {"type": ["array", "null", "string"], "items": {"type": "array", "items": {"type": "number"}}},
    {"type": "object"},
    {"type": ["object", "null"], "properties": {"a": {}, "a-b": {"type": "string"}, "class": {"enum": ["x"]}}},
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}}, "required": ["b"]},
    {"properties": {"a": {"type": "integer"}}},
    {"items": {"type": "integer"}},
    {"minimum": 3},
    {},
]
TEXTS = [
    "a",
    "b",
    "a/b",
    "a/c",
    "a/cde",
    "a/" + 38 * "c",
    "a/" + 39 * "c",
    "b/cdefg",
    "a/cde",
    "a/" + 38 * "c",
    "a/" + 39 * "c",
    "b/cdefg",
    "a/",
    "bx",
    "b/x",
    "a\nb",
    "a/b\n",
    "a/b\r",
    "1",
    "400px",
    "400px\n",
    "abc",
    "abcd",
    "x",
    '"',
    "\\",
    "\u2028",
    "",
]
SCALARS: st.SearchStrategy[Any] = st.sampled_from(TEXTS) | st.sampled_from(
    [None, True, False, 0, 1, 2, 3, -1, 1.0, 0.5, 1.5, 2.5, -0.0, 1e300, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1,
     10**30]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "a-b", "class", "c"]), inner, max_size=3),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:70])
@given(data=st.data())
def test_any_schema_is_decoded_soundly(schema: dict[str, Any], data: st.DataObject) -> None:
    own = {"type": "object", "properties": {"v": schema, "w": schema}, "required": ["v"]}
    format_ = Format("own", "Own", "here", "jsonl", {"documented": own}, rules=(*JSON_RULES, *SCHEMA_RULES))
    acceptor = acceptor_of(format_, "documented")
    if acceptor is None:
        return
    for value in data.draw(st.lists(VALUES, min_size=1, max_size=4)):
        for text in (json.dumps({"v": value}), json.dumps({"v": value, "w": value}, ensure_ascii=False)):
            raw = text.encode()
            if acceptor.accepts(raw):
                assert truth(raw + b"\n", format_).findings == ()
                assert reference(format_).is_valid(json.loads(text))


BOUNDED = [schema for schema in SCHEMAS if bounds_of(read_schema(schema)) and set(schema) - {"type", "pattern"}]


@pytest.mark.parametrize("schema", BOUNDED, ids=lambda schema: json.dumps(schema)[:70])
@given(values=st.lists(VALUES, min_size=1, max_size=8))
def test_the_bounds_that_are_broken_are_those_that_the_reference_names(
    schema: dict[str, Any], values: list[Any]
) -> None:
    own = {"type": "object", "properties": {"v": {"type": "array", "items": schema}}, "required": ["v"]}
    format_ = Format("own", "Own", "here", "jsonl", {"documented": own}, rules=(*JSON_RULES, *SCHEMA_RULES))
    relaxed = relaxed_of(format_, "documented")
    for value in values:
        if relaxed and relaxed[0].accepts(json.dumps({"v": [value, value]}).encode()):
            broken: list[Any] = []
            relaxed[1].find({"v": [value, value]}, (), broken)
            errors = reference(format_).iter_errors({"v": [value, value]})
            assert sorted(broken) == sorted((error.validator, tuple(error.absolute_path)) for error in errors)


COUNTED: dict[str, Any] = {
    "a number too large": {"bottomX": 1.5},
    "two numbers": {"bottomX": 1.5, "bottomY": -1},
    "an enumeration": {"isCrowd": 7},
    "a box out of order as well": {"topX": 0.7, "bottomY": 2},
    "a class before the background": {"label": "", "bottomX": 1.5},
    "a type as well": {"label": 7, "bottomX": 1.5},
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("cap", [0, 2, 9])
def test_findings_that_are_only_counted_are_counted_right(cap: int, profile: Profile) -> None:
    lines = [
        jsonl(record_of([box(), box(**changes)], f"{n}.jpg"), record_of([box()], "again.jpg"))
        for n in range(3)
        for changes in COUNTED.values()
    ]
    content = b"".join([*lines, jsonl(record_of([box(bottomX=1.5)], "2.jpg", image_details={"width": 0}))[:-1]])
    options: dict[str, Any] = {"format": "azure-od-record", "profile": profile, "max_findings": cap}
    assert check_bytes(content, **options) == truth(content, **options)


def test_most_schemas_have_a_decoder_and_accept_something() -> None:
    assert sum(decoder_of(read_schema(schema)) is None for schema in SCHEMAS) == 0
    assert decoder_of(read_schema({"type": "array", "uniqueItems": True})) is None
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}}
    assert decoder_of(read_schema(text)) is None
    assert decoder_of(read_schema({"type": "object", "properties": {"a-b": {}, "a_b": {}}})) is None


def test_a_rule_without_a_twin_leaves_every_line_to_the_full_check() -> None:
    def find(value: Any) -> list[Hit]:
        return [Hit((), "always")]

    rule = JSON_RULES[0]
    always = Rule("ME001", "always", "Always.", "here", rule.verdict, Record(find))
    format_ = Format("own", "Own", "here", "jsonl", {"documented": {}}, rules=(always,))
    assert acceptor_of(format_, "documented") is None
    assert check_bytes(b"{}\n", format_).counts == {"ME001": 1}


@pytest.mark.parametrize("labels", [[box()], [box(isCrowd=1), box("a")]])
def test_a_twin_is_asked_again_for_an_edited_schema(labels: list[Any]) -> None:
    from test_schemas_drive import edited

    def to_strings(schema: dict[str, Any]) -> None:
        schema["$defs"]["box"]["properties"]["label"]["type"] = ["string", "number"]

    format_ = edited("azure-od-record", to_strings)
    assert acceptor_of(format_, "documented") is None
    line = jsonl(record_of([*labels, box(0.5)]))
    assert "VF110" in check_bytes(line, format_).counts


def test_outlines_without_an_area_are_refused_however_they_begin() -> None:
    for points in ([0.1, 0.2, 0.1, 0.4, 0.1, 0.6], [0.1, 0.2, 0.3, 0.2, 0.5, 0.2], [0.1, 0.2, 0.1, 0.2, 0.1, 0.2]):
        assert not accepts(jsonl(record_of([outline(polygon=[points])])), "azure-is-record", "documented")
        wide = [points, [0.1, 0.2, 0.7, 0.9, 0.5, 0.5]]
        assert accepts(jsonl(record_of([outline(polygon=wide)])), "azure-is-record", "documented")
        assert accepts(jsonl(record_of([outline(polygon=wide[::-1])])), "azure-is-record", "documented")


@pytest.mark.parametrize("corners", [{"bottomX": 0.1}, {"bottomY": 0.2}, {"bottomX": 0.0}, {"bottomY": 0.0}])
def test_boxes_of_no_width_or_height_are_refused(corners: dict[str, float]) -> None:
    assert not accepts(jsonl(record_of([box(), box(**corners)])), "azure-od-record", "documented")


def test_a_record_that_is_decoded_and_not_clean_takes_part_in_rules_over_the_file_as_ever() -> None:
    content = jsonl(*(record_of(labels, f"{n}.jpg") for n, labels in enumerate([["a", 1], [True], ["a", 1], [1.5]])))
    options: dict[str, Any] = {"format": "azure-multilabel-record", "profile": "reader"}
    assert check_bytes(content, **options) == truth(content, **options)
    assert check_bytes(content, **options).counts == {"VF102": 2, "VF110": 1}
