"""Keys of a configuration, each asked for by name, with the right type; what nobody asked for is found at the end."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from analysis import SourceError

BY_HAND = "write the entry by hand, as the head of data/architectures.toml explains."
"""What to do with what cannot be converted."""

_MOST_LAYERS = 10_000

_NO_STRUCTURE = [
    # Tokens, files, versions and formats.
    r"_.*|language_model_only",
    r".*_token_(id|ids|index)",
    r"(architectures|model_type|auto_map|transformers_version|custom_pipelines|base_model|tokenizer_class)",
    r"(torch_|expert_|mamba_ssm_|mamba_ssm_cache_|embedding_|params_|rounter_params_|moe_router_)?dtype",
    r"(quantization|compression)_config|quantization|use_bfloat16|torchscript|use_cache|pretraining_tp|ep_size",
    r"keep_mtp_spec_in_bf16|residual_in_fp32|.*_implementation|use_mamba_kernels|mamba_chunk_size|chunk_size",
    # Positions.
    r"(rope|rotary|yarn)_.*|(swa|local|global|compress|mimo|index|indexer)_rope_.*|.*rope_(theta|interleave|scaling)",
    r"partial_rotary_factors?|.*max_position_embeddings|max_seq_len(gth)?|max_model_len|seq_length|model_max_length",
    r"initial_context_length|original_max_position_embeddings|use_rope(_layers)?|yarn_only_types|no_rope_layer.*",
    r"mla_use_nope|nope_layer_interval|attention_rope_type",
    # Training and generation.
    r".*(dropout|_pdrop|_drop)",
    r"initializer_.*|.*_init_(std|range)|time_step_.*|rescale_prenorm_residual|router_jitter_noise|attn_temperature_.*",
    r".*(aux_loss|loss_coef|loss_weight|z_loss).*|seq_aux|output_router_logits|output_(attentions|hidden_states|scores)",
    r"num_logits_to_keep|moe_shared_expert_overlap|(full_attn|linear_attn|mlp)_(alpha|beta)_factor",
    r"floor_scale|attn_scale|attn_factor|for_llm_class|problem_type|id2label|label2id|finetuning_task|prefix",
    r"(max|min)_length|num_beams|num_beam_groups|num_return_sequences|no_repeat_ngram_size|bad_words_ids",
    r"encoder_no_repeat_ngram_size|do_sample|early_stopping|temperature|top_[kp]|typical_p|.*_penalty|begin_suppress.*",
    r"suppress_tokens|return_dict(_in_generate)?|remove_invalid_values|task_specific_params|tf_legacy_loss",
    r"chunk_size_feed_forward",
    # Arithmetic without weights: norms' epsilons, activations, scales, limits, the rule of the router.
    r".*(eps|epsilon)|.*_cap(ping)?|.*softcap(ping)?",
    r"(mlp_|mamba_)?hidden_act(ivation)?|activation_.*|swiglu_.*|mlp_swiglu_.*|.*_multiplier|use_gemma_norm",
    r"attention_value_scale|routed_scaling_factor|moe_router_scaling_factor|.*_scaling_factor|mla_scale_.*",
    r"layernorm_.*_(alpha|beta)|query_pre_attn_scalar|logits?_scal(e|ing)|fp32_gate|need_fp32_gate|enable_lm_head_fp32",
    r"norm_topk_prob|norm_expert_weight|moe_renormalize|scoring_func|score_function|topk_method|n_group|topk_group",
    r"num_expert_group|use_grouped_topk|moe_router_activation_func|expert_selection_fn|use_moe_router_bias",
    r"router_(activation|score)_func.*|use_routing_bias|use_router_bias|moe_router_enable_expert_bias",
    r"route_(norm|scale)|.*hc_(eps|sinkhorn_iters)|use_clamp|zero_expert_type|attention_method",
    r"use_bidirectional_attention",
    # Layers for multi-token prediction and encoders of other input are no part of the model that is counted.
    r"(num_)?(mtp|nextn)_.*|num_nextn_predict_layers|use_mtp|mtp_.*|num_mtp_.*|index_share_for_mtp_.*",
    r"(vision|audio|image|video|speech|visual|vit|mm|projector|multimodal|media|encoder_audio)_.*",
    r"(boi|eoi|boa|eoa|image|video|audio)_.*|ignore_index|use_unified_vision_chunk(_prompt)?|img_.*|understand_.*|process_image_mode",
]
"""Keys, as patterns of the whole name, that say nothing about what has weights, what is cached, or what is attended to.

