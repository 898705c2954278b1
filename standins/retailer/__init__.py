"""A retailer's own platform, for `shops/feed` to speak to."""
