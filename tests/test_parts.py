"""Parts of a file merge into the report on the whole, however they were cut."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import TRAINING, box, jsonl, outline, record

from pytest_visionfmt import TABLE, Report, check_bytes
from pytest_visionfmt.parts import Part, check_lines

LINES = [
    b"\n",
    b".\n",
    b"\xff\n",
    *(jsonl(record(label, name)) for name in ("1.jpg", "2.jpg") for label in (
        "a", "b", 1, ["a"], ["a", "a"], [1], [], [box()], [box(bottomX=0)], [outline()], [outline(label=1)],
    )),
    jsonl(record([box()]))[:-1] + b"{}\n",
]  # fmt: skip


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_merging_parts_at_any_cuts_says_what_one_pass_says(format_id: str, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(LINES), max_size=12))
    if lines and lines[-1].strip() and data.draw(st.booleans()):
        lines[-1] = lines[-1].rstrip(b"\n")
    cap = data.draw(st.integers(0, 3))
    serial = check_bytes(b"".join(lines), format_id, max_findings=cap)

    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    format_ = TABLE[format_id]
    parts = [
        check_lines(lines[a:b], format_, "documented", cap, at_start=a == 0)
        for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)
    ]
    whole = merged_in_any_grouping(parts, data)
    assert whole.report(lambda: io.BytesIO(b"".join(lines)), "<bytes>", ()) == serial


def merged_in_any_grouping(parts: list[Part], data: st.DataObject) -> Part:
    while len(parts) > 1:
        i = data.draw(st.integers(0, len(parts) - 2))
        parts[i : i + 2] = [parts[i].merge(parts[i + 1])]
    return parts[0]


def test_a_fold_counts_the_lines_of_the_part_before_it() -> None:
    lines = [b"\n", b"\n", jsonl(record([]))]
    format_ = TABLE["azure-od-record"]
    parts = [check_lines([line], format_, "documented", 9, at_start=n == 0) for n, line in enumerate(lines)]
    report = parts[0].merge(parts[1]).merge(parts[2]).report(lambda: io.BytesIO(b"".join(lines)), "a", ())
    assert [(finding.code, finding.line) for finding in report.findings] == [("VF303", 3)]


REPORTS = st.builds(
    lambda lines, file, cap: check_bytes(b"".join(lines), "azure-od-record", file=file, max_findings=cap),
    st.lists(st.sampled_from(LINES), max_size=5),
    st.sampled_from(["a", "b"]),
    st.integers(0, 3),
)


@given(REPORTS, REPORTS, REPORTS)
def test_merging_reports_is_associative(a: Report, b: Report, c: Report) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(REPORTS, REPORTS)
def test_a_merged_report_counts_both(a: Report, b: Report) -> None:
    both = a.merge(b)
    assert (both.lines, both.errors, both.warnings) == (a.lines + b.lines, a.errors + b.errors, a.warnings + b.warnings)
    assert sum(both.counts.values()) == sum(a.counts.values()) + sum(b.counts.values())
    assert both.file == (a.file if a.file == b.file else "")
