"""Why a feature was found, in texts of its own."""

from catalog_app.lookup.index import CatalogIndex
from catalog_app.lookup.results import Evidence, LookupPart
from catalog_app.lookup.scoring import Fit, Ranking
from catalog_app.lookup.texts import FeatureTexts, join_terms
from catalog_app.lookup.words import stems_of, words_by_stem

_SHOWN_WORDS = 6


def describe_evidence(
    index: CatalogIndex, part: LookupPart, fit: Fit, ranking: Ranking
) -> tuple[Evidence, ...]:
    """What of the feature matches, strongest first."""
    texts = index.feature(fit.slot).texts
    found = [*_names(texts, part, fit, ranking)]
    if fit.phrase_index >= 0:
        found.append(Evidence("phrase", texts.phrases[fit.phrase_index], round(fit.phrase, 4)))
    if ranking.has_vectors and texts.description:
        found.append(Evidence("description", texts.description, round(fit.whole, 4)))
    if words := _common_words(index, part.quote, fit):
        found.append(Evidence("words", words, round(fit.words, 4)))
    if ranking.has_terms and (words := _common_words(index, join_terms(part.terms), fit)):
        found.append(Evidence("terms", words, round(fit.term_words, 4)))
    return tuple(sorted(found, key=lambda evidence: (-evidence.score, evidence.kind)))


def describe_instead(texts: FeatureTexts) -> str:
    """When to take this feature instead of the first one."""
    said = texts.description or ", ".join(texts.aliases)
    return f"Pick {texts.title} instead when this is meant: {said}" if said else ""


def _names(texts: FeatureTexts, part: LookupPart, fit: Fit, ranking: Ranking) -> list[Evidence]:
    """A name that a term is, word for word; else how near the terms are to all names."""
    wanted = {frozenset(stems_of(term)) for term in part.terms} - {frozenset()}
    if frozenset(stems_of(texts.title)) in wanted:
        return [Evidence("title", texts.title, 1.0)]
    for alias in texts.aliases:
        if frozenset(stems_of(alias)) in wanted:
            return [Evidence("alias", alias, 1.0)]
    if ranking.has_terms and ranking.has_vectors:
        return [Evidence("title", texts.names, round(fit.term_names, 4))]
    return []


def _common_words(index: CatalogIndex, text: str, fit: Fit) -> str:
    """Words of the request that the feature has in some form, the rarest first."""
    said = words_by_stem(text).items()
    common = [(stem, word) for stem, word in said if index.words.has(stem, fit.slot)]
    common.sort(key=lambda pair: (-index.words.weigh(pair[0]), pair[1]))
    return ", ".join(word for _, word in common[:_SHOWN_WORDS])
