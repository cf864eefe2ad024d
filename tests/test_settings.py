"""Settings: defaults, the file, then the environment; and every value that does not fit is named."""

from pathlib import Path

import pytest

from spinewise.errors import SettingsError
from spinewise.settings import Settings, load_settings


def test_defaults(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / "none.toml") == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('corpus = "from-file"\nport = 7000\nsite = "Clinic"\n')
    made = load_settings({"SPINEWISE_CORPUS": "from-env", "SPINEWISE_THREADS": "3"}, file)
    assert (made.corpus, made.port, made.site, made.threads) == (Path("from-env"), 7000, "Clinic", 3)


def test_languages(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('languages = "ours"\nlanguage = "sv"\n')
    made = load_settings({}, file)
    assert (made.language, made.languages) == ("sv", Path("ours"))
    file.write_text("languages = 5\n")
    with pytest.raises(SettingsError, match="languages is 5"):
        load_settings({}, file)


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({"GRADIO_SERVER_PORT": "1"}, 1),
        ({"GRADIO_SERVER_PORT": "1", "PORT": "2"}, 2),
        ({"GRADIO_SERVER_PORT": "1", "PORT": "2", "SPINEWISE_PORT": "3"}, 3),
        ({"PORT": ""}, 7860),
    ],
)
def test_names_that_hosts_use(environment: dict[str, str], port: int, tmp_path: Path) -> None:
    assert load_settings(environment, tmp_path / "none").port == port


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "7860.5", "²"])
def test_bad_ports(value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="port is") as raised:
        load_settings({"PORT": value}, tmp_path / "none")
    assert "65535" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"port = ", "s.toml"),
        (b"colour = 1", "unknown setting 'colour'"),
        (b"corpus = 5", "corpus is 5"),
        (b'corpus = ""', "corpus is ''"),
        (b'model = ["a"]', "model is"),
        (b"\xff", "s.toml"),
    ],
)
def test_bad_files(text: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes(text)
    with pytest.raises(SettingsError) as raised:
        load_settings({}, file)
    assert words in str(raised.value)
    assert raised.value.hint
