"""Shopify shops, through the Admin API in GraphQL."""
