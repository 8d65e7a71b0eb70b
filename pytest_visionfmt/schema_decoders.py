"""Our JSON Schema subset to msgspec types: a line decoded straight into what its schema allows.

What these types take, the schema takes; they may refuse more, never less. A schema for which no
types can promise that has no decoder, and what a decoder refuses is for the full check to judge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, NamedTuple

import jsonschema_rs
import msgspec

from pytest_visionfmt.json_quotes import Refused, strings_of
from pytest_visionfmt.schema_nodes import Node, attribute

__all__ = ["REFUSALS", "Decoder", "decoder_of", "type_of"]


REFUSALS = (Refused, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What a decoder raises at a text that is not certain to be clean."""

# Which type a value is of that a schema gives no type, told from what else it says.
_TYPES_OF_FIELDS = (
    ("object", ("properties", "required")),
    ("array", ("items", "min_items", "max_items", "unique_items")),
    ("string", ("pattern", "max_length")),
    ("number", ("minimum", "maximum")),
)
_UNDERSTOOD = {"types", "enum", "default", "examples"}.union(*(names for _, names in _TYPES_OF_FIELDS))
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
_LEAST, _MOST = -(2**63), 2**63 - 1
_EXACT = 2**53  # up to here a double holds every integer
_MOST_REMEMBERED = 4096
_MOST_FOLDERS = 8
_FEW_LINES = 4
_ANY = r"[^\r\n]"
_TIMES = re.compile(r"\{[0-9]+,([0-9]+)\}")
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^]\\])*\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Decoder:
    """How to decode a text of one schema.

    ``decode(text)`` returns the value, its objects as structs with one attribute a key. ``count`` are
    lines of Python that add to ``n`` how many keys and strings ``value`` has, and look at what the
    types leave open; ``plain`` says in them that the text has no escape sequence, ``names`` is what they
    refer to. Both raise ``REFUSALS``.
    """

    decode: Callable[[bytes], Any]
    count: tuple[str, ...]
    names: dict[str, Any]


class _Unsuited(Exception):
    """No types can be made that take nothing but what the schema takes."""


@lru_cache(maxsize=128)
def decoder_of(root: Node) -> Decoder | None:
    """Return the decoder of a schema, None where none would be sound."""
    compiler = _Compiler()
    try:
        compiled = compiler.compile(root, "value")
        decode = msgspec.json.Decoder(compiled.type).decode
    except (_Unsuited, TypeError, ValueError):  # a union or a bound that msgspec does not take
        return None
    return Decoder(decode, (f"n = {compiled.fixed}", *compiled.lines), compiler.names)


def type_of(node: Node) -> Any:
    """Return a type that takes nothing but what the schema takes, None where no type alone can promise that."""
    if any(below.pattern is not None or below.unique_items or below.content for _, below in node.walk()):
        return None
    try:
        return _Compiler().compile(node, "value").type
    except _Unsuited:
        return None


class _Compiled(NamedTuple):
    """The type of a node; how many strings every value of it has; and the lines that count the others."""

    type: Any
    fixed: int = 0
    lines: tuple[str, ...] = ()


