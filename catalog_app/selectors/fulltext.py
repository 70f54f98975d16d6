"""What PostgreSQL's own full text search finds: what lookup is compared with, and used for nothing else."""

from collections.abc import Mapping, Sequence
from math import log

from django.db import connection

from catalog_app.models import FeatureCatalog

_DOCUMENT = """
concat_ws(' ', title, array_to_string(aliases, ' '), description, array_to_string(tags, ' '))
"""
_MATCHING = f"""
SELECT slug FROM catalog_app_feature,
    to_tsvector('english', {_DOCUMENT}) document, websearch_to_tsquery('english', %s) query
WHERE catalog_id = %s AND retired_at IS NULL AND document @@ query
ORDER BY ts_rank_cd(document, query) DESC, slug LIMIT %s
"""  # noqa: S608  # constants alone
_LEXEMES = f"""
SELECT slug, tsvector_to_array(to_tsvector('english', {_DOCUMENT})) FROM catalog_app_feature
WHERE catalog_id = %s AND retired_at IS NULL ORDER BY slug
"""  # noqa: S608  # constants alone


def find_matching_all(catalog: FeatureCatalog, text: str, limit: int) -> list[str]:
    """Slugs of features that have every word, best first."""
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING, [text, catalog.pk, limit])
        return [row[0] for row in cursor.fetchall()]


class AnyWord:
    """Features that have any of the words, best first: by the sum of the weights of those that they have, and
    rare words weigh more."""

    def __init__(self, catalog: FeatureCatalog) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_LEXEMES, [catalog.pk])
            self._lexemes: Mapping[str, frozenset[str]] = {
                slug: frozenset(found) for slug, found in cursor.fetchall()
            }
        counts: dict[str, int] = {}
        for lexemes in self._lexemes.values():
            for lexeme in lexemes:
                counts[lexeme] = counts.get(lexeme, 0) + 1
        self._weights = {lexeme: log(len(self._lexemes) / count) for lexeme, count in counts.items()}

    def find(self, text: str, limit: int) -> Sequence[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tsvector_to_array(to_tsvector('english', %s))", [text])
            wanted = frozenset(cursor.fetchone()[0])
        scores = {
            slug: sum(self._weights[lexeme] for lexeme in sorted(wanted & lexemes))
            for slug, lexemes in self._lexemes.items()
        }
        found = sorted((slug for slug in scores if scores[slug] > 0), key=lambda slug: (-scores[slug], slug))
        return found[:limit]
