"""Ours: what devices of edged and its own tools ask a centre, under `/edged/v1`."""
