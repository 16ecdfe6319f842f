"""Who may pass which door, and why: rules over values. No clock, no disk, no network, no thread."""
