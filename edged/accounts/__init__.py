"""Who may sign in to the device's pages, and what they may do there."""
