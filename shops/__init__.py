"""Retailers' shops, a folder for each kind."""
