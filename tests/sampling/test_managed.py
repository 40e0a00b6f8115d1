"""Servers that the sampler starts: they are up for one stage, their end is noticed, and nothing of them is left."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from tests.sampling.test_server import DRAW

from itertl.errors import ConfigError, ServerError
from itertl.policy.weights import save_policy
from itertl.records import Candidate
from itertl.sampling import Draw, sample
from itertl.sampling.candidate import sample_seed
from itertl.sampling.draw import Service
from itertl.sampling.managed import Endpoint, Source, Spot, device_groups, elsewhere, fill, is_healthy, serving, spots
from itertl.tasks import gym

PROGRAM = """
import http.server, json, os, pathlib, subprocess, sys
port, pids, lifetime = int(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with pids.open("a") as file: file.write(f" {os.getpid()} {helper.pid} ")
(pids.parent / f"devices-{port}").write_text(os.environ.get("CUDA_VISIBLE_DEVICES", "none"))
class Handler(http.server.BaseHTTPRequestHandler):
    answered = 0
    def log_message(self, *_): pass
    def send(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self): self.send({})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Handler.answered += 1
        if lifetime and Handler.answered > lifetime:
            print("out of memory", flush=True)
            os._exit(3)
        text = f" // {body.get('seed')}\\n assign y = a; endmodule"
        self.send({"model": body["model"], "choices": [{"text": text, "finish_reason": "stop"}]})
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def service(folder: Path, lifetime: int = 0, **settings: Any) -> Service:
    (folder / "server.py").write_text(PROGRAM)
    command = (sys.executable, str(folder / "server.py"), "{port}", str(folder / "pids"), str(lifetime), "{policy}")
    return Service(command=command, **{"startup": 30.0, "deadline": 20.0, **settings})


def processes(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def wait_until(condition: Any, seconds: float = 600.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(condition())


@pytest.fixture
def policy(tiny: Any, tokenizer: Any, tmp_path: Path) -> Path:
    save_policy(tiny, tokenizer, tmp_path / "policy")
    return tmp_path / "policy"


def test_the_server_is_up_inside_the_block_and_gone_behind_it(tmp_path: Path) -> None:
    with serving(Source("weights"), "digest", service(tmp_path), 1) as endpoint:
        assert is_healthy(endpoint.urls[0])
        assert endpoint.managed
        assert endpoint.model == "weights"
        assert endpoint.gone(endpoint.urls[0]) == ""
        running = processes(tmp_path)
        assert all(alive(pid) for pid in running)
    assert not any(alive(pid) for pid in running)
    assert not is_healthy(endpoint.urls[0])


def test_a_stage_starts_its_server_and_stops_it(policy: Path, tmp_path: Path) -> None:
    tasks = gym.generate("train", 3, 1)
    found = list(sample(policy, tasks, replace(DRAW, service=service(tmp_path))))
    assert len(found) == 9
    assert all(f"// {c.seed % 2**31}" in c.completion for c in found)
    assert not any(alive(pid) for pid in processes(tmp_path))
    (tmp_path / "pids").unlink()
    assert list(sample(policy, tasks, replace(DRAW, service=service(tmp_path)), done=found)) == []
    assert not (tmp_path / "pids").exists(), "a server was started for nothing"


def test_two_stages_at_once_share_the_servers_of_a_policy(policy: Path, tmp_path: Path) -> None:
    tasks = gym.generate("train", 4, 1)
    draw = replace(DRAW, service=service(tmp_path, concurrency=2))
    dev = replace(draw, stream="dev", samples=1)
    found = list[Candidate]()
    rows = sample(policy, tasks, draw)
    first = next(rows)
    thread = threading.Thread(target=lambda: found.extend(sample(policy, tasks, dev)))
    thread.start()
    rest = list(rows)
    thread.join()
    assert len(processes(tmp_path)) == 2, "one server, and its helper"
    assert not any(alive(pid) for pid in processes(tmp_path))
    for drawn, stream, count in (([first, *rest], DRAW.stream, 3), (found, "dev", 1)):
        assert [(c.task_id, c.index) for c in drawn] == [(task.id, i) for task in tasks for i in range(count)]
        seeds = [sample_seed(DRAW.seed, stream, c.task_id, c.index) for c in drawn]
        assert all(f"// {seed % 2**31}\n" in c.completion for c, seed in zip(drawn, seeds, strict=True))


def test_a_stage_that_is_left_early_stops_its_server(policy: Path, tmp_path: Path) -> None:
    rows = sample(policy, gym.generate("train", 3, 1), replace(DRAW, service=service(tmp_path)))
    next(rows)
    assert all(alive(pid) for pid in processes(tmp_path))
    rows.close()  # type: ignore[attr-defined]
    assert not any(alive(pid) for pid in processes(tmp_path))


def test_a_server_that_dies_in_mid_stage_ends_it_at_once_with_its_last_words(policy: Path, tmp_path: Path) -> None:
    rows: list[Candidate] = []
    tasks = gym.generate("train", 6, 1)
    with pytest.raises(ServerError, match=r"(?s)ended with status 3.*out of memory"):
        rows.extend(sample(policy, tasks, replace(DRAW, service=service(tmp_path, lifetime=12, deadline=900.0))))
    rest = list(sample(policy, tasks, replace(DRAW, service=service(tmp_path)), done=rows))
    assert [(c.task_id, c.index) for c in [*rows, *rest]] == [(t.id, i) for t in tasks for i in range(3)]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print('no such weights'); raise SystemExit(4)", "(?s)ended with status 4.*no such weights"),
        ("import time; time.sleep(600)", r"not ready within 1 s"),
    ],
)
def test_a_server_that_does_not_come_up_is_said(tmp_path: Path, program: str, said: str) -> None:
    broken = Service(command=(sys.executable, "-c", program, "{policy}", "{port}"), startup=1.0)
    with pytest.raises(ServerError, match=said), serving(Source("weights"), "digest", broken, 1):
        pass


def test_several_servers_share_the_work_each_with_gpus_of_its_own(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4, 5,6,7,8")
    two = service(tmp_path, replicas=2, gpus=2)
    with serving(Source("weights"), "digest", two, 1) as endpoint:
        assert len(set(endpoint.urls)) == 2
        assert [endpoint.gone(url) for url in endpoint.urls] == ["", ""]
    names = [tmp_path / f"devices-{url.rpartition(':')[2]}" for url in endpoint.urls]
    assert [name.read_text() for name in names] == ["4,5", "6,7"]
    tasks = gym.generate("train", 4, 1)
    found = list(sample(policy, tasks, replace(DRAW, service=two)))
    assert [(c.task_id, c.index) for c in found] == [(t.id, i) for t in tasks for i in range(3)]
    assert not any(alive(pid) for pid in processes(tmp_path))
    with pytest.raises(ConfigError, match="asks for 3 servers with 2 GPUs each; CUDA_VISIBLE_DEVICES names 5"):
        device_groups(replace(two, replicas=3))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert device_groups(replace(two, replicas=3)) == ["0,1", "2,3", "4,5"]
    assert device_groups(Service()) == [None]


def test_a_replica_that_dies_is_left_out_and_the_last_one_ends_the_stage(
    policy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = gym.generate("train", 8, 1)
    rows: list[Candidate] = []
    dying = service(tmp_path, lifetime=10, replicas=2, deadline=900.0, concurrency=4)
    with pytest.raises(ServerError, match=r"(?s)ended with status 3.*out of memory"):
        rows.extend(sample(policy, tasks, replace(DRAW, service=dying)))
    assert len(rows) > 4, "the other one went on"
    assert "is left out, 1 server is left" in caplog.text
    assert not any(alive(pid) for pid in processes(tmp_path))
    rest = list(sample(policy, tasks, replace(DRAW, service=service(tmp_path, replicas=2)), done=rows))
    assert [(c.task_id, c.index) for c in [*rows, *rest]] == [(t.id, i) for t in tasks for i in range(3)]


@pytest.fixture
def reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an ssh and an srun on the path that reach this machine, whatever host they name, but for one that is down."""
    for name, words in {"ssh": 'exec sh -c "$*"', "srun": 'exec "$@"'}.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f"#!/bin/sh\n[ $1 = -w ] && shift\n[ $1 = down ] && {{ echo no route; exit 255; }}\n"
            f"echo {name} $1 >> {tmp_path}/reached\nshift\n{words}\n"
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "reached"


def test_servers_on_other_hosts_share_the_work_and_end_with_the_stage(
    policy: Path, tmp_path: Path, reached: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hosts = {"127.0.0.1": "ssh", "localhost": "srun -w", "down": "ssh"}
    far = service(tmp_path, hosts=hosts, gpus=2, lifetime=0)
    far = replace(far, command=(*far.command, "it's {host} $HOME"))
    with serving(Source("weights"), "digest", far, 1) as endpoint:
        assert [url.split(":")[1] for url in endpoint.urls] == ["//127.0.0.1", "//localhost"]
        assert sorted(reached.read_text().splitlines()) == ["srun localhost", "ssh 127.0.0.1"]
        command = psutil.Process(processes(tmp_path)[0]).cmdline()
        assert command[-1] == "it's 0.0.0.0 $HOME"
        names = [tmp_path / f"devices-{url.rpartition(':')[2]}" for url in endpoint.urls]
        assert [name.read_text() for name in names] == ["0,1", "0,1"]
    assert "2 servers are left: the sampling server ended with status 255" in caplog.text
    assert not any(alive(pid) for pid in processes(tmp_path))
    tasks = gym.generate("train", 8, 1)
    dying = replace(service(tmp_path, lifetime=10, deadline=900.0, concurrency=4), hosts=far.hosts)
    rows: list[Candidate] = []
    with pytest.raises(ServerError, match=r"(?s)ended with status 3.*out of memory"):
        rows.extend(sample(policy, tasks, replace(DRAW, service=dying)))
    assert "is left out, 1 server is left" in caplog.text
    rest = list(sample(policy, tasks, replace(DRAW, service=replace(dying, command=far.command)), done=rows))
    assert [(c.task_id, c.index) for c in [*rows, *rest]] == [(t.id, i) for t in tasks for i in range(3)]
    with pytest.raises(ServerError, match=r"(?s)status 255.*no route"):
        list(sample(policy, tasks, replace(DRAW, service=replace(dying, hosts={"down": "ssh"}))))


WORDS = """
while [ "${1#-}" != "$1" ]; do
  case $1 in
    --overlap | -N1 | -n1 | --gres=gpu:[0-9]) shift;;
    -o) shift 2;;
    -w) shift; break;;
    *) exit 9;;
  esac
