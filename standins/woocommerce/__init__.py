"""A WooCommerce shop on loopback: its REST interface, its Store API, and a storefront for people."""
