"""From a published model to the one that edged runs: the same bytes on every machine.

Needs the `onnx` package (the extra `models`); nothing here is imported to run a model.
"""
