"""Words on the command line: one module a command.

Each has `register(commands)`, which adds its parser and sets `run` as a default: a function of the parsed arguments
and the `Console` that returns the exit code.
"""
