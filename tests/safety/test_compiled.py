"""The parsed form of the rules is current, says the same as the YAML, and is done without where it is damaged."""

import sys
import threading

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


def test_readers_who_are_first_at_once_all_get_their_card():
    """Phrases are unpacked when they are first met, and a server meets its first readers on many threads."""
    levels: list[str] = []
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(10):
            rules, start = compiled.read(), threading.Barrier(6)

            def ask(rules=rules, start=start):
                start.wait()
                levels.append(screen([Turn("since yesterday I can't feel when I wipe")], rules=rules).level)

            readers = [threading.Thread(target=ask) for _ in range(6)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
    finally:
        sys.setswitchinterval(before)
    assert levels == ["emergency"] * 60
