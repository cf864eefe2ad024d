"""Recognises requests that no article can meet, and those that only a clinician can: each has its fixed words. No search."""

from __future__ import annotations

import re

NOT_A_SERVICE = "I can only show what our articles say. I cannot book, buy, find local services, or advise on careers."
ASK_A_PHARMACIST = "I cannot say what dose is right for you; a pharmacist or doctor can. This is what our articles say:"
ASK_BEFORE_STOPPING = (
    "Please speak to a doctor or pharmacist before you stop or change a medicine. This is what our articles say:"
)
ASK_A_CLINICIAN = "I cannot say what is wrong with you; only someone who examines you can. This is what our articles say:"

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
    """The fixed words to put before an answer to a request for a dose, a diagnosis, or leave to stop a medicine."""
    plain = _plain(text)
    for pattern, words in ((_STOP, ASK_BEFORE_STOPPING), (_DOSE, ASK_A_PHARMACIST), (_DIAGNOSE, ASK_A_CLINICIAN)):
        if pattern.search(plain):
            return words
    return None


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")