done
"""


def test_the_hosts_of_the_documents_reach_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parents[2] / "docs/scaling.md").read_text()
    (line,) = [line for line in text.splitlines() if line.strip().startswith("hosts: {")]
    hosts = yaml.safe_load(line)["hosts"]
    assert {words.split()[0] for words in hosts.values()} == {"ssh", "srun"}
    for name, ending in {"ssh": 'shift; exec sh -c "$*"', "srun": 'shift; exec "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{WORDS}echo {name} $1\n{ending}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for spot in spots(Service(command=("x",), hosts=hosts, gpus=2)):
        call = elsewhere(spot, ["printenv", "CUDA_VISIBLE_DEVICES"], {"CUDA_VISIBLE_DEVICES": spot.devices or ""})
        found = subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()
        assert found == [f"{spot.launcher[0]} {spot.host}", "0,1"]


def test_hosts_need_servers_that_a_stage_starts() -> None:
    from itertl.config import parse_config

    config = parse_config({"server": {"vllm_python": "python", "hosts": {"node-b": "ssh", "here": ""}}})
    found = Draw.for_training(config, 1).service
    assert found is not None
    assert spots(found) == [Spot("node-b", ("ssh", "node-b"), None), Spot("127.0.0.1", (), None)]
    with pytest.raises(ConfigError, match="hosts are of servers that a stage starts"):
        parse_config({"server": {"urls": ["http://h"], "model": "m", "hosts": {"node-b": "ssh"}}})


def test_replicas_in_a_config_are_servers_and_gpus() -> None:
    from itertl.config import ServerConfig, parse_config

    config = parse_config({"server": {"vllm_python": "python", "replicas": {"servers": 2, "gpus": 4}}})
    found = Draw.for_training(config, 1).service
    assert found is not None
    assert (found.replicas, found.gpus) == (2, 4)
    for command in (found.command, found.adapters):
        assert command[-2:] == ("--tensor-parallel-size", "4")
    plain = Service.of(ServerConfig(vllm_python="python", replicas={"servers": 3}))
    assert plain is not None
    assert (plain.replicas, plain.gpus, "--tensor-parallel-size" in plain.command) == (3, 1, False)
    alone = Service.of(ServerConfig(vllm_python="python"))
    assert alone is not None
    assert (alone.replicas, alone.gpus) == (1, 0)
    for wrong in ({"servers": 0}, {"gpu": 1}, 2, "two"):
        with pytest.raises(ConfigError, match="replicas"):
            parse_config({"server": {"vllm_python": "python", "replicas": wrong}})
    with pytest.raises(ConfigError, match="need vllm_python or command"):
        parse_config({"server": {"urls": ["http://h"], "model": "m", "replicas": {"servers": 2}}})


def test_a_program_that_does_not_exist_is_said() -> None:
    with (
        pytest.raises(ServerError, match="no-such-engine cannot be started"),
        serving(Source("weights"), "digest", Service(command=("no-such-engine", "{policy}", "{port}")), 1),
    ):
        pass


def test_nothing_is_left_of_the_server_when_the_run_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from itertl.sampling.managed import Source, serving
        from itertl.sampling.draw import Service
        command = (sys.executable, {str(tmp_path / "server.py")!r}, "{{port}}", {str(tmp_path / "pids")!r}, "0")
        with serving(Source("weights"), "digest", Service(command=(*command, "{{policy}}"), startup=60.0), 1):
            print("up", flush=True)
            time.sleep(600)
    """)
    service(tmp_path)
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert run.stdout
    assert run.stdout.readline() == b"up\n"
    running = processes(tmp_path)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert wait_until(lambda: not any(alive(pid) for pid in running))


