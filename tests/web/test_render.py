"""What a reader is shown besides the answer: how a question that leans on an earlier one was read."""

from dataclasses import replace

from fakes import SPOKEN

from spinewise.records import Reply
from spinewise.web.render import reply_html


def test_a_question_read_with_an_earlier_one_shows_how():
    reply = Reply("no_answer", message="No.", searched_for="does it hurt? (acupuncture)")
    assert "Searching: does it hurt" in reply_html(reply, SPOKEN, "does it hurt?")


def test_a_question_that_stands_alone_shows_nothing_more():
    reply = Reply("no_answer", message="No.", searched_for="does acupuncture hurt?")
    assert "Searching" not in reply_html(reply, SPOKEN, " does acupuncture hurt? ")


def test_the_checklist_is_offered_where_the_reply_says_so():
    reply = Reply("no_answer", message="No.")
    assert "/urgent" not in reply_html(reply, SPOKEN)
    assert "/urgent" in reply_html(replace(reply, checklist=True), SPOKEN)
