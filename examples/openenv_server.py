"""Tasks and verdicts as an OpenEnv environment, behind HTTP: several answers, told what was wrong with each.

pip install itertl openenv-core && python examples/openenv_server.py --tasks gym-train --turns 3 --port 8000

    from openenv import GenericEnvClient                    # in the trainer
    with GenericEnvClient(base_url="http://127.0.0.1:8000").sync() as env:
        print(env.reset(seed=7).observation["message"])     # the same seed is the same task
        result = env.step({"answer": "module ... endmodule"})
        print(result.reward, result.done, result.observation["message"])
"""

import argparse
import uuid
from functools import partial
from typing import Any

from openenv.core import Action, Environment, Observation, State
from pydantic import Field

from itertl.environment import Episode, load
from itertl.errors import UsageError
from itertl.records import Task


class Answer(Action):  # type: ignore[misc, unused-ignore]
    """A model's whole text, prose and all."""

    answer: str = Field(description="a design, from module to endmodule, in prose or not")


class Told(Observation):  # type: ignore[misc, unused-ignore]
    """What the model reads next: the question, or what was wrong with its answer; "" at the end."""

    message: str = ""
    task_id: str = ""
    outcome: str = ""
    agreement: float = 0.0


class RtlEnvironment(Environment[Answer, Told, State]):  # type: ignore[misc, unused-ignore]
    """Episodes of up to `turns` answers; sessions run side by side, and share the workers that simulate."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, tasks: list[Task], turns: int = 1, score: str = "functional") -> None:
        super().__init__()
        self._tasks, self._turns, self._score = tasks, turns, score
        self._episode: Episode | None = None
        self._state = State()
        self._next = 0

    def reset(self, seed: int | None = None, episode_id: str | None = None, **kwargs: Any) -> Told:
        """Begin an episode: of the task that `seed` names, else of the next one."""
        index = self._next if seed is None else seed
        self._next = index + 1
        task = self._tasks[index % len(self._tasks)]
        self._episode = Episode(task, self._turns, self._score)
        self._state = State(episode_id=episode_id or str(uuid.uuid4()))
        return Told(message=self._episode.question, task_id=task.id)

    def step(self, action: Answer, timeout_s: float | None = None, **kwargs: Any) -> Told:
        """Judge an answer; a reward of None at the end says nothing about the model: leave that episode out."""
        if self._episode is None:
            raise UsageError("there is no episode yet: call reset before step")
        turn = self._episode.answer(action.answer)
        self._state.step_count += 1
        return Told(
            message=turn.message or turn.grade.found,
            task_id=self._episode.task.id,
            outcome=turn.grade.outcome,
            agreement=turn.grade.agreement,
            reward=turn.reward,
            done=turn.done,
        )

    @property
    def state(self) -> State:
        """The episode's id, and how many answers it has had."""
        return self._state


def app(tasks: list[Task], turns: int, score: str = "functional", sessions: int = 64) -> Any:
    """Return the server's application: one environment for each of `sessions` at most."""
    from openenv.core import create_app

    make = partial(RtlEnvironment, tasks, turns, score)
    return create_app(make, Answer, Told, env_name="itertl", max_concurrent_envs=sessions)


if __name__ == "__main__":
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default="gym-train", help="a split of the gym, file:rows.jsonl, or a suite")
    parser.add_argument("--count", type=int, default=1000, help="number of tasks")
    parser.add_argument("--seed", type=int, default=1, help="from which the gym's tasks follow")
    parser.add_argument("--turns", type=int, default=1, help="answers to a task, at most")
    parser.add_argument("--score", default="functional", help="functional, syntax, or package.module:function")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    loaded = load(given.tasks, given.count, given.seed)
    uvicorn.run(app(loaded, given.turns, given.score), host=given.host, port=given.port)
