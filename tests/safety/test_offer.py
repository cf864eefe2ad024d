"""When the list of warning signs is offered unasked."""

import pytest

from spinewise.safety import offers_checklist


@pytest.mark.parametrize(
    "text",
    [
        "my leg hurts more than my back",
        "pain down my left leg",
        "sciatica for a week",
        "my toes are numb",
        "it is getting worse",
        "tingling foot",
    ],
)
def test_offered(text: str) -> None:
    assert offers_checklist(text)


@pytest.mark.parametrize("text", ["which mattress is best", "how many acupuncture sessions", "does heat help a stiff back", ""])
def test_not_offered(text: str) -> None:
    assert not offers_checklist(text)
