"""The text of a paragraph without its marks. Pure."""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKS = re.compile(r"[*_`\[!<&\\~]")
_MOST_READ = 8_000
"""A paragraph of more characters is taken as it is written: marks within marks take time to sort out."""
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


@dataclass(frozen=True, slots=True)
class InlineAside:
    """`line` counts from the start of the paragraph, from 0."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class InlineText:
    text: str
    asides: tuple[InlineAside, ...] = ()
    is_strong: bool = False


def read_inline(content: str, references: dict[str, object]) -> InlineText:
    """What a reader sees. Targets of links, pictures and what is struck out are kept aside. `references` is
    what the parser of blocks found out about addresses."""
    if len(content) > _MOST_READ or not _MARKS.search(content):
        return InlineText(content)
    children = _PARSER.parseInline(content, references)[0].children or []
    parts: list[str] = []
    asides: list[InlineAside] = []
    struck: list[str] | None = None
    line = 0
    for token in children:
        match token.type:
            case "softbreak" | "hardbreak":
                (parts if struck is None else struck).append("\n")
                line += 1
            case "link_open":
                target = str(token.attrs.get("href", ""))
                if target and token.info != "auto":
                    asides.append(InlineAside(line, target, "the address of a link"))
            case "image":
                said = " ".join(filter(None, (token.content, str(token.attrs.get("src", "")))))
                asides.append(InlineAside(line, said, "a picture"))
            case "s_open":
                struck = struck or []
            case "s_close":
                asides.append(InlineAside(line, "".join(struck or []), "struck out"))
                struck = None
            case _:
                (parts if struck is None else struck).append(token.content)
    return InlineText("".join(parts), tuple(asides), _is_strong(children))


def _is_strong(tokens: list[Token]) -> bool:
    shown = [token for token in tokens if token.type != "text" or token.content.strip(" :")]
    return (
        len(shown) > 2
        and shown[0].type == "strong_open"
        and shown[-1].type == "strong_close"
        and sum(token.type == "strong_open" for token in shown) == 1
    )
