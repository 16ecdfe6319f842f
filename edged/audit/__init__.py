"""What happened, in a chain that cannot be altered unnoticed."""
