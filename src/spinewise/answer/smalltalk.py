"""Fixed replies to greetings, thanks and questions about the guide itself. Whole messages only, never part of a question."""

from __future__ import annotations

import re

WHAT_I_AM = (
    "I am an automated guide, not a clinician. I find passages in this site's reviewed articles about back pain and show you "
    "their sentences word for word, with links. I cannot examine you or say what is wrong. I keep nothing of what you type."
)

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
_REPLIES = tuple(
    (re.compile(rf"\W*(?:{words}){_PLEASE}", re.IGNORECASE), reply)
    for words, reply in (
        (_GREETING, "Hello. Ask me anything about back pain, in your own words."),
        (_THANKS, "You are welcome. Ask again whenever you like."),
        (r"no\W+none of (?:these|those|them|that)(?: now)?", "Good. Ask on. If one of them begins, get help at once."),
        (_GOODBYE, "Goodbye, and take care of yourself."),
        (_ABOUT, WHAT_I_AM),
    )
)


def small_talk(text: str) -> str | None:
    """The fixed reply to `text` if it is small talk and nothing else."""
    return next((reply for pattern, reply in _REPLIES if pattern.fullmatch(text)), None)
