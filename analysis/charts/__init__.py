"""What one notebook draws, by subject; what several draw is in ``figures``."""
