"""Measuring: accuracy (`edged eval`) and cost (`edged bench`), written where people can check them."""
