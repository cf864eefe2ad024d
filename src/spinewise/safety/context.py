"""Says of words found in a text whether they are denied, long past, or only asked about. Knows no rule.

The default is "present": a sign counts unless it is explicitly and adjacently denied, clearly over, or part of a question
that is about nobody. Scope rules in the manner of NegEx silenced 13 of 30 real symptoms in readers' own words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spinewise.safety.tokens import Words

LIVE, DENIED, ASKED, PAST = "live", "denied", "asked", "past"

_DENIERS = frozenset(
    """no not nor without nil zero never none nothing isnt arent wasnt werent dont doesnt didnt havent hasnt hadnt aint denies deny
    denied denying neither nae minus""".split(),
)
_NO_DENIAL_AFTER = frozenset(
    """idea matter one longer doubt wonder joke biggie good use change help better worse point way just only sure certain long
    because surprise choice relief mention sleep rest sooner laughing kidding end lie more than to even improvement""".split(),
)
_FELT = frozenset(
    "tingling swelling bleeding burning vomiting leaking wetting shaking cramping throbbing numbing fainting".split()
)
_CLINICAL = frozenset("denies deny denied denying".split())
_SAID = frozenset("said says say saying told answered goes replied".split())
_STOPS = frozenset(
    """but just only except although though however until till til before because cos coz cause since now then if when while
    yet apart instead unless despite so whereas other than rather""".split(),
)
_CANCELS = (
    ("like", "this"), ("until",), ("till",), ("before",), ("til",), ("but", "now"), ("this", "bad"), ("but", "do", "now"), ("now",), ("like", "it"), ("as", "bad"),
    ("but", "today"), ("this", "morning"), ("as", "much"),
)  # fmt: skip
_REACH = 5
_PERSONAL = frozenset(
    """i im ive id ill me my mine myself we weve our us he hes his him she shes her hers they theyre theyve their them mum mam mom mother dad
    father wife husband partner boyfriend girlfriend son daughter nan gran grandma grandad grandpa brother sister uncle aunt auntie
    friend mate neighbour neighbor baby toddler patient missus hubby lad bloke mummy daddy mil fil""".split(),
)
_NOW = frozenset(
    """since now today tonight yesterday currently atm morning ago lately recently started woke
    still""".split(),
)
_TELLING = frozenset(
    "now stopped noticed been gone since today tonight yesterday started start began woke ago mine weekend overnight".split()
)
_ASKING = frozenset(
    """what whats why how hows which who whos when where can could do does did is are isnt arent will would should shall may might any
    anyone list explain describe define tell difference am has have was were wats wot y r""".split(),
)
_FRAMES = (
    "how do i know", "how would i know", "how can i tell", "how do you know", "how would you know", "how can you tell", "how will i know", "how do i tell", "look out for",
    "watch for", "watch out for", "watching for", "worried about getting", "scared of getting", "chances of", "chance of", "risk of", "risks of", "at risk", "what if i get",
    "what if i lose", "should i know", "red flags", "red flag", "warning signs", "warning sign", "danger signs", "if i ever", "if i develop", "when should i worry", "when to worry",
    "what counts as", "what is meant", "what does it mean", "whats meant", "meant by", "what are the", "asked if", "asked me if", "asked me about", "keep asking", "keeps asking",
    "keep being asked", "asks about", "ask about", "why do they ask", "why does the", "why do doctors", "why do physios", "told to watch", "did you know", "is it true", "i read",
    "i heard", "ive heard", "ive read", "saw it in", "difference between", "signs of", "symptoms of", "side effects", "complications", "could lead to", "could turn into",
    "does it say", "it says", "safety card", "leaflet", "what should i do if", "what do i do if", "what happens if", "what if", "someday", "do if someone", "do if somebody", "actual odds", "what are the odds", "first aider", "in future", "in the future", "afraid of operation", "what does", "so id know", "if it ever", "if ever", "if i did ever", "im reading", "reading that", "read the thing", "reading about", "what would", "what would happen", "can you get", "who gets",
)  # fmt: skip
_OWN = (
    "i cant", "i can not", "i cannot", "ive got", "ive lost", "ive been", "ive had", "i have had", "i have no", "i have been", "i keep", "im getting", "im having", "i feel",
    "i felt", "i woke", "i can barely", "mine is", "its gone", "hes got", "shes got", "i couldnt", "i lost", "i wet", "my legs", "my bum", "i have got",
)  # fmt: skip
_LOOKED_UP = frozenset(
    """meaning means definition causes cause reason reasons treatment treatments splint brace braces kyphoplasty operation surgery
    recovery chances chance guidance guideline guidelines risk risks symptoms leaflet statistics prevalence diagnosis test tests xray mri
    exercises exercise explained causing research study myth myths name urgent serious""".split(),
)
"""Words of a search for a subject ("foot drop causes"), where nobody is named and no time is told."""
_FELT_NOW = frozenset(
    "cant numb feel feeling hurts hurting gone wont pain agony severe sudden suddenly split open oozing leaking weeping pus".split()
)
_DEFINITE = (
    "the pain",
    "the disc",
    "the numbness",
    "the weakness",
    "the leg",
    "the foot",
    "the legs",
    "this pain",
    "both of them",
    "in the last",
    "for the past",
    "normal to not",
    "normal not to",
)
_OF_THIS = re.compile(r" (?:is|could|can|might|would) this (?:be )?")
"""After what is felt, this asks about the writer: "tingling down below, is this sciatica?"."""
_TEACHING = ("project", "antidote", "first aider", "site policy", "nobodys hurt",
    "i teach", "my students", "my pupils", "handout", "anatomy", "essay", "textbook", "revision", "revising", "my clients", "my patients", "i am a physio", "im a physio",
    "im a nurse", "for a quiz", "exam question", "my class", "im writing", "training day", "first aid course", "dissertation", "assignment", "student nurse", "physio student",
    "im studying", "medical student", "im a carer", "magazine", "podcast", "documentary", "on telly", "news article", "a poster", "the poster",
)  # fmt: skip
_TOLD_OF = re.compile(
    r" (?:in|on|from|watch\w*|saw|read\w*|writ\w+|about) (?:a|an|the|that|this|my|some|another|last nights) (?:\w+ ){0,3}?"
    r"(?:films?|movie|novel|story|book|episode|documentary|drama|soap|play|series|chapter|advert|comic|game|podcast) "
    r"| (?:man|woman|bloke|lady|lad|lass|guy|girl|boy|chap|fella|character|actor|footballer|player|someone|somebody) (?:on|in|from) "
    r"(?:the |that |a )?(?:telly|tv|news|papers?|radio|film|movie|advert|book|story|documentary|soap) "
    r"| (?:in|of) chapter | health class | biology class | first aid course "
)
"""What is told of a film, a book or a lesson is nobody's own."""
_ANIMAL = re.compile(
    r"^ (?:(?:and|so|but|also|random|btw) )*(?:my|our|the|next doors|a friends|sisters|mums) (?:\w+ ){0,2}?"
    r"(?:dog|dogs|dachshund|puppy|pup|cat|kitten|horse|pony|rabbit|hamster|spaniel|labrador|collie|terrier|cow|ewe|lamb|parrot|pug) "
    r"|^ (?:dog|cat|dachshund|puppy|horse) (?!scratch|bite|bit |allerg)"
)
_NOT_ANIMAL = frozenset(
    "i im ive me myself he hes she shes knocked pulled kicked threw bit jumped ran tripped fell mum dad wife husband".split()
)
_LONG_AGO = (
    "years ago", "year ago", "yrs ago", "decades ago", "decade ago", "months ago", "years back", "in my twenties", "in my thirties", "in my forties", "in my teens", "as a kid",
    "as a child", "as a teenager", "last year", "used to", "ages ago", "ancient history", "long ago", "once had", "previously", "in the past", "at school", "at uni", "first pregnancy", "last pregnancy", "last summer", "last winter", "last spring", "last autumn", "last christmas", "before covid",
    "thought i might have", "thought i had", "yrs back", "way back", "in the 60", "in the 70", "in the 80", "in the 90", "in the sixties", "in the seventies", "in the eighties", "in the nineties",
)  # fmt: skip
_YOUNG = re.compile(
    r" when (?:i|he|she) was (?:only |just |about |around |like )?(?:a |an |young|little|small|at school|at uni|in my |in his |in her |pregnant|growing"
    r"|in the |\d|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|kid)"
)
"""A time of life long past: "when I was twelve", and not "when I was in the shower"."""
_PLACE_NOW = re.compile(
    r" in the (?:shower|bath|car|kitchen|garden|gym|bed|bathroom|toilet|loo|shop|queue|house|pool|chair|van|bus|train|office) "
)
_STILL = frozenset("is are isnt arent cant wont keeps hes shes theyre has doesnt".split())
_OTHERS = frozenset(
    "uncle aunt auntie cousin neighbour neighbours neighbor friends colleague grandad grandfather gran nan grandma grandmother dad father mum mother".split()
)
_MODALS = frozenset("can could may might will would".split())
_NOT_ASKED_AFTER = frozenset(
    """be been barely hardly scarcely feel only just still have hear see smell stand walk move manage not cope breathe sit lie even
    actually literally never""".split()
)
"""After "can" and the like at the beginning, without a question mark, these make a statement: "can barely walk"."""
_OPENERS = frozenset("has have had is are was were did".split())
_ASKED_OF = frozenset(
    "i you it its a an the my this that these those there someone somebody people anyone we he she they your his her our back pain one doctors physios".split()
)
_EARLIER = ("last week", "last month", "weeks ago", "days ago")
_CHILDHOOD = (
    "in my youth",
    "in the 80s",
    "in the 90s",
    "in the 70s",
    "till i was",
    "until i was",
    "was in year 9",
    "was in year 8",
    "was in year 10",
    "was in year 7",
    "back in year",
    "as a teen",
    "on a school trip",
    "once as a",
    "as a child",
    "as a kid",
    "as a teenager",
    "when i was a kid",
    "when i was a child",
    "when i was little",
    "when i was young",
    "at primary school",
    "in my teens",
)
_OVER = ("long behind me", "all behind me", "behind me now", "manage it well", "good place now", "really good place", "that was that", "recovered fully", "totally healthy", "fully recovered", "came good", "came right", "all sorted", "no problems",
    "fine now", "all fine", "fine since", "been fine", "cured", "resolved", "recovered", "recovery", "all clear", "scan was clear", "was clear", "no problems since", "nothing since",
    "no trouble since", "better now", "went away", "came fully back", "came back fully", "fully back", "came back", "cleared up", "cleared", "gone now", "all gone", "settled",
    "no symptoms", "symptom free", "sorted", "ok now", "okay now", "good now", "back to normal", "returned to normal", "normal now", "signed off", "discharged", "never came back", "long gone",
    "none since", "not since", "no pain these days", "healed", "all good", "great now", "feel great", "no issues since", "not had it since", "not had any since", "no recurrence",
    "old news", "ancient history", "went on its own", "completely better", "totally fine", "right as rain", "never looked back", "no lasting", "wore off", "passed off",
)  # fmt: skip
_NOW_TOO = re.compile(
    r" (?:now|but|and) (?:theres|there is|theres this|this new|now theres|ive got|im getting|im having|i cant) "
    r"| now (?:there|my|ive|i have|a|the|new) | (?:back again|is back|has come back|come back worse|same thing again) "
)
"""Begins what is the matter today: "bowel cancer six years ago, all clear, now there's a constant pain"."""
_WELL = (
    "fine",
    "ok",
    "okay",
    "good",
    "great",
    "better",
    "well",
    "normal",
    "healed",
    "recovered",
    "settled",
    "clear",
    "gone",
    "cured",
    "sorted",
    "over",
    "perfect",
    "no problems",
    "symptom free",
)
_PRESENT = frozenset("again still today tonight yesterday currently lately nowadays week hours hour morning".split())


