"""The console's own addresses, for whoever is signed in."""
