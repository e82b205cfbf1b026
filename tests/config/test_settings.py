"""Settings are typed, checked, and documented in ``config/.env.example``."""

import re
from pathlib import Path

import pytest

import config
from config.settings import LogLevel, OcrEngine, Settings, SettingsError, load_settings

EXAMPLE = Path(config.__file__).parent / ".env.example"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def documented() -> dict[str, str]:
    """Names in the example with the values that they are shown with; all are commented out."""
    found = re.findall(r"^#\s?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_the_example_documents_every_setting_and_no_other() -> None:
    assert list(documented()) == [name.upper() for name in Settings.model_fields]


def test_every_setting_is_explained_above_its_name() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for name in documented():
        at = next(number for number, line in enumerate(lines) if re.match(rf"#\s?{name}=", line))
        assert re.match(r"# [A-Z].*\.$", lines[at - 1]), name


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    uncommented = "".join(f"{name}={value}\n" for name, value in documented().items())
    (tmp_path / ".env").write_text(uncommented, encoding="utf-8")
    assert load_settings() == Settings.model_construct(**Settings().model_dump())
    assert load_settings() == Settings(_env_file=None)  # type: ignore[call-arg]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OCR_ENGINE=easyocr\nLOG_LEVEL=DEBUG\nUNKNOWN=1\n", encoding="utf-8")
    monkeypatch.setenv("OCR_ENGINE", "RapidOCR")
    settings = load_settings()
    assert settings.ocr_engine is OcrEngine.RAPIDOCR
    assert settings.log_level is LogLevel.DEBUG


def test_empty_means_unset_and_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "")
    monkeypatch.setenv("DATA_DIR", "~/decks")
    settings = load_settings()
    assert settings.log_level is LogLevel.INFO
    assert settings.data_dir == Path.home() / "decks"


def test_a_wrong_value_is_one_sentence_that_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingsError, match=r"^LOG_LEVEL cannot be 'loud': .*\.$"):
        load_settings()


def test_secrets_come_as_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in (("discord_token", "abc\n"), ("JWT_SECRET", "j" * 40), ("telegram_token", "\n"), ("notes", "x")):
        (folder / name).write_text(value, encoding="utf-8")
    (tmp_path / ".env").write_text(f"SECRETS_DIR={folder}\n", encoding="utf-8")
    monkeypatch.setenv("JWT_SECRET", "k" * 40)
    settings = load_settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "abc"
    assert settings.jwt_secret is not None
    assert settings.jwt_secret.get_secret_value() == "k" * 40, "the environment wins"
    assert settings.telegram_token is None, "an empty file is unset"


def test_a_mounted_secret_may_be_a_link_inside_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "METRICS_TOKEN").write_text("of Kubernetes", encoding="utf-8")
    (tmp_path / "METRICS_TOKEN").symlink_to(Path("..data") / "METRICS_TOKEN")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    token = load_settings().metrics_token
    assert token is not None
    assert token.get_secret_value() == "of Kubernetes"


def test_a_folder_of_secrets_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"^The secrets of SECRETS_DIR cannot be read: .*none is no folder\.$"):
        load_settings()
