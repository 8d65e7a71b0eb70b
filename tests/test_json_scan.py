"""The scanner against the standard library: the same texts are JSON, and every value is where it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, outer, render, site_of, value_at
from pytest_visionfmt.json_scan import MAX_DEPTH, scan
from pytest_visionfmt.parsing import LineParser, encoding_fact

DECODER = json.JSONDecoder(strict=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda children: st.lists(children, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), children, max_size=4),
    max_leaves=12,
)  # fmt: skip
SPACING = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :\n "), ("\r\n,", ":")])


@given(VALUES, SPACING, st.booleans())
def test_every_value_is_at_its_offset(value: Any, spacing: tuple[str, str], ascii_only: bool) -> None:
    text = json.dumps(value, separators=spacing, ensure_ascii=ascii_only)
    found = scan(text)
    assert not found.facts
    assert found.end == len(text)
    for path, offset in found.values.items():
        assert DECODER.raw_decode(text, offset)[0] == value_at(value, path)
    for path, offset in found.keys.items():
        assert DECODER.raw_decode(text, offset)[0] == path[-1]


@given(VALUES, SPACING, st.data())
def test_a_text_with_a_slip_is_json_to_both_or_to_neither(
    value: Any, spacing: tuple[str, str], data: st.DataObject
) -> None:
    text = json.dumps([value], separators=spacing, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    slip = data.draw(
        st.sampled_from(["", *"{}[]\",:\\0123-+.eEtrufalsn NIy'/\t\n", "\\u12", "\\ud800", "NaN", "1e999"])
    )
    agree(text[:at] + slip + text[at + data.draw(st.integers(0, 2)) :])


@given(st.text('{}[]",:\\u0123-.eE tn\n', max_size=24))
@example('{"a":1,}')
@example("[1,,2]")
@example('["\\u00zz"]')
@example('["\\\\u"]')
@example("[01]")
@example("[1.]")
@example("[-]")
@example("[1e5, 1E+05, -0.0]")
def test_texts_of_json_s_own_characters_are_judged_alike(text: str) -> None:
    agree(text)


def agree(text: str) -> None:
    try:
        _, end = DECODER.raw_decode(text, len(text) - len(text.lstrip(" \t\n\r")))
        is_json = not text[end:].strip(" \t\n\r")
    except ValueError:
        is_json = False
    found = scan(text)
    facts = {fact.fact for fact in found.facts}
    assert is_json == ("invalid-json" not in facts and not text[found.end :].strip(" \t\n\r"))


SLIPS = [
    ('{"a": 1,}', 7, "trailing comma before the end of the object"),
    ("[1, 2, ]", 5, "trailing comma before the end of the list"),
    ("{'a': 1}", 1, "single quotes"),
    ("{\"a\": 'b'}", 6, "single quotes"),
    ("{a: 1}", 1, "the key a needs double quotes"),
    ('{"a" 1}', 5, "expected ':' after the key"),
    ('{"a": 1 "b": 2}', 8, "expected ','"),
    ("[1 2]", 3, "expected ',' or ']'"),
    ('{"a": True}', 6, "True is Python; JSON writes true"),
    ('{"a": None}', 6, "None is Python; JSON writes null"),
    ('{"a": undefined}', 6, "found undefined"),
    ('{"a": 01}', 6, "leading zeros"),
    ('{"a": .5}', 6, "digit before the point"),
    ('{"a": 5.}', 6, "digit after the point"),
    ('{"a": +5}', 6, "no plus sign"),
    ('{"a": 5px}', 7, "right after the number 5"),
    ("// note", 0, "a comment"),
    ('{"a": 1} # note', 9, None),
    ('{"a": "b', 6, "never closed"),
    ('{"a": [1, 2', 11, "ends inside the list that begins at column 7"),
    ('{"a": "\\x"}', 7, "not an escape of JSON"),
    ("[1}", 2, "expected ',' or ']', found '}'"),
    ("\ufeff{}", 0, "byte order mark"),
    (".", 0, "expected a value, found '.'"),
]


@pytest.mark.parametrize(("text", "offset", "message"), SLIPS, ids=[text for text, _, _ in SLIPS])
def test_common_slips_are_called_by_name_where_they_are(text: str, offset: int, message: str | None) -> None:
    (fact,) = LineParser().parse(text).facts
    assert fact.offset == offset
    if message is None:
        assert fact.fact == "several-values"
    else:
        assert fact.fact == "invalid-json"
        assert message in fact.message


FACTS = [
    ('{"a": 1, "b": 2, "a": 3}', "duplicate-key", 17, "$.a"),
    ('{"a": {"b": 1, "\\u0062": 2}}', "duplicate-key", 15, "$.a.b"),
    ('{"a": [0, NaN]}', "not-a-number", 10, "$.a[1]"),
    ('{"a": -Infinity}', "not-a-number", 6, "$.a"),
    ('{"a": 1e400}', "number-too-large", 6, "$.a"),
    ('{"a": -1' + "0" * 400 + ".0}", "number-too-large", 6, "$.a"),
    ('{"a": 9223372036854775808}', "integer-too-large", 6, "$.a"),
    ('{"a": -9223372036854775809}', "integer-too-large", 6, "$.a"),
    ('{"a": ' + "9" * 5000 + "}", "integer-too-large", 6, "$.a"),
    ("[1.5, 2.5, 1e400]", "number-too-large", 11, "$[2]"),
    ("[[0, true], [null, -1e400]]", "number-too-large", 19, "$[1][1]"),
    ("[[1.5], 9223372036854775808]", "integer-too-large", 8, "$[1]"),
    ('{"a": "\\ud83d"}', "lone-surrogate", 6, "$.a"),
    ('{"\\udc00": 1}', "lone-surrogate", 1, "$"),
    ('{"a": "b\tc"}', "control-character", 6, "$.a"),
    ('{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", "nested-too-deep", 132, "$"),
    ("[" * 100_000, "nested-too-deep", 127, "$"),
    ('{"a": 1}{"a": 2}', "several-values", 8, "$"),
    ('{"a": 1}\r{"a": 2}', "several-values", 9, "$"),
    ('{"a": 1},', "several-values", 8, "$"),
]


@pytest.mark.parametrize(("text", "name", "offset", "path"), FACTS, ids=[f"{f[1]}-{f[0][:30]}" for f in FACTS])
def test_a_fact_is_found_at_its_place(text: str, name: str, offset: int, path: str) -> None:
    (fact,) = LineParser().parse(text).facts
    assert (fact.fact, fact.offset, render(fact.path)) == (name, offset, path)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 9223372036854775807, "b": -9223372036854775808}',
        '{"a": 1.7976931348623157e308, "b": 1e-400, "c": 0.1234567890123456789012345}',
        '{"a": "\\ud83d\\ude00\\u0000\\/", "b": "\\\\ud83d"}',
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH,
        "[1e308, 1e308, -1e308, 1e308]",
        ' \t{"a": 1} \r',
    ],
)
def test_what_only_looks_suspicious_has_no_fact(text: str) -> None:
    parsing = LineParser().parse(text)
    assert not parsing.facts
    assert parsing.value is not MISSING


def test_one_text_can_have_several_facts_in_order() -> None:
    facts = LineParser().parse('{"a": NaN, "a": 1e400}{"b": 1}').facts
    assert [fact.fact for fact in facts] == ["not-a-number", "duplicate-key", "number-too-large", "several-values"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_told_from_the_first_bytes(encoding: str) -> None:
    assert encoding_fact('{"a": 1}'.encode(encoding)[:4]) is not None


@pytest.mark.parametrize("head", [b"", b"{", b'{"a"', b"\xef\xbb\xbf{", b"\n\n", b"\0\0\0\0"])
def test_utf_8_is_told_from_the_first_bytes(head: bytes) -> None:
    assert encoding_fact(head) is None


@pytest.mark.parametrize(
    ("path", "text", "site"),
    [
        ((), "$", "$"),
        (("label", 3, "bottomX"), "$.label[3].bottomX", "$.label[*].bottomX"),
        (("source-ref",), "$['source-ref']", "$['source-ref']"),
        (("größe",), "$.größe", "$.größe"),
        (("it's\\\n\x01\ud800",), "$['it\\'s\\\\\\n\\u0001\\ud800']", "$['it\\'s\\\\\\n\\u0001\\ud800']"),
        (("0",), "$['0']", "$['0']"),
        (("",), "$['']", "$['']"),
        (("data", 0, INSIDE, "a", 1), "$.data[0] > $.a[1]", "$.data[*] > $.a[*]"),
        (("data", 0, INSIDE), "$.data[0] > $", "$.data[*] > $"),
    ],
)
def test_a_path_is_written_as_rfc_9535_has_it(path: Path, text: str, site: str) -> None:
    assert render(path) == text
    assert site_of(path) == site


def test_a_value_in_a_string_is_found_through_it() -> None:
    value = {"data": ['{"a": [1, 2]}', "no json", 3]}
    assert value_at(value, ("data", 0, INSIDE, "a", 1)) == 2
    assert outer(("data", 0, INSIDE, "a", 1)) == ("data", 0)
    assert outer(("data", 0)) == ("data", 0)
    for path in (("data", 1, INSIDE), ("data", 2, INSIDE), ("data", 0, INSIDE, "b")):
        assert value_at(value, path) is MISSING


NUMBERS = st.sampled_from(["0", "1.5", "-1e308", "1e400", "9223372036854775807", "9223372036854775808", "1e-400"])
LITERALS = NUMBERS | st.sampled_from(["true", "null", '"a"', '"\\ud800"', '"\\\\ud800"', '"a\tb"', "NaN"])


def _list(items: list[str]) -> str:
    return f"[{', '.join(items)}]"


def _object(items: list[str]) -> str:
    return "{" + ", ".join(f'"k{i % 2}": {item}' for i, item in enumerate(items)) + "}"


@given(st.recursive(LITERALS, lambda s: st.lists(s).map(_list) | st.lists(s, max_size=3).map(_object), max_leaves=12))
def test_the_quick_look_passes_over_nothing_that_the_scan_finds(text: str) -> None:
    assert list(LineParser().parse(text).facts) == scan(text).facts
