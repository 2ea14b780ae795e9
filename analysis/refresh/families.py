"""The families of published configurations by ``model_type``: how to read each."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.refresh import hybrids, readers
from analysis.refresh.configuration import Configuration
from analysis.refresh.layers import Model


@dataclass(frozen=True)
class Family:
    """How to read a family's configuration, and whether its head is the embedding where nothing says so."""

    read: Callable[[Configuration], Model]
    tied: bool = False


FAMILIES: dict[str, Family] = {
    "dbrx": Family(readers.read_dbrx),
    "deepseek_v2": Family(readers.read_latent),
    "deepseek_v3": Family(readers.read_latent),
    "deepseek_v32": Family(readers.read_sparse),
    "deepseek_v4": Family(readers.read_deepseek_v4),
    "gemma4_text": Family(hybrids.read_gemma4, tied=True),
    "glm4_moe": Family(readers.read_glm4_moe),
    "glm4_moe_lite": Family(readers.read_latent),
    "glm_moe_dsa": Family(readers.read_sparse),
    "gpt_oss": Family(readers.read_gpt_oss),
    "grok1": Family(readers.read_grok),
    "hy_v3": Family(readers.read_hunyuan),
    "kimi_k2": Family(readers.read_latent),
    "kimi_linear": Family(hybrids.read_kimi_linear),
    "llama": Family(readers.read_llama),
    "llama4_text": Family(readers.read_llama4),
    "longcat_flash": Family(hybrids.read_longcat),
    "mimo_v2": Family(readers.read_mimo),
    "mimo_v2_flash": Family(readers.read_mimo),
    "minimax_m1": Family(readers.read_minimax_m1),
    "minimax_m2": Family(readers.read_minimax_m2),
    "minimax_m3": Family(readers.read_minimax_m3),
    "minimax_m3_vl": Family(readers.read_minimax_m3),
    "minimax_text_01": Family(readers.read_minimax_m1),
    "mistral": Family(readers.read_mistral),
    "mixtral": Family(readers.read_mistral),
    "nemotron_h": Family(hybrids.read_nemotron),
    "qwen3": Family(readers.read_qwen3),
    "qwen3_5_moe_text": Family(readers.read_qwen_delta),
    "qwen3_5_text": Family(readers.read_qwen_delta),
    "qwen3_moe": Family(readers.read_qwen3),
    "qwen3_next": Family(readers.read_qwen_delta),
    "step3_text": Family(hybrids.read_step3),
    "step3p5": Family(hybrids.read_step3_flash),
    "step3p7": Family(hybrids.read_step3_flash),
}
"""Family by the name that a configuration gives as its ``model_type``."""
