"""A small shop, for the stand-ins of shops to wrap."""
