"""The booth's memory: events, their photographs and searches."""