def test_the_command_is_filled_in_and_must_say_where_policy_and_port_go() -> None:
    values = {"policy": "p", "port": "1", "name": "n", "seed": "2"}
    assert fill(("serve", "{policy}", "--port={port}", "{name}"), **values) == ["serve", "p", "--port=1", "n"]
    with pytest.raises(ConfigError, match=r"needs \{port\}"):
        fill(("serve", "{policy}"), **values)


def test_running_servers_are_taken_as_they_are() -> None:
    with serving(Source(""), "abc", Service(servers=("http://h:1",), model="m-{digest}"), 1) as endpoint:
        assert isinstance(endpoint, Endpoint)
        assert (endpoint.urls, endpoint.model, endpoint.managed) == (("http://h:1",), "m-abc", False)


def test_vllm_is_one_interpreter_away() -> None:
    from itertl.config import parse_config

    config = parse_config({"server": {"vllm_python": "/opt/vllm/bin/python"}})
    found = Draw.for_training(config, 1).service
    assert found is not None
    command = fill(found.command, policy="runs/a/policy", port="8123", name="policy-abc", seed="1")
    assert command[:3] == ["/opt/vllm/bin/python", "-m", "vllm.entrypoints.openai.api_server"]
    assert command[3:7] == ["--model", "runs/a/policy", "--served-model-name", "policy-abc"]
    assert command[command.index("--generation-config") + 1] == "vllm"
    assert command[command.index("--dtype") + 1] == "bfloat16"