They are looked at last: a key that a family asks for is never one of these.
"""

_NO_STRUCTURE_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern in _NO_STRUCTURE))

# Options of encoder-decoder models, of pruning and of reward models: written into configurations of others, and off.
OFF = ["is_decoder", "is_encoder_decoder", "add_cross_attention", "tie_encoder_decoder", "pruned_heads"]
OFF += ["num_reward_heads"]


class Configuration:
    """The keys of one configuration; every question about a key marks it as understood.

    Parameters
    ----------
    values : dict
        The configuration.
    family : str
        Its family, for the sentence of a refusal.

    Examples
    --------
    >>> keys = Configuration({"heads": 8, "rope_theta": 1e4, "extra_layers": 2}, "example")
    >>> keys.size("heads")
    8
    >>> keys.finish()
    Traceback (most recent call last):
    analysis.SourceError: The configuration of the family example has extra_layers = 2, which is not understood: ...
    """

    def __init__(self, values: Mapping[str, Any], family: str) -> None:
        self.values = values
        self.family = family
        self.asked: set[str] = set()

    def refuse(self, name: str, value: Any, problem: str) -> NoReturn:
        """Stop, with the family, the key and the value named."""
        shown = repr(value)
        if len(shown) > 80:
            shown = f"{shown[:77]}..."
        raise SourceError(f"The configuration of the family {self.family} has {name} = {shown}, {problem}: {BY_HAND}")

    def has(self, name: str) -> bool:
        """Whether a key is there with a value."""
        self.asked.add(name)
        return self.values.get(name) is not None

    def value(self, name: str) -> Any:
        """A value of whatever type."""
        self.asked.add(name)
        return self.values.get(name)

    def whole(self, *names: str, default: int | None = None, least: int = 0) -> int:
        """A whole number that may stand under several names; those that are there must agree."""
        found = {name: self.value(name) for name in names if self.has(name)}
        for name, value in found.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                self.refuse(name, value, f"which is no whole number from {least}")
            if value != next(iter(found.values())):
                self.refuse(name, value, f"which contradicts {next(iter(found))}")
        if found:
            return int(next(iter(found.values())))
        if default is None:
            raise SourceError(f"The configuration of the family {self.family} has no {' or '.join(names)}: {BY_HAND}")
        return default

    def size(self, *names: str) -> int:
        """A whole number of at least 1."""
        return self.whole(*names, least=1)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(name, value, "which is neither true nor false")
        return value

    def choice(self, name: str, known: Sequence[Any], default: Any = None) -> Any:
        """One of a few values that are understood."""
        value = self.value(name)
        if value is None:
            return default
        if value not in known or isinstance(value, bool) != isinstance(known[0], bool):
            self.refuse(name, value, f"of which only {' or '.join(map(str, known))} is understood")
        return value

    def off(self, *names: str) -> None:
        """Options that the reader cannot count: they must not be there, or be off."""
        for name in names:
            value = self.value(name)
            if value:
                self.refuse(name, value, "which is not understood")

    def each(self, name: str, known: Sequence[Any], count: int, further: int = 0) -> list[Any]:
        """A list or a text with one of a few values for each layer; it may go on for layers that are not counted."""
        value = self.value(name)
        if not isinstance(value, list | str):
            self.refuse(name, value, "which is no list of a value for each layer")
        for one in value:
            if isinstance(one, bool) or one not in known:
                self.refuse(name, one, f"of which only {', '.join(map(str, known))} are understood")
        if len(value) not in (count, count + further):
            self.refuse(name, value, f"of {len(value)} values for {count} layers")
        return list(value[:count])

    def numbers(self, name: str) -> list[int]:
        """A list of numbers of layers."""
        value = self.value(name)
        if not isinstance(value, list) or any(isinstance(one, bool) or not isinstance(one, int) for one in value):
            self.refuse(name, value, "which is no list of whole numbers")
        return list(value)

    def part(self, name: str) -> "Configuration":
        """A table within the configuration."""
        value = self.value(name)
        if not isinstance(value, Mapping):
            self.refuse(name, value, "which is no table")
        return Configuration(value, f"{self.family} ({name})")

    def layers(self, *names: str) -> int:
        """Number of layers."""
        count = self.size(*names)
        if count > _MOST_LAYERS:
            self.refuse(names[0], count, "and no model has so many layers")
        return count

    def finish(self) -> None:
        """Stop at a key that nobody asked for and that may be about the structure."""
        self.off(*OFF)
        for name, value in self.values.items():
            if name in self.asked or value in (None, [], {}, "") or _NO_STRUCTURE_PATTERN.fullmatch(str(name)):
                continue
            self.refuse(str(name), value, "which is not understood")