class Context:
    """The standing of every word of one conversation."""

    def __init__(self, words: Words, own: frozenset[int] = frozenset()) -> None:
        """`own` are denying words that belong to a sign themselves ("no appetite") and deny nothing after it."""
        self._words = words
        self._text = [f" {' '.join(raw)} " for raw in words.raw]
        self._teaching = {
            words.turn_of_sentence[n] for n, text in enumerate(self._text) if any(f" {cue} " in text for cue in _TEACHING)
        }
        self._asked = [self._is_asked(n) for n in range(len(words.raw))]
        self._asked = [
            asked and ((self._framed(n) and " asked " not in self._text[n]) or not self._told_elsewhere(n))
            for n, asked in enumerate(self._asked)
        ]
        self._past = self._find_past()
        self._deniers = [(n, self._denial_end(n)) for n, word in enumerate(words.text) if word in _DENIERS and n not in own]

    def status(self, start: int, end: int, inside: tuple[tuple[int, int], ...] = ()) -> str:
        """How the words from start to end stand; deniers within `inside` belong to the phrases themselves."""
        if self._is_denied(start, end, inside):
            return DENIED
        sentence = self._words.sentence[start]
        if self._asked[sentence]:
            return ASKED
        return PAST if self._past[sentence] else LIVE

    def framed(self, at: int) -> bool:
        """Whether the sentence asks in so many words about signs, risks or meaning."""
        return self._framed(self._words.sentence[at])

    def _framed(self, sentence: int) -> bool:
        text = self._text[sentence]
        return _has_frame(text) and not any(f" {own} " in text for own in _OWN)

    def long_ago(self, at: int) -> bool:
        """Whether the sentence tells of a time long past, over or not."""
        return self._is_long_ago(self._words.sentence[at])

    def _is_long_ago(self, sentence: int) -> bool:
        raw = self._words.raw[sentence]
        text = self._text[sentence]
        if _PRESENT & set(raw) or (
            _NOW_TOO.search(text) and not any(f" {cue} " in text[max(text.rfind(" now "), 0) :] for cue in _WELL)
        ):
            return False
        if _YOUNG.search(text) and not _PLACE_NOW.search(text):
            return True
        return any(f" {cue}" in text for cue in _LONG_AGO) or any(
            len(w) == 4 and w.isdigit() and "1940" <= w <= "2025" and (not at or raw[at - 1] not in {"since", "from"})
            for at, w in enumerate(raw)
        )

    def _is_denied(self, start: int, end: int, inside: tuple[tuple[int, int], ...]) -> bool:
        for denier, reach in self._deniers:
            if denier >= start:
                break
            if start < reach and not any(a <= denier < b for a, b in inside):
                return True
        words = self._words
        if (
            end < len(words.text)
            and words.text[end] in {"no", "none", "nope", "nil", "negative", "absent"}
            and words.sentence[end] == words.sentence[start]
        ):
            after = end + 1
            return after >= len(words.text) or words.sentence[after] != words.sentence[end] or words.comma[after]
        return False

    def _denial_end(self, denier: int) -> int:
        """Index just past the last word that the denier reaches; the denier's own place if it denies nothing."""
        words = self._words
        word, sentence = words.text[denier], words.sentence[denier]
        following = denier + 1
        if following >= len(words.text) or words.sentence[following] != sentence:
            return denier
        left_out = words.left_out[following]
        if words.comma[following] and not {"have", "had", "got"} & set(left_out):
            return denier  # but "I do not have: fever, numbness"
        if "like" in words.left_out[denier]:
            return denier  # "pain like I have never known"
        if words.text[following] in _NO_DENIAL_AFTER or "even" in left_out or "just" in left_out or "only" in left_out:
            return denier
        if word == "without" and words.text[following].endswith("ing") and words.text[following] not in _FELT:
            return denier  # "without trying", "without knowing"
        if word in {"no", "nor"} and (_has_subject(left_out) or "my" in left_out or (denier and words.text[denier - 1] in _SAID)):
            return denier
        if (
            word in {"isnt", "arent", "dont", "doesnt", "didnt", "havent", "wasnt"}
            and words.question[sentence]
            and self._first_of(denier)
        ):
            return denier
        at = following
        if word in _CLINICAL:  # a clinician's list: "denies fever, weight loss, and bowel or bladder incontinence"
            while (
                at < len(words.text)
                and words.sentence[at] == sentence
                and words.text[at] not in {"but", "however", "although", "except", "does", "reports", "admits"}
            ):
                at += 1
            return at
        limit = denier + 1 + _REACH
        while at < len(words.text) and words.sentence[at] == sentence and at < limit:
            if at > following and self._stops(at):
                break
            if words.text[at] in {"or", "nor", "and"}:
                limit = at + 1 + _REACH
            at += 1
        return denier if self._is_cancelled(at, sentence, word) else at

    def _first_of(self, at: int) -> bool:
        return at == 0 or self._words.sentence[at - 1] != self._words.sentence[at]

    def _stops(self, at: int) -> bool:
        words = self._words
        left_out = words.left_out[at]
        if words.text[at] in _STOPS or _has_subject(left_out) or any(w in _STOPS for w in left_out):
            return True
        if words.text[at] in _DENIERS:
            return True
        return words.comma[at] and not self._lists_on(at)

    def _lists_on(self, at: int) -> bool:
        """Whether the words after a comma go on with a list of things denied: "no numbness, tingling or weakness"."""
        words = self._words
        if {"my", "his", "her", "their", "our", "have", "has", "had", "is", "are", "got", "am"} & set(words.left_out[at]):
            return False
        for ahead in range(at, min(at + 4, len(words.text))):
            if words.sentence[ahead] != words.sentence[at]:
                return ahead - at <= 2
            if words.text[ahead] in {"or", "nor", "and"}:
                return True
            if ahead > at and words.comma[ahead]:
                return True
            if ahead > at and words.text[ahead] in {"in", "down", "round", "around", "between", "since", "when", "cant", "both"}:
                return False
        return at + 2 >= len(words.text)

    def _is_cancelled(self, at: int, sentence: int, denier: str) -> bool:
        """Whether "until", "like this", "but now" after it take the denial back."""
        raw = self._words.raw[sentence]
        words = self._words
        tail = []
        for ahead in range(at, min(at + 3, len(words.text))):
            if words.sentence[ahead] != sentence:
                break
            if ahead > at and words.comma[ahead]:
                break
            tail += [*words.left_out[ahead], words.text[ahead]]
        if at >= len(words.text) or words.sentence[at] != sentence:
            tail = raw[-3:] if denier in {"never", "not", "havent", "hasnt", "didnt", "hadnt"} else []
            return any(tuple(tail[-len(c) :]) == c for c in _CANCELS if c[0] in {"like", "this", "before", "until", "as"})
        return any(tuple(tail[i : i + len(c)]) == c for c in _CANCELS for i in range(min(3, len(tail))))

    def _is_asked(self, sentence: int) -> bool:
        """Whether the sentence only asks about something in general."""
        words, raw = self._words, self._words.raw[sentence]
        if not raw:
            return False
        text = self._text[sentence]
        asking = (
            words.question[sentence]
            or (raw[0] in _ASKING and raw[1:2] != ["not"] and not _is_statement(raw))
            or (raw[0] in {"so", "and", "but", "also", "hi", "hello", "ok"} and len(raw) > 1 and raw[1] in _ASKING)
        )
        known = set(raw)
        if known & _LOOKED_UP and len(raw) <= 8 and not known & (_PERSONAL | _NOW | _FELT_NOW):
            return True
        turn = words.turn_of_sentence[sentence]
        if _has_frame(text) and not any(f" {own} " in text for own in _OWN):
            return not (known & _NOW) or asking
        if not asking:
            return False
        if turn in self._teaching and "patient" not in known:
            return True
        if raw[0] not in _ASKING and _OF_THIS.search(text):
            return False
        return not (known & _PERSONAL) and not (known & _NOW) and not any(f" {own} " in text for own in _DEFINITE)

    def _told_elsewhere(self, sentence: int) -> bool:
        """Whether another sentence of the message tells of now: "Is it usual to leak? Started the same day as the pain"."""
        turn = self._words.turn_of_sentence[sentence]
        if turn in self._teaching:
            return False
        return any(
            n != sentence and self._words.turn_of_sentence[n] == turn and not self._asked[n] and _tells(set(self._words.raw[n]))
            for n in range(max(0, sentence - 3), min(len(self._text), sentence + 4))
        )

    def _find_past(self) -> list[bool]:
        words = self._words
        over: dict[int, bool] = {}
        for n, text in enumerate(self._text):
            turn = words.turn_of_sentence[n]
            over[turn] = over.get(turn, False) or any(f" {cue} " in text for cue in _OVER)
        return [
            (over[words.turn_of_sentence[n]] and (self._is_long_ago(n) or any(f" {cue} " in text for cue in _EARLIER)))
            or (any(f" {cue}" in text for cue in _CHILDHOOD) and not {"now", "again", "today"} & set(words.raw[n]))
            or self._is_not_a_persons(n)
            or (self._is_long_ago(n) and bool(_OTHERS & set(words.raw[n])) and not ({"my", "i"} | _STILL) & set(words.raw[n][1:]))
            for n, text in enumerate(self._text)
        ]

    def _is_not_a_persons(self, sentence: int) -> bool:
        """Whether the sentence tells of a film, a book or an animal, and of nobody who is here."""
        text, known = self._text[sentence], set(self._words.raw[sentence])
        if _ANIMAL.search(text):
            return not known & _NOT_ANIMAL or "vet" in known
        told = _TOLD_OF.search(text)
        return told is not None and not known & _NOW and not {"i", "im", "ive", "my", "me"} & set(text[told.end() - 1 :].split())