def test_two_sources_of_samples_exclude_one_another() -> None:
    from itertl.config import parse_config

    with pytest.raises(ConfigError, match="urls and vllm_python exclude one another"):
        parse_config({"server": {"urls": ["http://h"], "model": "m", "vllm_python": "python"}})
    with pytest.raises(ConfigError, match="urls need the name of the `model`"):
        parse_config({"server": {"urls": ["http://h"]}})


def test_a_policy_of_adapters_is_served_whole_and_never_as_the_one_before(tmp_path: Path) -> None:
    from itertl.config import LoraConfig
    from itertl.policy.adapters import add_adapters, save_adapters
    from itertl.policy.folder import policy_digest
    from itertl.policy.load import load_policy, weights_folder

    policy, folders = tmp_path / "iter_01" / "policy", []
    for seed in (1, 2):
        model, tokenizer = load_policy("embedded")
        wrapped = add_adapters(model, LoraConfig(rank=2), seed)
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.data += 0.01 * seed
        policy.mkdir(parents=True, exist_ok=True)
        save_adapters(wrapped, tokenizer, ("embedded", None), policy)
        folders.append(Path(weights_folder(policy)))
        assert weights_folder(policy) == str(folders[-1])
        assert (folders[-1] / "model.safetensors").is_file()
    assert policy_digest(folders[0]) != policy_digest(folders[1])
    found = list(sample(policy, gym.generate("train", 1, 1), replace(DRAW, service=service(tmp_path))))
    assert {c.policy for c in found} == {policy_digest(policy)}
