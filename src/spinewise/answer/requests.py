"""Recognises requests that no article can meet, and those that only a clinician can. Holds no words of ours; no search."""

from __future__ import annotations

import re

_SERVICE = re.compile(
    r"^\W*(?:please |can you |could you |would you |i want (?:you )?to |i need to )?"
    r"(?:book|schedule|reserve|cancel|reschedule|order) (?:me|my|an?|it|the)\b"
    r"|\b(?:near me|in my area|open on (?:sun|satur)day)\b"
    r"|\b(?:become|train (?:as|to be)|qualify as|study to be) an? "
    r"(?:\w+ )?(?:chiropractor|osteopath|physio|therapist|masseu|doctor|nurse)"
    r"|\b(?:salary|earn|job as|course fees|a[- ]levels)\b"
)
_DOSE = re.compile(
    r"\b(?:what|which|how (?:much|many|often)|max(?:imum)?|safe|right|correct)\b[^.?!]{0,40}\b(?:dose|dosage|mgs?|milligrams?)\b"
    r"|\bhow (?:much|many|often)\b[^.?!]{0,30}\b(?:tablets?|pills?|ibuprofen|paracetamol|naproxen|codeine|co-?codamol|tramadol|"
    r"diazepam|gabapentin|pregabalin|amitriptyline|tylenol|advil|aleve)\b[^.?!]{0,20}\b(?:take|have|safe|day)\b"
)
_STOP = re.compile(
    r"\b(?:can|should|could|may|is it (?:ok|okay|safe)(?: for me)? to|how do) i? ?(?:just )?"
    r"(?:stop|come off|quit|reduce|skip|halve|double)"
    r"\b[^.?!]{0,30}\b(?:taking|tablets?|pills?|medicines?|medication|meds|tramadol|codeine|gabapentin|pregabalin|opioids?|"
    r"diazepam|amitriptyline|duloxetine|naproxen|steroids?|blood thinners?)\b"
)
_DIAGNOSE = re.compile(
    r"\b(?:what(?:'?s| is) wrong with (?:me|my back)|what do i have|do i have an? |have i (?:got|slipped|torn|broken|damaged)|"
    r"diagnose|is (?:it|this|mine) (?:a )?(?:slipped disc|sciatica|cancer|arthritis|stenosis|fracture|trapped nerve))\b"
)


def cannot_serve(text: str) -> bool:
    """Whether `text` asks for a booking, a local service or a career, which no article gives."""
    return bool(_SERVICE.search(_plain(text)))


def preface(text: str) -> str | None:
    """The key of the words before an answer to a request for a dose, a diagnosis, or leave to stop a medicine."""
    plain = _plain(text)
    for pattern, key in ((_STOP, "ask_before_stopping"), (_DOSE, "ask_a_pharmacist"), (_DIAGNOSE, "ask_a_clinician")):
        if pattern.search(plain):
            return key
    return None


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")
