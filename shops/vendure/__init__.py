"""A shop that runs on Vendure 3."""
