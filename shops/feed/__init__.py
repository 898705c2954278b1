"""A retailer with a platform of its own: a catalogue, codes by file or address, signed webhooks."""
