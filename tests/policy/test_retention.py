"""Which weights stay: never fewer than a later stage or a resumed run needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from itertl.errors import ConfigError
from itertl.evaluation.measure import best_of
from itertl.policy.folder import policy_digest, write_pointer
from itertl.policy.load import load_policy
from itertl.policy.retention import keep_policies
from itertl.policy.weights import save_policy


def make(root: Path, count: int) -> list[Path]:
    policies = [root / f"iter_{t:02d}" / "policy" for t in range(count)]
    for policy in policies:
        policy.mkdir(parents=True)
        (policy / "model.safetensors").write_bytes(policy.parent.name.encode())
        (policy / "training.jsonl").write_text("{}\n")
    return policies


def kept(policies: list[Path]) -> list[int]:
    return [t for t, policy in enumerate(policies) if (policy / "model.safetensors").exists()]


def run(policies: list[Path], scores: list[float], keep: int | None, events: list[dict[str, Any]]) -> None:
    """What the loop does after each iteration."""
    for t in range(1, len(policies)):
        before = policies[: t + 1]
        keep_policies(before, best_of(scores[: t + 1]), keep, lambda event, **row: events.append(row))


@pytest.mark.parametrize(
    ("scores", "keep", "expected"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5], 1, [0, 4]),
        ([0.1, 0.5, 0.3, 0.2, 0.1], 1, [0, 1, 4]),
        ([0.1, 0.5, 0.3, 0.5, 0.1], 2, [0, 1, 3, 4]),
        ([0.9, 0.5, 0.3, 0.2, 0.1], 1, [0, 4]),
        ([float("nan")] * 5, 1, [0, 4]),
        ([0.1, 0.2, 0.3, 0.4, 0.5], None, [0, 1, 2, 3, 4]),
    ],
)
def test_the_first_the_best_and_the_latest_stay(
    tmp_path: Path, scores: list[float], keep: int | None, expected: list[int]
) -> None:
    policies, events = make(tmp_path, 5), list[dict[str, Any]]()
    digests = [policy_digest(policy) for policy in policies]
    run(policies, scores, keep, events)
    assert kept(policies) == expected
    assert len(events) == 5 - len(expected)
    assert [policy_digest(policy) for policy in policies] == digests
    assert all((policy / "training.jsonl").exists() for policy in policies)
    run(policies, scores, keep, events)  # the same command again
    assert kept(policies) == expected
    assert len(events) == 5 - len(expected)


def test_a_deletion_that_was_interrupted_is_finished_with_the_same_digest(tmp_path: Path) -> None:
    policies, events = make(tmp_path, 3), list[dict[str, Any]]()
    (policies[1] / "model-2.safetensors").write_bytes(b"second")
    digest = policy_digest(policies[1])
    (policies[1] / "removed.json").write_text(json.dumps({"digest": digest}))
    (policies[1] / "model-2.safetensors").unlink()
    run(policies, [0.1, 0.2, 0.3], 1, events)
    assert kept(policies) == [0, 2]
    assert policy_digest(policies[1]) == digest


def test_pointers_and_what_they_point_to_are_left_alone(tmp_path: Path) -> None:
    policies = make(tmp_path, 4)
    (policies[1] / "model.safetensors").unlink()
    write_pointer(policies[1], str(policies[0]), None)
    assert keep_policies(policies, 3, 1, lambda *a, **k: None) == [policies[2]]
    assert kept(policies) == [0, 3]


def test_a_policy_without_weights_says_why(tmp_path: Path, tokenizer: Any, tiny: Any) -> None:
    policies = [tmp_path / f"iter_{t:02d}" / "policy" for t in range(3)]
    for policy in policies:
        save_policy(tiny, tokenizer, policy)
    keep_policies(policies, 2, 1, lambda *a, **k: None)
    load_policy(policies[2])
    with pytest.raises(ConfigError, match=r"deleted to save space \(policy\.keep\)"):
        load_policy(policies[1])
