"""The config: strict, with errors that tell what to do, and readable differences."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from itertl.config import Config, differences, load_config, parse_config
from itertl.errors import ConfigError
from itertl.moved_keys import MOVED

CONFIGS = sorted(Path("configs").glob("*.yaml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_configs_of_the_repository_are_valid(path: Path) -> None:
    assert load_config(path).name


def test_every_field_is_described() -> None:
    def check(model: type) -> int:
        count = 0
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            assert field.description, f"{model.__name__}.{name}"
            inner = field.annotation
            count += check(inner) if hasattr(inner, "model_fields") else 1
        return count

    assert check(Config) > 30


def test_sections_are_small_enough_to_read() -> None:
    def sizes(model: type[BaseModel], name: str = "") -> dict[str, int]:
        inner = {key: field.annotation for key, field in model.model_fields.items()}
        parts = {key: part for key, part in inner.items() if isinstance(part, type) and issubclass(part, BaseModel)}
        found = {name: len(inner) - len(parts)}
        for key, part in parts.items():
            found |= sizes(part, f"{name}.{key}")
        return found

    found = sizes(Config)
    assert max(found.values()) <= 12, found
    assert sum(found.values()) <= 91, found


@pytest.mark.parametrize("key", MOVED)
def test_a_key_of_an_earlier_version_is_refused_with_what_to_use(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, "name: old")
    with pytest.raises(ConfigError, match=re.escape(f"{key} of an earlier version: {MOVED[key]}")):
        load_config(path, [f"{key}=1"])
    if MOVED[key].startswith("use "):
        *sections, name = MOVED[key].removeprefix("use ").split(".")
        section: type[BaseModel] = Config
        for part in sections:
            inner = section.model_fields[part].annotation
            section = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else section
        assert sections[-1] == "parameters" or name in section.model_fields


def test_the_optimiser_by_name_alone_is_told_its_section(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is a section: use training\.optimizer\.name=muon"):
        load_config(write(tmp_path, "training: {optimizer: muon}"))


def test_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown key 'sampling.temprature': did you mean 'temperature'\?"):
        load_config(write(tmp_path, "sampling: {temprature: 1}"))


def test_unknown_key_without_a_near_one_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known keys are name, seed, iterations"):
        load_config(write(tmp_path, "zzzzz: 1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("iterations: -1", "iterations: .*found -1"),
        ("seed: -4", "seed: .*greater than or equal to 0.*found -4"),
        ("sampling: {top_p: 1.5}", "sampling.top_p"),
        ("training: {objective: a b}", "training.objective.*found 'a b'"),
        ("name: ../escape", "name"),
        ("- a list", "expected a mapping"),
        ("a: [", "not readable YAML"),
        ("a: [", '.yaml", line 1'),
        ("", "c.yaml is empty; expected a mapping"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(tmp_path, text))


def test_a_directory_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory; expected a config, a YAML file"):
        load_config(tmp_path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no config .*nothing\.yaml"):
        load_config(tmp_path / "nothing.yaml")


def test_overrides_are_typed_and_nested(tmp_path: Path) -> None:
    config = load_config(
        write(tmp_path, "seed: 3"), ["tasks.gym.train=7", "sampling.top_p=0.5", "tasks.references=null"]
    )
    assert (config.seed, config.tasks.gym.train, config.sampling.top_p, config.tasks.references) == (3, 7, 0.5, None)


@pytest.mark.parametrize("override", ["seed", "=3", "seed.deeper=1", "nope=1"])
def test_wrong_overrides_are_refused(tmp_path: Path, override: str) -> None:
    with pytest.raises(ConfigError):
        load_config(write(tmp_path, "seed: 3"), [override])


def test_differences_name_each_changed_key() -> None:
    old, new = Config(), parse_config({"seed": 2, "sampling": {"top_p": 0.5}})
    assert differences(old, new) == (["seed: 1 -> 2", "sampling.top_p: 0.95 -> 0.5"], [])
    assert differences(old, Config()) == ([], [])


def test_a_config_survives_its_own_yaml(tmp_path: Path) -> None:
    config = parse_config({"tasks": {"file": "rows.jsonl"}, "evaluation": {"suites": ["gym-test"]}})
    assert load_config(write(tmp_path, config.to_yaml())) == config


def test_adapters_train_ten_times_faster_where_no_rate_is_given(tmp_path: Path) -> None:
    assert parse_config({}).training.learning_rate == 1e-5
    adapters = parse_config({"policy": {"lora": {"rank": 8}}})
    assert adapters.training.learning_rate == 1e-4
    assert (
        parse_config({"policy": {"lora": {"rank": 8}}, "training": {"learning_rate": 1e-5}}).training
        == Config().training
    )
    path = tmp_path / "config.yaml"
    path.write_text(adapters.to_yaml())
    assert load_config(path) == adapters
    assert differences(load_config(path), adapters) == ([], [])


def test_a_wrong_override_is_named_in_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("iterations: 2\n")
    for override in ("iterations=many", "sampling.temperatur=1", "training.optimizer.name=none"):
        with pytest.raises(ConfigError, match=f"^--set {override}: ") as found:
            load_config(path, [override])
        assert str(path) not in str(found.value)
    path.write_text("iterations: many\n")
    with pytest.raises(ConfigError, match=r"^--set seed=x: seed.*run\.yaml: iterations"):
        load_config(path, ["seed=x"])


@pytest.mark.parametrize("said", ["off", "references", "all"])
def test_a_bare_off_is_the_word_where_words_are_meant(tmp_path: Path, said: str) -> None:
    assert load_config(write(tmp_path, f"verify: {{cross_check: {said}}}")).verify.cross_check == said
