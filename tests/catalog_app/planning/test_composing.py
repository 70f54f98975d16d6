"""Listed features and a text become one request, which can be read again however much there was."""

from catalog_app.briefing.gathering import MAX_WISHES
from catalog_app.planning.composing import compose_request
from catalog_app.planning.request import read_request, write_request
from catalog_app.planning.wishes import MAX_ENTRIES


def test_a_text_beside_a_full_list_is_left_over_where_it_is_too_much() -> None:
    listed = [f"Feature {number}" for number in range(MAX_WISHES)]
    refused = [f"veto {number}" for number in range(MAX_WISHES)]
    text = "# Shop\n\n## Features\n\n- Tickets by mail\n- No live chat\n"
    request, problems = compose_request({"features": listed, "vetoes": refused, "text": text})

    assert problems == ()
    assert (len(request.wishes), len(request.vetoes)) == (MAX_WISHES, MAX_WISHES)
    assert [(left.text, left.why) for left in request.leftovers] == [
        ("Tickets by mail", "more than 5,000 features"),
        ("live chat", "more than 5,000 things that are not wanted"),
    ]
    assert read_request(write_request(request)) == (request, ())


def test_a_text_of_which_nothing_is_understood_is_counted_at_its_end() -> None:
    questions = (f"Is number {number} a question for {number}?" for number in range(MAX_ENTRIES + 5))
    request, problems = compose_request({"features": ["Login"], "text": "\n\n".join(questions)})

    assert problems == ()
    assert len(request.leftovers) == MAX_ENTRIES
    assert request.summary == "Is number 0 a question for 0?"
    assert (request.leftovers[-1].text, request.leftovers[-1].why) == ("5 more", "more than 20,000 things")
    assert read_request(write_request(request)) == (request, ())
