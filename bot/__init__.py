"""fluxbot reads a pull request the way Flux will."""

__version__ = "0.1.0"
