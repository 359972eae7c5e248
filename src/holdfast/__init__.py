"""An evidence-grade archive for public channels under pressure."""

__version__ = "0.1.0"
