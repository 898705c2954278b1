"""A Shopify shop on loopback: its Admin API in GraphQL, its tokens and its webhooks."""
