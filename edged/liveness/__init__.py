"""Whether a living face is there: the head-turn challenge, over landmarks only."""
