"""WooCommerce shops, through REST v3."""
