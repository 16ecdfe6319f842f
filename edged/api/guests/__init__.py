"""Guests' pages: what was found of somebody, on their own phone."""
