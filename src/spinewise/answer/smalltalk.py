"""Recognises greetings, thanks and questions about the guide itself. Whole messages only, never part of a question."""

from __future__ import annotations

import re

from spinewise.languages import Language

_PLEASE = r"(?:\W*(?:there|all|everyone|friend|mate|doc|doctor|bot|spinewise|again|please|so much|very much|a lot|loads))*\W*"
_GREETING = r"hi+|hello+|hey+|hiya|howdy|good (?:morning|afternoon|evening|day)|g'?day|greetings"
_THANKS = (
    r"(?:many )?thanks|thank you|thankyou|thx|ty|cheers|ta|great|perfect|brilliant"
    r"|that helps?|that'?s helpful|ok(?:ay)? thanks?"
)
_GOODBYE = r"bye+|good ?bye|see you|good ?night|cya"
_ABOUT = (
    r"(?:who|what) are you|(?:what|who) is (?:this|spinewise)|what (?:can|do) you do|how do you work|help"
    r"|are you (?:a |an )?(?:real |human |actual )?(?:doctor|human|person|robot|bot|ai|nurse|clinician|machine)"
    r"|is this (?:a bot|ai|a person|chatgpt)|is (?:this|it) (?:private|anonymous|confidential)"
    r"|(?:do you|what do you) (?:store|keep|save|record)"
    r"(?: (?:what i (?:type|say|write)|my (?:data|messages|words)|anything|this))?"
)
_ENGLISH = tuple(
    (re.compile(rf"\W*(?:{words}){_PLEASE}", re.IGNORECASE), key)
    for words, key in (
        (_GREETING, "greeting"),
        (_THANKS, "thanks"),
        (r"no\W+none of (?:these|those|them|that)(?: now)?", "good"),
        (_GOODBYE, "goodbye"),
        (_ABOUT, "what_i_am"),
    )
)
_ENDS = " \t\n.,!?¡¿…"


def small_talk(text: str, language: Language) -> str | None:
    """The key of the fixed reply to `text` if it is small talk, in English or in `language`, and nothing else."""
    plain = text.strip(_ENDS).casefold()
    if plain == language.words["no"].strip(_ENDS).casefold():
        return "good"
    for kind, texts in language.said.items():
        if plain in map(str.casefold, texts):
            return "what_i_am" if kind == "about" else kind
    return next((key for pattern, key in _ENGLISH if pattern.fullmatch(text)), None)
