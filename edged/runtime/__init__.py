"""The engine room: the only place with threads, clocks, signals and retries."""