class _Compiler:
    """Compiles nodes. ``names`` is what the lines that count refer to."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"UNSET": msgspec.UNSET, "Refused": Refused, "strings_of": strings_of}

    def name(self, stem: str, value: Any = None) -> str:
        """Return a new name for something, or for a variable."""
        name = f"{stem}{len(self.names)}"
        self.names[name] = value
        return name

    def compile(self, node: Node, value: str) -> _Compiled:
        """Compile a node whose value the lines get by the expression ``value``."""
        if any(_differs(node, field.name) for field in fields(node) if field.name not in _UNDERSTOOD):
            raise _Unsuited
        if node.enum is not None:
            return self.choice(node, value)
        kinds = _kinds(node)
        if not kinds:
            return _Compiled(Any, 0, (f"n += strings_of({value})",))
        alternatives = [getattr(self, kind)(node, value) for kind in kinds]
        if len(alternatives) == 1:
            compiled: _Compiled = alternatives[0]
            return compiled
        lines: list[str] = []
        for kind, alternative in zip(kinds, alternatives, strict=True):
            if alternative.fixed or alternative.lines:
                struct = self.name("T", {"string": str, "array": list}.get(kind) or alternative.type)
                lines.append(f"if type({value}) is {struct}:")
                lines += _indented((f"n += {alternative.fixed}", *alternative.lines))
        return _Compiled(_union(*(alternative.type for alternative in alternatives)), 0, tuple(lines))

    def choice(self, node: Node, value: str) -> _Compiled:
        if any(_differs(node, name) for name in _UNDERSTOOD - {"types", "enum", "default", "examples"}):
            raise _Unsuited
        wanted = set(node.types)
        choices = [item for item in node.enum or () if not wanted or _kind(item) in wanted]
        types: list[Any] = [bool] if {True, False} <= {item for item in choices if isinstance(item, bool)} else []
        if literals := tuple(item for item in choices if _kind(item) in ("string", "integer", "null")):
            types.append(Literal[literals])
        if not types:
            raise _Unsuited
        texts = [isinstance(item, str) for item in choices]
        if all(texts):
            return _Compiled(_union(*types), 1)
        lines = (f"if type({value}) is str: n += 1",) if any(texts) else ()
        return _Compiled(_union(*types), 0, lines)

    def null(self, node: Node, value: str) -> _Compiled:
        return _Compiled(None)

    def boolean(self, node: Node, value: str) -> _Compiled:
        return _Compiled(bool)

    def integer(self, node: Node, value: str) -> _Compiled:
        least = _LEAST if node.minimum is None else max(_LEAST, math.ceil(node.minimum))
        most = _MOST if node.maximum is None else min(_MOST, math.floor(node.maximum))
        return _Compiled(Annotated[int, msgspec.Meta(ge=least, le=most)])

    def number(self, node: Node, value: str) -> _Compiled:
        least, most = node.minimum, node.maximum
        type_ = Annotated[float, msgspec.Meta(ge=least, le=most)]
        if least is not None and most is not None and least >= -_EXACT and most <= _EXACT:
            return _Compiled(type_)
        # An integer that is decoded as a double would not be seen to be beyond 64 bits.
        return _Compiled(_union(self.integer(node, value).type, type_))

    def string(self, node: Node, value: str) -> _Compiled:
        type_ = str if node.max_length is None else Annotated[str, msgspec.Meta(max_length=node.max_length)]
        return _Compiled(type_, 1, () if node.pattern is None else self.matched(node.pattern, value))

    def matched(self, pattern: str, value: str) -> tuple[str, ...]:
        """Return the lines that hold a string against a pattern, asking of each kind of string once.

        msgspec would run Python's idea of the pattern on every string; files repeat the same few sizes
        and folders, and it is the checker's own validator that is asked here.
        """
        text, known = self.name("text"), self.name("known", ())
        if most := _open_to(pattern):
            longest, low, high = self.name("longest", 0), self.name("low", ""), self.name("high", "")
            check = self.name("check", self.check_of_folder(pattern, known, longest, low, high))
            # Comparing costs a third of startswith, and what lies between the two is in the folder last found.
            in_folder = f"({low} < {text} < {high} or {text}.startswith({known}) and len({text}) > {longest})"
            # Without an escape sequence no string holds a line end.
            fits = "" if most == math.inf else f" and len({text}) <= {most}"
            is_known = f"{in_folder} and (plain or not ('\\n' in {text} or '\\r' in {text})){fits}"
        else:
            check = self.name("check", self.check_of_whole(pattern, known))
            is_known = f"{text} in {known}"
        return f"{text} = {value}", f"if not ({is_known}): {check}({text})"

    def check_of_whole(self, pattern: str, known: str) -> Callable[[str], None]:
        is_valid = _validity(pattern)
        self.names[known] = remembered = set[str]()

        def check(text: str) -> None:
            if not is_valid(text):
                raise Refused
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            remembered.add(text)

        return check

    def check_of_folder(self, pattern: str, known: str, longest: str, low: str, high: str) -> Callable[[str], None]:
        """Return a check that remembers the folders in which every name has the form of the pattern.

        ``low`` and ``high`` name what the names in the last of them lie between.
        """
        is_valid = _validity(pattern)

        def check(text: str) -> None:
            if not is_valid(text):
                raise Refused
            for slash in re.finditer("/", text):
                folder = text[: slash.end()]
                # The last characters are any but line ends. If one will do there, so will any others.
                if is_valid(f"{folder}x"):
                    folders = (folder, *self.names[known][: _MOST_FOLDERS - 1])
                    after = f"{folder[:-1]}{chr(ord('/') + 1)}"
                    self.names |= {known: folders, longest: max(map(len, folders)), low: folder, high: after}
                    return

        return check

    def array(self, node: Node, value: str) -> _Compiled:
        item = self.name("item")
        items = self.compile(node.items or Node(), item)
        bounds = msgspec.Meta(min_length=node.min_items, max_length=node.max_items)
        listed: Any = Annotated[list[items.type], bounds]  # type: ignore[name-defined]
        lines: list[str] = []
        if node.unique_items:
            if not (node.items and node.items.types and _SCALARS.issuperset(node.items.types)):
                raise _Unsuited
            # Python calls more values equal than JSON does: 1 and true.
            lines.append(f"if len(set({value})) != len({value}): raise Refused")
        if items.fixed:
            lines.append(f"n += {items.fixed} * len({value})")
        if items.lines:
            lines += [f"for {item} in {value}:", *_indented(items.lines)]
        return _Compiled(listed, 0, tuple(lines))

    def object(self, node: Node, value: str) -> _Compiled:
        if not node.properties:
            if node.required:
                raise _Unsuited
            return _Compiled(dict[str, Any], 0, (f"n += strings_of({value})",))
        names = {key: attribute(key) for key in node.properties}
        if len(set(names.values())) != len(names) or not set(node.required) <= set(names):
            raise _Unsuited
        found = {key: self.compile(node.properties[key], f"{value}.{names[key]}") for key in node.required}
        members: list[Any] = [(names[key], compiled.type) for key, compiled in found.items()]
        fixed = sum(1 + compiled.fixed for compiled in found.values())
        lines = [line for compiled in found.values() for line in compiled.lines]
        for key in node.optional:
            variable = self.name("v")
            compiled = self.compile(node.properties[key], variable)
            members.append((names[key], _union(compiled.type, msgspec.UnsetType), msgspec.UNSET))
            lines += [f"{variable} = {value}.{names[key]}", f"if {variable} is not UNSET:"]
            lines += _indented((f"n += {1 + compiled.fixed}", *compiled.lines))
        # gc=False: what was decoded has no cycles, and Python need not look for any.
        options: dict[str, Any] = {"forbid_unknown_fields": True, "gc": False, "frozen": True}
        struct = msgspec.defstruct("Object", members, rename={name: key for key, name in names.items()}, **options)
        if len(lines) > _FEW_LINES and all(map(_is_scalar, node.properties.values())) and value.isidentifier():
            lines = self.remembered(value, lines)
        return _Compiled(struct, fixed, tuple(lines))

    def remembered(self, value: str, lines: list[str]) -> list[str]:
        """Return lines that count a small object only where none like it was counted before.

        A file has few different ones: the images of a camera have one size. Equal objects have as many
        strings, for no string equals anything else.
        """
        if any("plain" in line for line in lines):
            return lines
        counts, count, found = self.name("counts", {}), self.name("count"), self.name("found")
        kept = f"if len({counts}) < {_MOST_REMEMBERED}: {counts}[{value}] = n"
        body = [f"def {count}({value}):", "    n = 0", *_indented((*lines, kept, "return n"))]
        exec("\n".join(body), self.names)
        return [
            f"{found} = {counts}.get({value})",
            f"n += {count}({value}) if {found} is None else {found}",
        ]


def _union(*types: Any) -> Any:
    return reduce(or_, types)


def _is_scalar(node: Node) -> bool:
    return node.enum is not None or (bool(node.types) and _SCALARS.issuperset(node.types))


def _indented(lines: tuple[str, ...]) -> list[str]:
    return [f"    {line}" for line in lines]


def _differs(node: Node, name: str) -> bool:
    """Whether a node says anything by one of its fields."""
    (field,) = (field for field in fields(node) if field.name == name)
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return bool(getattr(node, name) != default)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() if _LEAST <= value <= _MOST:
            return "integer"
        case None:
            return "null"
    return ""


def _kinds(node: Node) -> tuple[str, ...]:
    """Return the types to decode of those that a node allows, none where it allows all.

    Where a number will do, no string and no boolean is decoded, so that rules can compare numbers.
    """
    kinds = node.types or next(
        ((kind,) for kind, names in _TYPES_OF_FIELDS if any(_differs(node, name) for name in names)), ()
    )
    if "number" in kinds:
        return tuple(kind for kind in kinds if kind not in ("integer", "string", "boolean"))
    return kinds


def _validity(pattern: str) -> Callable[[str], bool]:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid


def _open_to(pattern: str) -> float:
    """Return up to which length a text may go on as it likes, line ends apart, once the pattern has matched it.

    So it is where all that a pattern matches ends in any characters but line ends, one or more, or up to
    a number; 0 where it does not.
    """
    if not (pattern.startswith("^") and pattern.endswith("$")) or "(?" in pattern:
        return 0
    tokens = _TOKEN.findall(pattern[1:-1])
    if tokens[:1] == ["("] and tokens[-1] == ")" and len(_alternatives(tokens)) == 1:
        tokens = tokens[1:-1]
    return min(map(_most_at_the_end, _alternatives(tokens)))


def _most_at_the_end(tokens: list[str]) -> float:
    if _ANY not in tokens:
        return 0
    last = len(tokens) - 1 - tokens[::-1].index(_ANY)
    end = "".join(tokens[last + 1 :])
    times = _TIMES.fullmatch(end)
    return math.inf if end == "+" else int(times[1]) if times else 0


def _alternatives(tokens: list[str]) -> list[list[str]]:
    """Split the tokens of a pattern at the bars that stand in no group; none where a group begins before them."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if depth < 0:
            return [[]]
        if token == "|" and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
