"""SPDX-License-Identifier lines at the head of source files, and what package files declare."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog_app.licensing import parse_license
from catalog_app.verification.combining import together

HEADER_LINES: Final = 40
_HEADER_BYTES = 8_000
_HEADER = re.compile(
    r"(?i)SPDX-License-Identifier:[ \t]*(?P<expression>[^\r\n]*?)[ \t]*(?:\*/|-->|#\}|%>|\*\))?[ \t]*$",
    re.MULTILINE,
)
# What a program that writes headers says about them.
_QUOTED = re.compile(r"""["'`]\s*[,)\]]*\s*$""")

_EXTENSIONS = (
    "adb ads asm astro bash bat c cc cfg cjs clj cljs cmake cpp cs css cu cxx d dart el elm erl ex exs f90 "
    "fish fs go gradle graphql groovy h hh hpp hrl hs html java jl js jsx kt kts less lua m mjs ml mli mm "
    "nim nix pas php pl pm proto ps1 py pyi pyx r rb rs s sass scala scm scss sh sol sql sv svelte swift "
    "tcl tf toml ts tsx v vb vhd vue xml yaml yml zig zsh"
)
SOURCE_EXTENSIONS: Final = frozenset(_EXTENSIONS.split())


@dataclass(frozen=True, slots=True)
class Header:
    """`expression` is empty if what stands there is no SPDX expression."""

    expression: str
    written: str
    line: int


def find_header(text: str) -> Header | None:
    """What the licence identifiers within the head of a file say: several hold all at once (REUSE 3)."""
    head = "\n".join(text[:_HEADER_BYTES].splitlines()[:HEADER_LINES])
    written: dict[str, int] = {}
    for match in _HEADER.finditer(head):
        said = match["expression"].strip()
        if said and not _QUOTED.search(said):
            written.setdefault(said, head.count("\n", 0, match.start()) + 1)
    if not written:
        return None
    expression = together(parse_license(said).expression for said in written)
    return Header(expression, " AND ".join(written)[:200], min(written.values()))


def find_declaration(name: str, text: str) -> str:
    """The licence that a package file declares, as it is written there; empty if it declares none that can
    be read."""
    try:
        match name:
            case "pyproject.toml":
                return _of_pyproject(tomllib.loads(text))
            case "Cargo.toml":
                return _text(_table(tomllib.loads(text), "package").get("license"))
            case "package.json" | "composer.json":
                return _of_json(json.loads(text))
            case _:
                return ""
    except (ValueError, RecursionError):
        # Not TOML, not JSON, or nested without end.
        return ""


PACKAGE_FILES: Final = ("pyproject.toml", "package.json", "Cargo.toml", "composer.json")


def _of_pyproject(document: Mapping[str, Any]) -> str:
    project = _table(document, "project")
    declared = project.get("license")
    if isinstance(declared, dict):
        declared = declared.get("text")
    poetry = _table(_table(document, "tool"), "poetry").get("license")
    if text := _text(declared) or _text(poetry):
        return text
    classifiers = project.get("classifiers")
    for classifier in classifiers if isinstance(classifiers, list) else []:
        if isinstance(classifier, str) and classifier.startswith("License :: OSI Approved :: "):
            return classifier.rpartition(" :: ")[2]
    return ""


def _of_json(document: object) -> str:
    if not isinstance(document, dict):
        return ""
    declared = document.get("license")
    if isinstance(declared, dict):
        declared = declared.get("type")
    if isinstance(declared, list):
        return " OR ".join(filter(None, map(_text, declared)))
    return _text(declared)


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= 200 and "\n" not in text else ""
