"""The version of iaclint, in a module that imports nothing: reports, the command line and the build all read it."""

__version__ = "0.1.0"
