"""Who a token belongs to: its check, the keys it is checked with, and a local issuer."""
