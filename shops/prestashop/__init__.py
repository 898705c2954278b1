"""PrestaShop, through its webservice."""
