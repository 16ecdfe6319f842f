"""What is done when somebody asks for it: a command each, loaded with the first request."""
