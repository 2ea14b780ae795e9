"""What reports publish: the formulas give it back."""

import pytest

from analysis import catalog
from analysis.measures import architecture, reports

MODELS = architecture.read_architectures(catalog.read_bytes("architectures"))
FIGURES = catalog.load("published_figures")


def test_the_caches_that_deepseek_published_are_computed_to_the_byte():
    """DeepSeek insights (arXiv 2505.09343), table 1: 70.272 kB a token, and 516.096 for Llama-3.1-405B."""
    cache = reports.single_figures(FIGURES, MODELS).xs("cache", level="quantity")
    assert cache["computed"].tolist() == cache["value"].tolist()


def test_every_term_of_the_step3_report_is_met_within_half_a_per_cent():
    errors = reports.step3_errors(FIGURES, MODELS)
    assert errors.notna().any(axis=None)
    assert errors.abs().max(axis=None) < 0.5


def test_a_wrong_dimension_would_be_noticed():
    swapped = {**MODELS, "DeepSeek-V3": MODELS["Llama-3.1-405B"]}
    assert reports.step3_errors(FIGURES, swapped).abs().max(axis=None) > 10


def test_v4_takes_about_the_published_share_of_what_v32_takes():
    shares = reports.relative_figures(FIGURES, MODELS, "DeepSeek-V3.2")
    assert len(shares) == 4
    assert (shares["computed"] - shares["published"]).abs().max() < 0.03


def test_the_training_of_llama_405b_used_a_little_over_a_third_of_its_hours():
    """The Llama 3 report (arXiv 2407.21783), section 3.3.2, gives 38 to 43 % for 8K to 131K tokens a batch."""
    runs = reports.training_runs(catalog.load("model_sizes"), MODELS, catalog.load("accelerators"))
    assert runs.loc["Llama-3.1-405B", "utilisation"] == pytest.approx(0.35, abs=0.01)


def test_a_model_without_dimensions_is_left_out():
    assert reports.of_known(FIGURES, {}).empty
    assert reports.memory_by_model({}, 8192).empty
