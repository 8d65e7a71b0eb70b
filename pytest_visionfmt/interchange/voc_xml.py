"""XML of PASCAL VOC annotations to plain values and back, without what makes XML dangerous."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

__all__ = ["BadXml", "parse", "write"]

_LISTS = ("object",)
_DEEPEST = 32


class BadXml(ValueError):
    """The text is no XML, or XML with a document type: entities may stand for gigabytes, or for files."""


def parse(text: str | bytes) -> tuple[str, Any]:
    """Return the name of the root element, and its content.

    An element with elements is a dict, any other its text; ``object`` is always a list, and so is
    whatever stands twice. Attributes, comments and the text between elements are passed over.
    """
    parser = expat.ParserCreate()
    root: list[tuple[str, Any]] = []
    stack: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) >= _DEEPEST:
            raise BadXml(f"elements are nested over {_DEEPEST} deep")
        stack.append((name, {}, []))

    def end(name: str) -> None:
        _, children, texts = stack.pop()
        value: Any = children or "".join(texts).strip()
        if not stack:
            root.append((name, value))
            return
        parent = stack[-1][1]
        if name in _LISTS:
            parent.setdefault(name, []).append(value)
        elif name in parent:
            known = parent[name]
            parent[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            parent[name] = value

    def text_of(data: str) -> None:
        stack[-1][2].append(data)

    def refuse(*_: Any) -> None:
        raise BadXml("a document type stands before the annotation; it may hold anything")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text_of, refuse
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise BadXml(f"no XML: {error}") from None
    return root[0]


def write(name: str, value: Any, indent: str = "") -> str:
    """Return an element as text, with a newline behind it; what ``parse`` returns is written as it was."""
    if isinstance(value, list):
        return "".join(write(name, item, indent) for item in value)
    if isinstance(value, dict):
        inner = "".join(write(key, item, f"{indent}\t") for key, item in value.items())
        return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"
    return f"{indent}<{name}>{escape(str(value))}</{name}>\n"
