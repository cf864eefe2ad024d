"""The parsed form of the rules is current, says the same as the YAML, and is done without where it is damaged."""

from spinewise.records import Turn
from spinewise.safety import compiled
from spinewise.safety.rules import HERE, load
from spinewise.safety.screening import screen


def test_the_parsed_form_is_current():
    assert compiled.read() is not None, "python -m spinewise.safety"


def test_it_screens_as_the_yaml_does(tmp_path):
    from_yaml = load(HERE)
    compiled.write(from_yaml, tmp_path / "rules.bin")
    parsed = compiled.read(tmp_path / "rules.bin")
    sentences = [sentence for rule in from_yaml.rules for sentence in (*rule.yes, *rule.no)]
    for sentence in sentences:
        assert screen([Turn(sentence)], rules=parsed) == screen([Turn(sentence)], rules=from_yaml)


def test_a_damaged_or_missing_file_is_not_used(tmp_path):
    file = tmp_path / "rules.bin"
    assert compiled.read(file) is None
    for content in (b"", b"\x00nonsense", compiled.FILE.read_bytes()[:-40]):
        file.write_bytes(content)
        assert compiled.read(file) is None
