"""Writes the hazard log, docs/safety.md, from the rules themselves: `python -m spinewise.safety.hazards > docs/safety.md`."""

from __future__ import annotations

import sys

from spinewise.safety.cards import numbers, numbers_review_due
from spinewise.safety.rules import HERE, Rule, load

_HEAD = """# Safety: hazard log of the red-flag screen

Written by `python -m spinewise.safety.hazards > docs/safety.md`; change the rules, not this file.

## Intended purpose

Spinewise finds and shows published articles about back pain and standard safety advice. It does not examine a person, name a condition
or say how likely one is. When words that stand on published lists of warning signs occur, it shows fixed advice of the form
"if you have …, go to …", the same for everyone. It is not a substitute for a clinician, and no clinician has yet approved its rules.

## What the screen does

It reads the whole conversation on every turn, before any search. Levels, highest first: `emergency`, `crisis`, `urgent` (the same day),
`soon` (within two weeks), `none`. A level never falls, unless the reader corrects a word. What others said ("my husband says it is nothing")
changes nothing. A sign is taken as present unless it is explicitly denied right beside it, is clearly over, or stands in a question about
nobody; then at most one conditional line is shown.

## How to add a sentence or a rule

Rules are in `src/spinewise/safety/rules/*.yaml`, families of phrases in `concepts.yaml`. Every field of a rule:

    - id: short-name              unique
      row: E03                    row of the red-flag table
      condition: what it may be   shown to editors, not to readers
      level: emergency            emergency, crisis, urgent or soon
      sign: numbness around …     the reader's words: used by the card and by the checklist
      card: cauda-equina          one of cards.yaml, of the same level
      says: |                     phrases, parted by commas or lines; the language is in phrases.py
        numb .. <saddle>
      needs: [back-pain]          concepts that must stand somewhere in the conversation (optional)
      cancelled_by: [gym-legs]    concepts that switch it off in the same message (optional)
      questions: inform           or count: a question counts as the sign itself (optional)
      past: resolved              or cancels, counts (optional)
      residual: ""                what risk remains (optional)
      source: {title: "…", url: "https://…"}
      reviewer: ""                the clinician who signed it
      tests: {yes: sentences, no: sentences}

Leave a sentence under `tests`, then run `spinewise check --safety`: it names every sentence that does not do what it should.

## Disagreements between sources, and the choice made

| topic | positions | choice here | signed by |
| --- | --- | --- | --- |
| where to send possible cauda equina | NHS.uk 999 or A&E; some trusts and healthdirect "doctor straight away" | emergency department now, everywhere | |
| how many signs | one (warning card), two or more (Torbay), new in 14 days (GIRFT) | any one | |
| both-leg pain alone | emergency (NHS.uk, NHS Scotland); not without other signs (authors of the card) | emergency, long-standing too: readers misdate onset | |
| sexual change alone | emergency (card); unlikely (GIRFT) | same day; emergency with another sign | |
| upper-back pain | urgent (NHS.uk); context only (Finucane, ACR) | same day if it stays, after the screen for heart, lung and aorta | |
| night pain | urgent (NHS.uk); weak evidence | within two weeks; sooner with another sign | |
| fever with back pain | urgent GP (NHS.uk); fever absent in most abscesses | same day; a risk factor with new bad pain counts without fever | |
| child's age | under 5, under 6, prepubertal | under 6 the same day; with another sign the emergency department | |
| upper-back pain and breathing | 999 (NHS 2023); GP unless severe (older) | emergency with breathlessness or a risk | |
| neck and clumsy hands | emergency (Royal Free); routine elsewhere | same day; emergency with walking, falls or bladder | |
| old steady saddle numbness | urgent (GIRFT) or emergency | emergency | |
| weight loss with back pain | 2 weeks (NICE NG12) or urgent (NHS.uk) | same day | |
"""

_FOOT = """
## What a clinician must still sign

* Every rule above: its level, its words and its card. The column is empty because nobody has.
* The cards, signs and numbers of each other language (`docs/languages.md`), by a clinician whose language it is.
* Every card in `cards.yaml`, above all the crisis card and the overdose card, and the line that offers pressing on the chest.
* The choices in the table of disagreements.
* Rules whose source says "not yet confirmed".
* The numbers of `numbers.yaml`: {countries}. Next review due {due}; a test fails from then on.

## Risk that remains

* The screen reads words. A sign told in words that no rule knows is missed; so the checklist stands beside every conversation.
* Readers leave out what embarrasses them. Old guidance notes that saddle numbness is seldom told unless asked for.
* English only. Other languages get no screen, and should be told so.
* Warning too often makes warnings worthless: the share of ordinary questions that get a card is measured in `tests/safety/board.py`.
"""


def log() -> str:
    """The whole hazard log as Markdown."""
    rules = load(HERE).rules
    rows = ["\n## Hazards", ""]
    for level in ("emergency", "crisis", "urgent", "soon"):
        rows += [
            f"### {level}",
            "",
            "| hazard missed | row | rule | shown as | card | tests | source | residual risk | signed by |",
            "| --- " * 9 + "|",
        ]
        rows += [_row(rule) for rule in rules if rule.level == level]
        rows.append("")
    places = ", ".join(place["name"] for place in numbers().values())
    return _HEAD + "\n".join(rows) + _FOOT.format(countries=places, due=numbers_review_due())


def _row(rule: Rule) -> str:
    tests = f"{len(rule.yes)} yes, {len(rule.no)} no"
    residual = rule.residual or "Words that the rule does not know."
    cells = (
        rule.condition,
        rule.row,
        f"`{rule.id}`",
        rule.sign,
        rule.card,
        tests,
        f"[{rule.source}]({rule.url})",
        residual,
        rule.reviewer,
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(log())
