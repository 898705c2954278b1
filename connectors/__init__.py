"""Chat platforms, a folder each. They know neither each other nor the store."""
