"""The documentation: generated pages are what the code says, every page is in the navigation, every code exists."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

import pytest_visionfmt
from pytest_visionfmt.reports.explain import all_rules

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GENERATE = runpy.run_path(str(DOCS / "generate.py"))
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_the_generated_pages_are_what_the_code_says() -> None:
    assert GENERATE["stale"]() == [], "run python docs/generate.py"


def test_check_names_a_page_that_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = GENERATE["pages"]()
    for name, text in pages.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setitem(GENERATE["stale"].__globals__, "DOCS", tmp_path)
    assert GENERATE["stale"]() == []
    (tmp_path / "reference/rules.md").write_text("old", encoding="utf-8")
    assert GENERATE["stale"]() == ["reference/rules.md"]


def test_every_page_is_in_the_navigation_once() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    assert sorted(re.findall(r": (\S+\.md)$", nav, re.MULTILINE)) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_every_code_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"\bVF[0-9]{3}\b", (DOCS / page).read_text(encoding="utf-8")))
    assert named <= all_rules().keys()


@pytest.mark.parametrize("name", pytest_visionfmt.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    text = "".join((DOCS / "reference" / page).read_text(encoding="utf-8") for page in ("api.md", "strategies.md"))
    assert f"::: pytest_visionfmt.{name}\n" in text or re.search(rf"^### .*\b{name}\b", text, re.MULTILINE)


def test_every_rule_has_its_anchor() -> None:
    headings = re.findall(r"^## (.+)$", (DOCS / "reference/rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [f"{rule.code} {rule.name}" for rule in all_rules().values()]


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_backticks_behind_a_code_is_its_rule(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    wrong = [
        f"{code} {name}"
        for code, name in re.findall(r"\b(VF[0-9]{3}) `([a-z0-9-]+)`", text)
        if all_rules()[code].name != name
    ]
    assert wrong == []
