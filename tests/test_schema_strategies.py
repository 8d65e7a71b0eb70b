"""The mechanism: a schema compiled to a decoder of bytes, and the decoders of single values."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
from drawing import Same, decoded, minimal, sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_geometry import _WIDTHS, _span
from pytest_visionfmt.draws.separate_boxes import places
from pytest_visionfmt.schema_nodes import Node, read_schema
from pytest_visionfmt.schema_strategies import Compiler, decode_record
from pytest_visionfmt.value_decoders import (
    _EDGE_SHARE,
    _EDGES,
    choice,
    fixed_text,
    in_blocks,
    integers,
    number_table,
    numbers,
    text,
)


@st.composite
def by_schema(draw: st.DrawFn, schema: dict[str, Any], counts: dict[str, tuple[int, int]] | None = None) -> Any:
    return decode_record(Compiler(counts=counts).compile(read_schema(schema)), draw)


def array(items: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **keywords}


LETTER = {"enum": ["x", "y"]}
SHORT = array(LETTER, minItems=1)
LONG = array({"type": "string"}, minItems=6)


@pytest.mark.parametrize(
    ("items", "fewest"),
    [(SHORT, 1), (LONG, 6), (array(array(LONG)), 0), (array({"type": "string", "pattern": "x"}), 0)],
)
def test_lists_below_the_top_have_the_lengths_that_the_schema_allows(items: dict[str, Any], fewest: int) -> None:
    drawn = [item for value in sample(by_schema(array(items)), 100) for item in value]
    assert {len(item) for item in drawn} == set(range(fewest, fewest + 5))


def test_lists_of_lists_are_whole_on_every_level() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": array(array(LONG, minItems=2), minItems=1)}}
    for value in sample(by_schema(schema), 50):
        assert value["a"]
        for outer in value["a"]:
            assert 2 <= len(outer) <= 6
            assert all(6 <= len(inner) <= 10 for inner in outer)
            assert all(isinstance(string, str) for inner in outer for string in inner)


def test_lists_of_one_level_are_read_from_bytes_of_their_own() -> None:
    number = array({"type": "number", "minimum": 0, "maximum": 1}, minItems=3)
    schema = {"type": "object", "required": ["a", "b"], "properties": {"a": number, "b": number}}
    drawn = sample(by_schema(schema), 50)
    assert sum(value["a"][:3] == value["b"][:3] for value in drawn) < 25  # plain records are such


def test_only_short_lists_are_read_where_they_stand() -> None:
    def size(items: dict[str, Any]) -> int:
        return Compiler().compile(read_schema(items), "$.a[*]").size

    assert size(SHORT) == 1 + 5  # five letters at most
    assert size(LONG) == 1


def test_counts_bound_a_list_at_the_top() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": array(LETTER)}}
    assert {len(value["a"]) for value in sample(by_schema(schema, {"$.a": (2, 4)}), 60)} == {2, 3, 4}


def test_the_first_type_is_the_simplest() -> None:
    assert minimal(by_schema({"type": ["integer", "string"], "minimum": 3})) == 3
    assert minimal(by_schema({"type": ["string", "integer"], "minimum": 3})) == "a"
    assert minimal(by_schema({"type": ["null", "number"], "minimum": 3})) is None


def test_every_type_of_several_is_drawn() -> None:
    drawn = sample(by_schema({"type": ["integer", "string", "null", "boolean", "array", "object"]}), 300)
    assert {type(value) for value in drawn} == {int, str, type(None), bool, list, dict}


def test_more_than_eight_optional_keys_come_and_go_one_by_one() -> None:
    keys = [f"k{n}" for n in range(20)]
    schema = {"type": "object", "required": ["k3"], "properties": dict.fromkeys(keys, LETTER)}
    drawn = sample(by_schema(schema), 200)
    for key in keys:
        assert {key in value for value in drawn} == ({True} if key == "k3" else {True, False})
    assert minimal(by_schema(schema)) == {"k3": "x"}


def test_a_required_key_without_a_schema_is_there() -> None:
    assert minimal(by_schema({"type": "object", "required": ["a"], "properties": {"b": LETTER}})) == {"a": None}


@pytest.mark.parametrize(
    "items", [LETTER, {"type": "integer"}, {"type": "number", "minimum": 0, "maximum": 1}], ids=str
)
def test_a_list_of_unique_items_has_none_twice(items: dict[str, Any]) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": array(items, uniqueItems=True, minItems=2)}}
    drawn = [value["a"] for value in sample(by_schema(schema), 200)]
    assert all(len(set(values)) == len(values) >= 2 for values in drawn)
    assert len(set(minimal(by_schema(schema))["a"])) == 2


def test_unique_items_with_parts_are_unique_as_json_sees_it() -> None:
    schema = array({"type": "array", "items": {"enum": [1, True, 1.0]}}, uniqueItems=True)
    drawn = sample(by_schema(schema), 200)
    assert max(map(len, drawn)) > 3
    for values in drawn:
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(values)) == []


def test_a_list_is_no_longer_than_the_longest_allowed() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": array(array(LETTER, maxItems=2), maxItems=3)}}
    drawn = [value["a"] for value in sample(by_schema(schema), 200)]
    assert {len(values) for values in drawn} == {0, 1, 2, 3}
    assert {len(inner) for values in drawn for inner in values} == {0, 1, 2}


def test_a_string_is_no_longer_than_the_longest_allowed() -> None:
    for schema in ({"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 3, "pattern": "^b?[c-z]*$"}):
        assert {len(string) for string in sample(by_schema(schema), 100)} == {0, 1, 2, 3}


def test_a_string_that_holds_json_holds_what_its_schema_says() -> None:
    content = {"type": "object", "required": ["a-b"], "properties": {"a-b": array(LONG)}}
    inside = {"type": "string", "contentMediaType": "application/json", "contentSchema": content}
    drawn = [string for value in sample(by_schema(array(inside)), 60) for string in value]
    lists = [json.loads(string)["a-b"] for string in drawn]
    assert {len(values) for values in lists} == set(range(9))  # at the top of the JSON inside
    assert any("\\u" in string for string in drawn)
    assert not all(string.isascii() for string in drawn)
    assert minimal(by_schema(inside)) == '{"a-b": []}'


def test_a_list_under_a_key_in_brackets_is_at_the_top() -> None:
    schema = {"type": "object", "required": ["a.[0]'b"], "properties": {"a.[0]'b": array(LETTER)}}
    assert {len(value["a.[0]'b"]) for value in sample(by_schema(schema), 100)} == set(range(9))


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(InvalidArgument, match=r"unknown type 'date' in the schema at \$\.a"):
        Compiler().compile(Node(types=("object",), properties={"a": Node(types=("date",))}))


@pytest.mark.parametrize("byte", [0, 1, 127, 128, 191, 192, 255])
def test_the_same_byte_everywhere_makes_a_value_of_every_kind(byte: int) -> None:
    assert isinstance(decoded(text(), byte), str)
    assert -5 <= decoded(numbers(-5, 5), byte) <= 5
    assert 2 <= decoded(integers(2, None), byte) <= 2**63 - 1
    assert decoded(choice(range(1000)), byte) in range(1000)


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**40), st.binary(min_size=2, max_size=2))
def test_integers_stay_within_their_bounds(low: int, more: int, b: bytes) -> None:
    drawing: Any = None
    assert low <= integers(low, low + more).read(b, 0, drawing) <= low + more
    assert low <= integers(low, None).read(b, 0, drawing)
    assert integers(None, low).read(b, 0, drawing) <= low


def test_integers_reach_both_bounds() -> None:
    drawing: Any = None
    drawn = {integers(3, 9).read(bytes([a, b]), 0, drawing) for a in range(256) for b in range(256)}
    assert drawn == set(range(3, 10))


@given(st.binary(min_size=4, max_size=4))
def test_a_string_is_one_that_utf_8_can_hold(b: bytes) -> None:
    drawing: Any = None
    string = text().read(b, 0, drawing)
    assert string.encode().decode() == string


def test_code_points_begin_with_letters_and_reach_beyond_the_first_plane() -> None:
    drawing: Any = None
    assert text().read(bytes([128, 0, 0, 0]), 0, drawing) == "a"
    points = {ord(text().read(bytes([224, plane, 0, 0]), 0, drawing)[0]) >> 16 for plane in range(16)}
    assert points == set(range(16))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.5), (-1, 1), (5, 2000)])
def test_numbers_are_simple_or_on_the_edge_or_on_an_even_grid(low: float, high: float) -> None:
    table = number_table(low, high)
    assert len(table) == 0x10000
    assert table[0] == low
    assert all(low <= number <= high for number in table)
    grid = sorted(table[_EDGE_SHARE:])
    steps = [b - a for a, b in pairwise(grid)]
    assert max(steps) < 1.01 * (high - low) / len(grid)


def test_values_stand_in_blocks() -> None:
    assert in_blocks("abc", 6) == tuple("aabbcc")
    assert in_blocks("abc", 7) == tuple("aaabbcc")
    assert set(in_blocks(range(256))) == set(range(256))


def test_only_strings_that_match_are_candidates() -> None:
    assert fixed_text(("1px", "px"), "^[0-9]+px$") is not None
    assert fixed_text(("em", "px"), "^[0-9]+px$") is None


def test_values_with_parts_are_fresh() -> None:
    read = choice(({"a": []}, 1)).read
    drawing: Any = None
    assert read(b"\0", 0, drawing) == read(b"\0", 0, drawing)
    assert read(b"\0", 0, drawing) is not read(b"\0", 0, drawing)
    assert read(b"\0", 0, drawing)["a"] is not read(b"\0", 0, drawing)["a"]


@pytest.mark.parametrize(("least", "most"), [(0.0, 1.0), (0.0, 0.5), (0.5, 1.0), (-3.0, 7.5)])
def test_a_span_lies_in_order_within_its_range(least: float, most: float) -> None:
    numbers = {*_EDGES, *_WIDTHS, *number_table(0, 1)[::997]}
    for position in numbers:
        for width in numbers - {0}:
            start, end = _span(least, most, position, width)
            assert least <= start < end <= most
            assert math.isclose(end - start, (most - least) * width, rel_tol=1e-6, abs_tol=1e-15)


def test_a_span_of_the_whole_range_is_written_as_its_width_is() -> None:
    assert [repr(end) for end in _span(0.0, 1.0, 0.3, 1.0)] == ["0.0", "1.0"]
    assert [repr(end) for end in _span(0.0, 1.0, 0.3, 1)] == ["0", "1"]
    assert [repr(end) for end in _span(0.0, 1.0, 0, 0.5)] == ["0", "0.5"]
    assert [repr(end) for end in _span(0.0, 0.5, 1, 0.5)] == ["0.25", "0.5"]


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_places_are_disjoint_and_within_their_area(width: int, height: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, width * height))
    b = data.draw(st.binary(min_size=12 * number, max_size=12 * number))
    found = places((3, 5, 3 + width, 5 + height), number, b, 0, 12)
    pixels = [(x, y) for left, top, right, bottom in found for x in range(left, right) for y in range(top, bottom)]
    assert len(found) == number
    assert all(left < right and top < bottom for left, top, right, bottom in found)
    assert len(set(pixels)) == len(pixels)
    assert set(pixels) <= {(x, y) for x in range(3, 3 + width) for y in range(5, 5 + height)}


def test_a_source_of_zeros_fills_the_area_with_places() -> None:
    zeros = Same(0).randbytes(36)
    assert places((0, 0, 8, 6), 1, zeros, 0, 12) == [(0, 0, 8, 6)]
    assert places((0, 0, 8, 6), 3, zeros, 0, 12) == [(0, 0, 4, 6), (4, 0, 6, 6), (6, 0, 8, 6)]
