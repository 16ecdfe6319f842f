"""Pages: static files that the device serves itself."""
