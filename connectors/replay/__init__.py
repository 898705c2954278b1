"""Reads a chat log as if it were a live chat; no platform is needed."""
