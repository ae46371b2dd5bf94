"""AutoGraph: architecture diagrams that draw themselves and stay true, on your own machine."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("autograph")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"
