"""Readers' words for what articles call something else. Adds the articles' word, and never takes the reader's away."""

from __future__ import annotations

import re

LAY_WORDS = {
    "slipped disk": "slipped disc",
    "disk": "disc",
    "jab": "injection",
    "jabs": "injections",
    "physio": "physiotherapy",
    "physical therapy": "physiotherapy",
    "physical therapist": "physiotherapist",
    "chiro": "chiropractor",
    "osteo": "osteopath",
    "acupuncturist": "acupuncture",
    "needles": "acupuncture needles",
    "tylenol": "paracetamol",
    "panadol": "paracetamol",
    "acetaminophen": "paracetamol",
    "advil": "ibuprofen",
    "nurofen": "ibuprofen",
    "aleve": "naproxen",
    "nsaid": "anti-inflammatory",
    "nsaids": "anti-inflammatories",
    "co-codamol": "codeine opioid",
    "cocodamol": "codeine opioid",
    "tramadol": "tramadol opioid",
    "oxycodone": "oxycodone opioid",
    "lyrica": "pregabalin",
    "neurontin": "gabapentin",
    "valium": "diazepam",
    "hot water bottle": "heat",
    "heat pack": "heat",
    "ice pack": "cold",
    "zapper": "TENS",
    "tens": "TENS machine",
    "kipping": "sleeping",
    "kip": "sleep",
    "bum": "bottom",
    "butt": "bottom",
    "bump": "pregnancy bump",
    "pregnant": "pregnancy",
    "spd": "pelvic girdle pain",
    "pgp": "pelvic girdle pain",
    "coccyx": "tailbone coccyx",
    "si joint": "sacroiliac joint",
    "sij": "sacroiliac joint",
    "mri": "MRI scan",
    "xray": "X-ray scan",
    "x-ray": "X-ray scan",
    "op": "operation surgery",
    "dowager's hump": "osteoporosis fracture",
    "work out": "exercise",
    "workout": "exercise",
    "gym": "gym strength training",
    "shag": "sex",
    "bonking": "sex",
    "weed": "cannabis",
    "cbd": "CBD cannabis",
    "booze": "alcohol",
    "fags": "smoking",
    "vape": "smoking vaping",
    "fat": "weight",
    "obese": "weight",
    "zimmer": "walking aid",
    "cupping": "cupping massage",
    "suction cup": "cupping",
    "octopus": "cupping",
    "lumbago": "lower back pain",
    "knackered": "sore",
    "nackered": "sore",
    "gp": "doctor GP",
    "doc": "doctor",
}

_PATTERN = re.compile(r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, LAY_WORDS), key=len, reverse=True)) + r")(?![\w-])")


def expand(text: str) -> str:
    """`text`, followed by the articles' words for what it says in lay words."""
    found = dict.fromkeys(LAY_WORDS[match.group()] for match in _PATTERN.finditer(text.casefold()))
    return f"{text} ({', '.join(found)})" if found else text
