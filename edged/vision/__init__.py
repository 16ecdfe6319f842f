"""Sight: models by manifest, detection, alignment, quality, embedding. Knows no camera and no person."""
