"""Who did and saw what: rows, their chain, its seals, and what another service holds of them."""