def _is_statement(raw: list[str]) -> bool:
    """Whether a sentence without a question mark that opens like a question tells something: "was in a crash"."""
    first, second = raw[0], raw[1] if len(raw) > 1 else ""
    return bool(second) and ((first in _MODALS and second in _NOT_ASKED_AFTER) or (first in _OPENERS and second not in _ASKED_OF))


def _has_frame(text: str) -> bool:
    """Whether a sentence asks in so many words; what it goes on to tell of its writer after "but" is no question."""
    _, _, told = text.rpartition(" but ")
    if len(told.split()) > 5 and {"i", "im", "ive", "my"} & set(told.split()):
        text = f" {told}"
    found = [frame for frame in _FRAMES if f" {frame} " in text]
    if found == ["i heard"] and {"crack", "pop", "snap", "click", "crunch", "rip", "tear"} & set(text.split()):
        return False
    if found and {"alive", "live", "wasnt", "werent", "born", "exist", "existing"} & set(text.split()):
        found = [frame for frame in found if frame not in {"what if", "i read", "what does", "what would"}]
    return bool(found)


def _tells(raw: set[str]) -> bool:
    """Whether a sentence tells what somebody feels now."""
    return bool(_TELLING & raw) or bool(
        {"my", "i", "im", "ive"} & raw and {"cant", "feel", "numb", "tingling", "weak", "leaking", "also", "fell"} & raw
    )


def _has_subject(left_out: tuple[str, ...]) -> bool:
    return any(w in {"i", "im", "ive", "he", "hes", "she", "shes", "they", "theyre", "theyve", "we", "weve"} for w in left_out)
