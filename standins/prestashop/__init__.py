"""PrestaShop on loopback: its webservice over a small shop."""
