from dataclasses import asdict

from catalog_app.choices import LookupBand
from catalog_app.lookup.evaluating import Answered, evaluate
from catalog_app.lookup.labelled import LabelledRequest
from catalog_app.lookup.results import Candidate, LookupAnswer, LookupPart


def answered(gold: set[str], band: LookupBand, slugs: str, milliseconds: float = 1.0) -> Answered:
    candidates = tuple(Candidate(slug, slug, "", 0.5, 0.5) for slug in slugs)
    request = LabelledRequest("x", frozenset(gold))
    return Answered(request, LookupAnswer(LookupPart("x"), band, candidates, ""), milliseconds)


def test_of_what_was_not_asked_there_is_no_figure() -> None:
    counts = {"single_count": 0, "none_count": 0, "multi_count": 0}
    assert {name: value for name, value in asdict(evaluate([])).items() if value is not None} == counts

    figures = evaluate([answered({"a"}, LookupBand.CHOOSE, "b", 2)])
    assert (figures.recall_at_1, figures.mrr, figures.false_reject_rate, figures.p95_ms) == (0, 0, 0, 2)
    assert figures.no_answer_precision is figures.no_answer_recall is figures.no_answer_f1 is None
    assert figures.match_precision is figures.multi_recall_at_10 is None


def test_recall_looks_at_the_order_and_rejection_at_the_band() -> None:
    figures = evaluate(
        [
            answered({"a"}, LookupBand.MATCH, "ab", 1),
            answered({"b"}, LookupBand.CHOOSE, "ab", 2),
            answered({"c"}, LookupBand.NONE, "c", 3),
            answered({"z"}, LookupBand.MATCH, "abc", 4),
            answered(set(), LookupBand.NONE, "a", 5),
            answered(set(), LookupBand.CHOOSE, "a", 6),
            answered({"a", "z"}, LookupBand.NONE, "ab", 7),
        ]
    )
    assert (figures.recall_at_1, figures.recall_at_5, figures.mrr) == (0.5, 0.75, 0.625)
    assert (figures.no_answer_precision, figures.no_answer_recall, figures.no_answer_f1) == (0.5, 0.5, 0.5)
    assert (figures.false_reject_rate, figures.match_precision) == (0.25, 0.5)
    assert figures.multi_recall_at_10 == 0.5
    assert (figures.single_count, figures.none_count, figures.multi_count) == (4, 2, 1)
    assert (figures.p50_ms, figures.p95_ms) == (4.0, 6.7)
