"""Write the reference pages from the code: ``python docs/generate.py``.

``python docs/generate.py --check`` writes nothing, names the pages that are out of date, and exits 1
if there are any.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_visionfmt import plugin, strategies
from pytest_visionfmt.__main__ import _parser
from pytest_visionfmt.format import ANY_KIND, ANYWHERE, PROFILES, Format, Rule, Verdict
from pytest_visionfmt.formats import TABLE
from pytest_visionfmt.json_paths import INSIDE, site_of
from pytest_visionfmt.reports.explain import all_rules, judgement_words, verdicts_of

DOCS = Path(__file__).resolve().parent
NOTICE = "<!-- Written by docs/generate.py from the code: do not edit. -->"


def pages() -> dict[str, str]:
    """Return the text of every reference page by its path below ``docs/``."""
    makers: dict[str, Callable[[], Iterable[str]]] = {
        "reference/formats.md": formats_page,
        "reference/rules.md": rules_page,
        "reference/options.md": options_page,
    }
    return {name: "\n".join([NOTICE, "", *maker()]).rstrip() + "\n" for name, maker in makers.items()}


def stale() -> list[str]:
    """Return the pages whose files do not hold what the code says."""
    texts = pages()
    return [name for name in texts if not (file := DOCS / name).exists() or file.read_text("utf-8") != texts[name]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the reference pages from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 naming the stale pages")
    if parser.parse_args().check:
        names = stale()
        for name in names:
            print(f"docs/{name} is out of date: run python docs/generate.py")
        return int(bool(names))
    for name, text in pages().items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


# Markdown.


def code(text: str) -> str:
    """Return text as code that no renderer of tables takes apart."""
    if "|" not in text and "`" not in text:
        return f"`{text}`"
    return "<code>" + re.sub(r"[*_<>&|`\[\]\\]", _entity, text) + "</code>"


def prose(text: str) -> str:
    """Return a sentence with nothing in it that is markup, but code in backticks."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if part.startswith("`") else re.sub("[*<>|]", _entity, part) for part in parts)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table whose cells are Markdown already."""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def listed(words: Iterable[str]) -> str:
    return ", ".join(code(word) for word in words)


# Formats.


def formats_page() -> Iterator[str]:
    yield "# Formats"
    yield ""
    yield "One name everywhere: the format id, the strategy and the schema file. `visionfmt schema FORMAT` prints"
    yield "a schema. [Profiles](../explanation/profiles.md) says what `documented` and `reader` mean."
    yield ""
    rows = [[f"[{f.id}](#{f.id})", unit_words(f), prose(f.title)] for f in TABLE.values()]
    yield from table(("format id", "a file holds", "what it is"), rows)
    for format_ in TABLE.values():
        yield from format_section(format_)


def strategy_of(format_: Format) -> str:
    name = format_.id.replace("-", "_")
    return name if name in strategies.__all__ else ""


def unit_words(format_: Format) -> str:
    return "one record a line" if format_.unit == "jsonl" else "one JSON document"


def format_section(format_: Format) -> Iterator[str]:
    yield f"## {format_.id}"
    yield ""
    yield f"{prose(format_.title)}. {prose(str(format_.schema('documented').get('description', '')))}"
    yield ""
    if strategy := strategy_of(format_):
        yield f"* Strategy: [`{strategy}()`](strategies.md#pytest_visionfmt.{strategy})"
    yield f"* A file holds {unit_words(format_)}."
    for profile in PROFILES:
        name = format_.schemas.get(profile)
        yield f"* Schema, `{profile}` profile: {code(f'schemas/{name}') if isinstance(name, str) else 'the same'}"
    yield f"* Source: {prose(format_.source)}"
    yield f"* Rules: {rule_links(format_.rules)}"
    yield ""
    page = {row[0]: row for row in field_rows(format_.schema("documented"))}
    yield "What the page asks for, the `documented` profile:"
    yield ""
    yield from table(("path", "type", "constraints", "required", "description"), page.values())
    reader = {row[0]: row for row in field_rows(format_.schema("reader"))}
    differing = [row for path, row in reader.items() if page.get(path) != row]
    if differing:
        yield "Where the reader takes other values, the `reader` profile:"
        yield ""
        yield from table(("path", "type", "constraints", "required", "description"), differing)
    if unread := [row for row in page if row not in reader]:
        yield f"The `reader` profile says nothing of {', '.join(unread)}."
        yield ""
    if format_.misspellings:
        meant: dict[str, list[str]] = {}
        for key, right in format_.misspellings.items():
            meant.setdefault(right, []).append(key)
        yield "Keys that are taken for a misspelling, where the right one is absent:"
        yield ""
        yield from table(("key", "misspellings"), [[code(key), listed(keys)] for key, keys in meant.items()])


def rule_links(rules: Iterable[Rule]) -> str:
    ordered = sorted(rules, key=lambda rule: rule.code)
    return ", ".join(f"[{rule.code}](rules.md#{anchor(rule)})" for rule in ordered)


def field_rows(schema: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a row for every place of a schema below its root."""
    yield from _fields(schema, schema, "$", required=True)


def _fields(node: Any, root: Mapping[str, Any], site: str, *, required: bool) -> Iterator[tuple[str, ...]]:
    if "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    types = node.get("type", ())
    names = [types] if isinstance(types, str) else list(types)
    words = " or ".join(names) or ("one of a list" if "enum" in node else "any")
    need = "" if site == "$" or site.endswith("[*]") else "yes" if required else "no"
    yield code(site), words, constraints(node), need, prose(str(node.get("description", "")))
    for key, child in node.get("properties", {}).items():
        yield from _fields(child, root, f"{site}{site_of((key,))[1:]}", required=key in node.get("required", ()))
    if "items" in node:
        yield from _fields(node["items"], root, f"{site}[*]", required=True)
    if "contentSchema" in node:
        yield from _fields(node["contentSchema"], root, f"{site}{INSIDE.value}", required=True)


def constraints(node: Mapping[str, Any]) -> str:
    parts = []
    if "enum" in node:
        parts.append(f"one of {listed(json.dumps(value) for value in node['enum'])}")
    if "minimum" in node:
        parts.append(f"at least {node['minimum']}")
    if "maximum" in node:
        parts.append(f"at most {node['maximum']}")
    if "minItems" in node:
        parts.append(f"at least {node['minItems']} items")
    if "maxItems" in node:
        parts.append(f"at most {node['maxItems']} items")
    if node.get("uniqueItems"):
        parts.append("no item twice")
    if "maxLength" in node:
        parts.append(f"at most {node['maxLength']} characters")
    if "pattern" in node:
        parts.append(f"strings match {code(node['pattern'])}")
    if "default" in node:
        parts.append(f"default {code(json.dumps(node['default']))}")
    return "; ".join(parts)


# Rules.

GROUPS = {
    "VF0": "Files, encoding and JSON",
    "VF1": "Training records",
    "VF2": "Images",
    "VF3": "Whole files",
    "VF4": "Requests and responses",
    "VF5": "Rekognition manifests",
    "VF6": "Schema keywords",
}


def anchor(rule: Rule) -> str:
    return f"{rule.code} {rule.name}".lower().replace(" ", "-")


def rules_page() -> Iterator[str]:
    rules = list(all_rules().values())
    yield "# Rules"
    yield ""
    yield "A code never changes its meaning. `visionfmt explain CODE` prints what stands here."
    yield "[Evidence](../explanation/evidence.md) says what the words in brackets mean."
    yield ""
    for group, title in GROUPS.items():
        members = [rule for rule in rules if rule.code.startswith(group)]
        if members:
            yield f"**{group}xx: {title}**"
            yield ""
            rows = [[f"[{rule.code}](#{anchor(rule)})", code(rule.name), prose(rule.title)] for rule in members]
            yield from table(("code", "name", "broken when"), rows)
    for rule in rules:
        yield from rule_section(rule)


def rule_section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.code} {rule.name}"
    yield ""
    yield prose(rule.title)
    yield ""
    yield f"Source: {prose(rule.source)}"
    yield ""
    rows = []
    for site, kind, verdict, formats in verdicts_of(rule):
        where = "anywhere" if site == ANYWHERE else code(site)
        what = "any" if kind == ANY_KIND else code(kind)
        names = "all" if len(formats) == len(TABLE) else ", ".join(f.id for f in formats)
        rows.append([where, what, names, *verdict_cells(verdict)])
    if rows:
        yield from table(("where", "kind of value", "formats", "documented", "reader"), rows)
    else:
        yield from table(("where", "documented", "reader"), [["anywhere", *verdict_cells(rule.verdict)]])
    if why := sorted({verdict.why for _, _, verdict, _ in verdicts_of(rule) if verdict.why}):
        yield from (f"The message adds: {prose(words)}." for words in why)
        yield ""


def verdict_cells(verdict: Verdict) -> list[str]:
    cells = [prose(judgement_words(verdict.of(profile))) for profile in PROFILES]
    if verdict.taken:
        cells[0] += f"; what the schema of `reader` takes: {prose(judgement_words(verdict.taken))}"
    return cells


# Options.


@dataclasses.dataclass
class PluginOptions:
    """Stands in for pytest's parser: keeps what the plugin adds."""

    options: list[tuple[tuple[str, ...], dict[str, Any]]] = dataclasses.field(default_factory=list)
    keys: list[tuple[str, str, str, Any]] = dataclasses.field(default_factory=list)

    def getgroup(self, name: str, description: str = "") -> PluginOptions:
        return self

    def addoption(self, *names: str, **rest: Any) -> None:
        self.options.append((names, rest))

    def addini(self, name: str, help: str, type: str = "string", default: Any = "") -> None:  # noqa: A002 -- pytest's own
        self.keys.append((name, help, type, default))


def options_page() -> Iterator[str]:
    added: Any = PluginOptions()
    plugin.pytest_addoption(added)
    twins = {name for name, *_ in added.keys}
    yield "# Options"
    yield ""
    yield "## pytest options"
    yield ""
    yield "An option that is not given takes the value of its ini key."
    yield ""
    rows = []
    for names, rest in added.options:
        metavar = f" {rest['metavar']}" if "metavar" in rest else ""
        twin = names[-1].removeprefix("--").replace("-", "_")
        rows.append([listed(f"{name}{metavar}" for name in names), prose(rest["help"]), code(twin)])
        assert twin in twins, f"{names[-1]} has no ini key {twin}"
    yield from table(("option", "what it does", "default: the ini key"), rows)
    yield "## ini keys"
    yield ""
    yield "They stand in the pytest section of `pyproject.toml`, `pytest.ini`, `tox.ini` or `setup.cfg`."
    yield ""
    keys = [[code(name), type_, prose(help_), default_words(value)] for name, help_, type_, value in added.keys]
    yield from table(("key", "type", "what it does", "default"), keys)
    yield from command_line()


def default_words(value: Any) -> str:
    return "empty" if value == [] else code(str(value).lower() if isinstance(value, bool) else str(value))


def command_line() -> Iterator[str]:
    parser = _parser()
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    yield "## visionfmt"
    yield ""
    yield f"{parser.description} `visionfmt` and each of its commands have `-h`, `--help`."
    yield "Exit codes: 0 where nothing fails, 1 where a file fails, 2 where the call is wrong."
    yield ""
    yield from argument_table(parser)
    summaries = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    for name, command in commands.choices.items():
        yield f"### visionfmt {name}"
        yield ""
        summary = summaries[name]
        yield f"{summary[:1].upper()}{summary[1:]}."
        yield ""
        yield from argument_table(command)


def argument_table(parser: argparse.ArgumentParser) -> Iterator[str]:
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        value = str(action.metavar or (f"{{{','.join(action.choices)}}}" if action.choices else action.dest.upper()))
        takes_value = action.nargs != 0
        names = [f"{name} {value}" if takes_value else name for name in action.option_strings] or [value]
        help_ = re.sub(r" \(default: .*?\)$", "", action.help or "")
        has_default = takes_value and action.option_strings and action.default is not None
        rows.append([listed(names), prose(help_), code(str(action.default)) if has_default else ""])
    if rows:
        yield from table(("argument", "what it does", "default"), rows)


if __name__ == "__main__":
    sys.exit(main())
