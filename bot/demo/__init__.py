"""An evening that needs nothing: stand-ins for the platforms and the shop; the rest is real."""
