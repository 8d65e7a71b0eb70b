"""The rules that every format has: of files and their JSON (VF0xx), and of schema keywords (VF6xx)."""

from __future__ import annotations

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Judgement, Parsed, Rule, Schema, Verdict

__all__ = ["BLANK_LINE", "BYTE_ORDER_MARK", "JSON_RULES", "MISSING_KEY", "SCHEMA_RULES"]

MISSING_KEY = "VF601"

_UNKNOWN = Judgement(Severity.ERROR, Reaction.UNKNOWN, Evidence.DOCUMENTED)
_ERROR = Verdict(_UNKNOWN, _UNKNOWN)
_NO_FILE = Judgement(Severity.ERROR, Reaction.LOAD_FAILS, Evidence.INFERRED, "nothing of it can be checked")
_NEWLINE = Judgement(
    Severity.WARNING,
    Reaction.ACCEPTED,
    Evidence.RUN,
    "accepted as it is; appended to with `cat`, the file loses a record: two would share a line",
)
_NOT_JSON = Judgement(Severity.ERROR, Reaction.UNKNOWN, Evidence.DOCUMENTED, "no JSON file can hold it")
_JSON = "RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format"
_LINES = "JSON Lines, https://jsonlines.org"
_SCHEMA = "the format's JSON Schema"


def _parsed(code: str, name: str, title: str, source: str, verdict: Verdict = _ERROR) -> Rule:
    return Rule(code, name, title, source, verdict, Parsed(name))


JSON_RULES = (
    _parsed("VF001", "unreadable-file", "The file cannot be opened or read.", "the operating system",
            Verdict(_NO_FILE, _NO_FILE)),
    _parsed("VF002", "unknown-format", "The file was named or mapped, and shows the keys of no known format.",
            "the table of formats", Verdict(_NO_FILE, _NO_FILE)),
    _parsed("VF003", "wrong-encoding", "The file is UTF-16 or UTF-32 rather than UTF-8.", f"{_JSON}, section 8.1"),
    _parsed("VF004", "invalid-utf8", "A line holds bytes that are not UTF-8.", f"{_JSON}, section 8.1"),
    _parsed("VF005", "no-record", "The file holds no record at all.", _LINES),
    _parsed("VF006", "missing-final-newline", "The last line does not end in a newline.", _LINES,
            Verdict(_NEWLINE, _NEWLINE)),
    _parsed("VF007", "pretty-printed", "A value is spread over several lines of a JSON Lines file.", _LINES),
    _parsed("VF008", "several-values", "A line goes on after its record: another record, or anything else.", _LINES),
    _parsed("VF010", "invalid-json", "The text is not JSON.", _JSON),
    _parsed("VF011", "duplicate-key", "One object has the same key twice.", f"{_JSON}, section 4"),
    _parsed("VF012", "not-a-number", "NaN or Infinity stands for a number.", f"{_JSON}, section 6"),
    _parsed("VF013", "number-too-large", "A number is beyond the largest double.", f"{_JSON}, section 6"),
    _parsed("VF014", "integer-too-large", "An integer does not fit a signed 64-bit integer.", f"{_JSON}, section 6"),
    _parsed("VF015", "lone-surrogate", "A string holds half of a surrogate pair.", f"{_JSON}, section 8.2"),
    _parsed("VF016", "control-character", "A string holds a raw control character.", f"{_JSON}, section 7"),
    _parsed("VF017", "nested-too-deep", "Lists and objects are nested over 127 deep.", f"{_JSON}, section 9"),
    _parsed("VF018", "not-json", "A Python value holds something that JSON has not.", _JSON,
            Verdict(_NOT_JSON, _NOT_JSON)),
)  # fmt: skip

# Harmless to some services and not to others, so these are for the formats that name them.
BYTE_ORDER_MARK = _parsed("VF009", "byte-order-mark", "The file begins with a byte order mark.", _JSON)
BLANK_LINE = _parsed("VF019", "blank-line", "A line of a JSON Lines file holds no record.", _LINES)


def _schema(code: str, name: str, title: str, keyword: str) -> Rule:
    return Rule(code, name, title, _SCHEMA, _ERROR, Schema(keyword))


_UNKNOWN_KEY = Verdict(
    Judgement(Severity.WARNING, Reaction.ACCEPTED, Evidence.INFERRED, "not a documented key"),
    None,
)

SCHEMA_RULES = (
    _schema(MISSING_KEY, "missing-key", "A required key is missing.", "required"),
    _schema("VF602", "wrong-type", "A value has another type than the documented ones.", "type"),
    _schema("VF603", "not-allowed", "A value is not one of those allowed.", "enum"),
    _schema("VF604", "wrong-form", "A string does not have the documented form.", "pattern"),
    _schema("VF605", "below-minimum", "A number is smaller than the smallest allowed.", "minimum"),
    _schema("VF606", "above-maximum", "A number is larger than the largest allowed.", "maximum"),
    _schema("VF607", "too-few-items", "A list is shorter than the shortest allowed.", "minItems"),
    _schema("VF608", "too-many-items", "A list is longer than the longest allowed.", "maxItems"),
    _schema("VF609", "too-long", "A string is longer than the longest allowed.", "maxLength"),
    _schema("VF610", "repeated-item", "A list holds the same item twice.", "uniqueItems"),
    Rule("VF612", "unknown-key", "An object has a key that is not documented.", _SCHEMA, _UNKNOWN_KEY,
         Schema("properties")),
    _schema("VF613", "misspelt-key", "A key is a near miss of a documented key that is absent.", "misspelt"),
)  # fmt: skip
