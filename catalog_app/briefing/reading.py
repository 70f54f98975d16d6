"""A brief as people write it, `comprehensive_plan.md`, read into wishes, vetoes and conditions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog_app.briefing.blocks import Aside, Block, Heading, Listing, Paragraph, Table, read_blocks
from catalog_app.briefing.gathering import Gathering
from catalog_app.briefing.grounds import Ground, bare_heading, ground_beside, ground_of
from catalog_app.briefing.lists import (
    Scope,
    introduce,
    looks_like_points,
    points_of,
    read_points,
    read_table_rows,
)
from catalog_app.briefing.sayings import (
    MAX_QUOTE_LENGTH,
    SayingKind,
    is_demand,
    is_feature_sentence,
    understand_point,
    understand_sentence,
)
from catalog_app.briefing.sentences import split_sentences
from catalog_app.briefing.sources import prepare
from catalog_app.briefing.types import Brief, Place
from catalog_app.briefing.words import HAS_WORD, count_words, normalise, tidy

_MOST_LEAD_WORDS = 20
_MOST_NAME_WORDS = 10
_FEATURE_GROUNDS = (Ground.OPEN, Ground.FEATURES, Ground.SHOULD, Ground.VETOES)


@dataclass(slots=True)
class _Section:
    """What stands under one heading, up to the next of any level."""

    heading: Heading | None
    scope: Scope
    blocks: list[Block]
    names_ground: bool
    """Whether the heading says what its points are, as "Features" does."""
    has_parts: bool = False


def read_text(text: str) -> Brief:
    """Everything that the text asks for, with its places; what asks for nothing is a leftover.

    Any text is read, also one that is not markdown. Time is linear in its length; what is over the bounds
    (`sources.MAX_CHARACTERS`, `gathering.MAX_WISHES`) becomes leftovers.
    """
    source = prepare(text)
    blocks, unread = read_blocks(source.text)
    gathering = Gathering(source.title, source.summary, source.project_type)
    gathering.constraints += source.constraints
    gathering.leftovers += [*source.leftovers, *unread]
    for section in _sections(blocks, gathering):
        _read_section(section, gathering)
    if not gathering.wishes and gathering.summary and not source.summary:
        _read_summary_as_wishes(gathering)
    brief = gathering.finish()
    return replace(brief, leftovers=tuple(sorted(brief.leftovers, key=lambda leftover: leftover.place.line)))


def _sections(blocks: Sequence[Block], gathering: Gathering) -> list[_Section]:
    """Splits at headings. The first heading of level 1 is the title, unless it says what its points are."""
    above: list[tuple[int, str, Ground]] = []
    current = _Section(None, Scope(), [], names_ground=False)
    sections = [current]
    has_title = False
    for block in blocks:
        if not isinstance(block, Heading):
            current.blocks.append(block)
            continue
        text = tidy(block.text)
        named = ground_of(text)
        if not has_title and block.level == 1 and named is None and HAS_WORD.search(text):
            has_title = True
            if gathering.title and normalise(gathering.title) != normalise(text):
                gathering.leave(text, "a second title", Place(block.line))
            gathering.title = gathering.title or text
            above = []
            current = _Section(None, Scope(), [], names_ground=False)
        else:
            while above and above[-1][0] >= block.level:
                above.pop()
            inherited = above[-1][2] if above else Ground.OPEN
            if inherited.is_wanted and named and not named.is_within_wanted:
                named = None
            if above:
                _mark_parent(sections, above, block.level)
            own = named or ground_beside(text)
            ground = own or (Ground.OPEN if inherited is Ground.SUMMARY else inherited)
            above.append((block.level, text, ground))
            scope = Scope(tuple(name for _, name, _ in above), ground)
            current = _Section(block, scope, [], names_ground=named is not None)
        sections.append(current)
    return sections


def _mark_parent(sections: Sequence[_Section], above: Sequence[tuple[int, str, Ground]], level: int) -> None:
    for section in reversed(sections):
        if section.heading is None or section.heading.level < level:
            section.has_parts = section.heading is not None and bool(above)
            return


def _read_section(section: _Section, gathering: Gathering) -> None:
    if section.heading and not section.names_ground and not section.has_parts:
        if not section.blocks:
            _read_bare_heading(section, section.heading, gathering)
            return
        if _is_feature(section):
            _read_feature(section, section.heading, gathering)
            return
    blocks = section.blocks
    scope = section.scope
    if section.heading:
        gathering.headings.append((scope.section[-1], scope.outer().place(section.heading.line)))
    for index, block in enumerate(blocks):
        follower = blocks[index + 1] if index + 1 < len(blocks) else None
        match block:
            case Paragraph():
                scope = _read_paragraph(block, follower, section.scope, gathering)
            case Listing():
                read_points(points_of(block), scope, gathering)
            case Table():
                read_table_rows(block, scope, gathering)
            case Aside():
                gathering.leave(block.text, block.why, scope.place(block.line))
            case Heading():
                gathering.leave(tidy(block.text), "a heading within a list", scope.place(block.line))


def _read_bare_heading(section: _Section, heading: Heading, gathering: Gathering) -> None:
    """Nothing stands under it: among features it is one."""
    text = bare_heading(heading.text)
    place = section.scope.outer().place(heading.line)
    if section.scope.ground in (Ground.FEATURES, Ground.SHOULD, Ground.VETOES) and HAS_WORD.search(text):
        gathering.take(understand_point(text, section.scope.ground), place, section.scope.strength)
    else:
        gathering.leave(tidy(heading.text), "a heading with nothing below it", place)


def _is_feature(section: _Section) -> bool:
    """Whether the heading names a feature that the text below it describes."""
    paragraphs = [
        block for block in section.blocks if isinstance(block, Paragraph) and HAS_WORD.search(block.text)
    ]
    if (
        section.scope.ground not in _FEATURE_GROUNDS
        or not paragraphs
        or not all(isinstance(block, Paragraph | Aside) for block in section.blocks)
        or any(looks_like_points(block.text) or block.is_strong for block in paragraphs)
        or count_words(section.scope.section[-1]) > _MOST_NAME_WORDS
    ):
        return False
    if section.scope.ground is not Ground.OPEN:
        return True
    return any(
        is_feature_sentence(sentence) for block in paragraphs for _, sentence in split_sentences(block.text)
    )


def _read_feature(section: _Section, heading: Heading, gathering: Gathering) -> None:
    """One wish of the heading and its first sentence. Further sentences that ask for something are wishes of
    their own, the others conditions of this one."""
    name = bare_heading(heading.text)
    scope = section.scope
    place = scope.outer().place(heading.line)
    sentences = [
        (block.line + line, sentence)
        for block in section.blocks
        if isinstance(block, Paragraph)
        for line, sentence in split_sentences(block.text)
    ]
    if scope.ground is Ground.VETOES:
        gathering.take(understand_point(name, scope.ground), place)
        for line, sentence in sentences:
            gathering.leave(sentence, "said about what is not wanted", scope.place(line))
    else:
        first = understand_sentence(sentences[0][1], Ground.OPEN)
        if sum(saying.kind is SayingKind.WISH for saying in first) > 1:
            _read_details(sentences, None, scope, gathering)
            _leave_asides(section, gathering)
            return
        says_it = all(saying.kind in (SayingKind.WISH, SayingKind.NOTHING) for saying in first)
        quote = f"{name}: {sentences[0][1]}" if says_it else name
        if len(quote) > MAX_QUOTE_LENGTH:
            quote, says_it = name, False
        sayings = understand_point(name, scope.ground)
        index = None
        if len(sayings) == 1 and sayings[0].kind is SayingKind.WISH:
            strength = sayings[0].strength or next(
                (saying.strength for saying in first if saying.strength), None
            )
            quote = quote.replace(name, sayings[0].text, 1)
            index = gathering.take(
                (replace(sayings[0], text=quote, strength=strength),), place, scope.strength
            )
        else:
            says_it = False
            gathering.take(sayings, place, scope.strength)
        _read_details(sentences[1:] if says_it else sentences, index, scope, gathering)
    _leave_asides(section, gathering)


def _leave_asides(section: _Section, gathering: Gathering) -> None:
    for block in section.blocks:
        if isinstance(block, Aside):
            gathering.leave(block.text, block.why, section.scope.place(block.line))


def _read_details(
    sentences: Sequence[tuple[int, str]], index: int | None, scope: Scope, gathering: Gathering
) -> None:
    for line, sentence in sentences:
        sayings = understand_sentence(sentence, Ground.OPEN)
        kinds = {saying.kind for saying in sayings}
        if (
            index is not None
            and kinds <= {SayingKind.NOTHING, SayingKind.LIMIT}
            and len(sentence) <= MAX_QUOTE_LENGTH
        ):
            gathering.add_details(index, (sentence,))
        else:
            gathering.take(sayings, scope.place(line), scope.strength)


def _read_paragraph(block: Paragraph, follower: "Block | None", scope: Scope, gathering: Gathering) -> Scope:
    """Reads it, and gives the scope of the list or table after it, which its last sentence may introduce."""
    text = block.text
    if block.is_strong or text.rstrip().endswith(":"):
        sentences = list(split_sentences(text))
        line, lead = sentences[-1] if sentences else (0, "")
        is_lead = bool(lead) and count_words(lead) <= _MOST_LEAD_WORDS
        if (
            is_lead
            and isinstance(follower, Listing | Table | Paragraph)
            and (block.is_strong or not isinstance(follower, Paragraph))
        ):
            for earlier, sentence in sentences[:-1]:
                _read_sentence(sentence, block.line + earlier, scope, gathering)
            return introduce(lead, block.line + line, scope, gathering)
    if looks_like_points(text):
        read_points(points_of(block), scope, gathering)
        return scope
    is_start = not scope.section or scope.ground is Ground.SUMMARY
    if is_start and not gathering.summary and not gathering.wishes:
        _read_summary(block, scope, gathering)
        return scope
    for line, sentence in split_sentences(text):
        _read_sentence(sentence, block.line + line, scope, gathering)
    return scope


def _read_sentence(sentence: str, line: int, scope: Scope, gathering: Gathering) -> None:
    gathering.take(understand_sentence(sentence, scope.ground), scope.place(line), scope.strength)


def _read_summary(block: Paragraph, scope: Scope, gathering: Gathering) -> None:
    """The first paragraph is the summary. What it asks for beyond the application itself counts too."""
    kept: list[str] = []
    length = 0
    for line, sentence in split_sentences(block.text):
        sayings = understand_sentence(sentence, scope.ground)
        place = scope.place(block.line + line)
        if all(saying.kind is SayingKind.PROJECT_TYPE for saying in sayings) or (
            not kept and len(sayings) == 1 and sayings[0].why == Ground.PAPERWORK.why_nothing
        ):
            gathering.take(sayings, place)
            continue
        length += len(sentence) + 1
        if length > MAX_QUOTE_LENGTH:
            gathering.take(sayings, place, scope.strength)
            continue
        kept.append(sentence)
        told = [
            saying
            for saying in sayings
            if saying.kind is not SayingKind.NOTHING
            and (saying.kind is not SayingKind.WISH or is_demand(sentence))
        ]
        gathering.take(told, place, scope.strength)
    gathering.summary = " ".join(kept)
    if kept:
        gathering.summary_place = scope.place(block.line)


def _read_summary_as_wishes(gathering: Gathering) -> None:
    """A text of a single paragraph asks for what it says."""
    for _, sentence in split_sentences(gathering.summary):
        sayings = [
            saying for saying in understand_point(sentence, Ground.OPEN) if saying.kind is SayingKind.WISH
        ]
        gathering.take(sayings, gathering.summary_place)
