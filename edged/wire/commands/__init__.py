"""What is asked with a request and what is answered: `data` of `request/<command>` and of `response/<command>`."""
