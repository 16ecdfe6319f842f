"""Judgement: `Recognizer.look(frame) -> events`. No threads, no network, no clock."""
