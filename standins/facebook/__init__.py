"""Facebook's Graph API for one Page and its live video."""
