"""The schema files: sound, self-contained, described, and within the subset that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from records import PROFILES, reference

from pytest_visionfmt import COCO, PASCAL_VOC, TABLE, Format
from pytest_visionfmt.format import Profile
from pytest_visionfmt.schema_files import load_schema
from pytest_visionfmt.schema_nodes import (
    ANNOTATIONS,
    KEYWORDS,
    UnsupportedKeyword,
    compile_pattern,
    nodes_of,
    read_schema,
)
from pytest_visionfmt.values import as_float

FOLDER = Path(__file__).parent.parent / "schemas"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.json"))
ALL = [*TABLE.values(), COCO, PASCAL_VOC]
BOTH = [pytest.param(f, p, id=f"{f.id}-{p}") for f in TABLE.values() for p in PROFILES]


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every subschema; what stands under examples and enum is data."""
    if isinstance(schema, dict):
        yield schema
        for group in ("properties", "$defs"):
            for child in schema.get(group, {}).values():
                yield from subschemas(child)
        yield from subschemas(schema.get("items"))
        yield from subschemas(schema.get("contentSchema"))


def test_every_file_belongs_to_a_format_and_the_other_way_round() -> None:
    used = {source for format_ in ALL for source in format_.schemas.values()}
    assert used == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_passes_the_metaschema(name: str) -> None:
    schema = load_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_serves_alone(name: str) -> None:
    refs = [sub["$ref"] for sub in subschemas(load_schema(name)) if "$ref" in sub]
    assert all(ref.startswith("#/$defs/") for ref in refs)


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_described_and_the_source_named(name: str) -> None:
    schema = load_schema(name)
    assert schema["title"]
    assert re.search(
        r"https?://(learn\.microsoft\.com|docs\.aws\.amazon\.com|cocodataset\.org|host\.robots\.ox\.ac\.uk)/",
        schema["$comment"],
    )
    assert all("description" in sub or "$ref" in sub for sub in subschemas(schema))


@pytest.mark.parametrize("format_", ALL, ids=lambda f: f.id)
def test_a_schema_is_named_after_its_format_and_profile(format_: Format) -> None:
    ids = {profile: load_schema(name)["$id"] for profile, name in format_.schemas.items() if isinstance(name, str)}
    urn = f"urn:visionfmt:{format_.id}"
    assert ids == {profile: urn if profile == "documented" else f"{urn}:{profile}" for profile in format_.schemas}


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_schema_are_valid_at_their_place(name: str) -> None:
    schema = load_schema(name)
    assert schema["examples"]
    for sub in subschemas(schema):
        for example in sub.get("examples", ()):
            validator = jsonschema.Draft202012Validator({**sub, "$defs": schema.get("$defs", {})})
            assert not list(validator.iter_errors(example))


@pytest.mark.parametrize("name", NAMES)
def test_patterns_mean_the_same_everywhere(name: str) -> None:
    # \d, \w and \s differ between the dialects of regular expressions; so does an inner anchor.
    for sub in subschemas(load_schema(name)):
        if pattern := sub.get("pattern"):
            assert not re.search(r"\\[dwsDWSbB]", pattern)
            assert pattern.startswith("^")
            assert pattern.endswith("$")


def test_the_subset_is_exactly_what_the_files_use() -> None:
    used = {keyword for name in NAMES for sub in subschemas(load_schema(name)) for keyword in sub}
    assert used == KEYWORDS | ANNOTATIONS


def test_an_unknown_keyword_is_an_error_that_names_it_and_its_place() -> None:
    schema = load_schema("azure/od-record.schema.json")
    schema["$defs"]["box"]["oneOf"] = []
    with pytest.raises(UnsupportedKeyword, match=r"'oneOf' at #/\$defs/box "):
        read_schema(schema)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"$ref": "other.json"}, "not local"),
        ({"$ref": "#/$defs/none"}, "names nothing"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "leads back to itself"),
        ({"$ref": "#/$defs/a", "type": "string", "$defs": {"a": {}}}, r"'type' beside \$ref"),
        ({"items": True}, "must be an object"),
    ],
)
def test_a_schema_that_cannot_be_read_is_an_error(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_schema(schema)


@pytest.mark.parametrize(("format_", "profile"), BOTH)
def test_a_known_key_is_no_near_miss_of_another(format_: Format, profile: Profile) -> None:
    validator = reference(format_, profile)
    for example in format_.schema(profile)["examples"]:
        assert validator.is_valid(example)
    for site, node in nodes_of(format_, profile).walk():
        assert len({key.casefold() for key in node.properties}) == len(node.properties), site


def test_a_final_dollar_is_the_very_end() -> None:
    assert compile_pattern("^[1-9][0-9]*(px)?$").search("400px")
    assert not compile_pattern("^[1-9][0-9]*(px)?$").search("400px\n")
    assert compile_pattern(r"^a\$").search("a$b")


NUMERIC = ["0.1", " 0.1 ", "5e-1", "0_0.1", "nan", "-inf", "Infinity", "+.5", "5.", "1e5", "\t1\n", "1_000"]
NOT_NUMERIC = ["", " ", "a", "0x1", "1__0", "_1", "1_", ".", "e5", "1e", "--1", "1,5", "0.1px", "1 2"]


@pytest.mark.parametrize("text", [*NUMERIC, *NOT_NUMERIC])
def test_the_reader_takes_as_coordinates_the_strings_that_float_takes(text: str) -> None:
    node = nodes_of(TABLE["azure-od-record"], "reader").at(("label", 0, "topX"))
    assert node is not None
    assert node.pattern is not None
    try:
        float(text)
        numeric = True
    except ValueError:
        numeric = False
    assert numeric == (text in NUMERIC)
    assert bool(compile_pattern(node.pattern).search(text)) == numeric
    assert jsonschema_rs.is_valid({"pattern": node.pattern}, text) == numeric
    assert (as_float(text) is not None) == numeric
