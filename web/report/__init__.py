"""The report of a live as one file that can be sent and printed: no script, nothing loaded, nobody named."""
