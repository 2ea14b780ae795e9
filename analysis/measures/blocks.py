"""Blocks of a model: kinds of feed-forward, layers of an attention and a feed-forward, and the model that they make."""

from dataclasses import dataclass
from typing import ClassVar

from analysis.measures.attention import Attention, NoAttention


@dataclass(frozen=True)
class NoFeedForward:
    """A layer that only attends."""

    kind: ClassVar[str] = "no-feed-forward"

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: none."""
        return 0

    def routed(self, hidden: int) -> int:
        """Weights of the experts to choose from: none."""
        return 0

    def active(self, hidden: int) -> int:
        """Weights that a token uses: none."""
        return 0

    def fault(self) -> tuple[str, str] | None:
        """Nothing always fits."""
        return None


@dataclass(frozen=True)
class Dense:
    """Feed-forward of three matrices (gated: SwiGLU, GeGLU) or, without a gate, of two."""

    kind: ClassVar[str] = "dense"
    width: int
    gated: bool = True

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        return (2 + self.gated) * hidden * self.width

    def routed(self, hidden: int) -> int:
        """Weights of the experts to choose from: none."""
        return 0

    def active(self, hidden: int) -> int:
        """Weights that a token uses: all."""
        return self.parameters(hidden)

    def fault(self) -> tuple[str, str] | None:
        """One size always fits."""
        return None


@dataclass(frozen=True)
class Mixture:
    """Mixture of experts: a router picks ``per_token`` of them; shared experts serve every token.

    Experts work on ``latent`` values, to and from which two matrices of the layer lead, where it is not 0 (LatentMoE).
    ``empty`` is the number of experts without weights that the router may pick beside them; ``per_token`` counts those
    with weights, on average (LongCat-Flash, arXiv 2509.01322).
    """

    kind: ClassVar[str] = "mixture"
    experts: int
    per_token: int
    width: int
    shared: int = 0
    shared_width: int = 0
    shared_gate: bool = False
    bias: bool = False
    gated: bool = True
    latent: int = 0
    empty: int = 0

    def _expert(self, hidden: int) -> int:
        ends = self.latent or hidden
        return (2 + self.gated) * ends * self.width + self.bias * ((1 + self.gated) * self.width + ends)

    def router(self, hidden: int) -> int:
        """Weights that pick the experts."""
        return (self.experts + self.empty) * (hidden + self.bias)

    def _always(self, hidden: int) -> int:
        shared = (2 + self.gated) * hidden * (self.shared_width or self.width) * self.shared
        return shared + self.router(hidden) + self.shared_gate * hidden + 2 * hidden * self.latent

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        return self.routed(hidden) + self._always(hidden)

    def routed(self, hidden: int) -> int:
        """Weights of the experts to choose from."""
        return self.experts * self._expert(hidden)

    def active(self, hidden: int) -> int:
        """Weights that a token uses: its experts, the shared ones, the router and the way to the experts' width."""
        return self.per_token * self._expert(hidden) + self._always(hidden)

    def fault(self) -> tuple[str, str] | None:
        """A token cannot use more experts than there are."""
        if self.per_token > self.experts:
            return "per_token", f"{self.per_token} experts a token are more than the {self.experts} that there are"
        return None


FeedForward = Dense | Mixture | NoFeedForward
FEED_FORWARD: dict[str, type[FeedForward]] = {kind.kind: kind for kind in (Dense, Mixture, NoFeedForward)}
"""Kinds of feed-forward by name."""


@dataclass(frozen=True)
class Block:
    """So many equal layers: an attention and a feed-forward, each with a norm."""

    count: int
    attention: Attention
    feed_forward: FeedForward

    @property
    def norms(self) -> int:
        """Norms of one layer: one for each part that is there."""
        return 2 - isinstance(self.attention, NoAttention) - isinstance(self.feed_forward, NoFeedForward)


@dataclass(frozen=True)
class Architecture:
    """A model: its embedding, its blocks and its head."""

    name: str
    hidden_size: int
    vocabulary: int
    blocks: tuple[Block, ...]
    tied: bool = False
