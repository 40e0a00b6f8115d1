"""The config of a run: strict YAML, checked by pydantic.

    itertl run configs/quickstart.yaml --set iterations=2 --set sampling.temperature=1.0

In: a YAML file and overrides. Out: a Config, immutable and complete. Imports: errors, moved_keys.
"""

from itertl.config.load import apply_overrides, differences, load_config, parse_config
from itertl.config.sections import (
    ADAPTER_RATE,
    Config,
    CrossCheck,
    EvaluationConfig,
    GymConfig,
    LoraConfig,
    NodesConfig,
    OptimizerConfig,
    PolicyConfig,
    PretrainConfig,
    SamplingConfig,
    Section,
    ServerConfig,
    TasksConfig,
    TinyConfig,
    TrainingConfig,
    VerifyConfig,
    WarmStartConfig,
)

__all__ = [
    "ADAPTER_RATE",
    "Config",
    "CrossCheck",
    "EvaluationConfig",
    "GymConfig",
    "LoraConfig",
    "NodesConfig",
    "OptimizerConfig",
    "PolicyConfig",
    "PretrainConfig",
    "SamplingConfig",
    "Section",
    "ServerConfig",
    "TasksConfig",
    "TinyConfig",
    "TrainingConfig",
    "VerifyConfig",
    "WarmStartConfig",
    "apply_overrides",
    "differences",
    "load_config",
    "parse_config",
]
