"""The audit: chain, seals, witness, verifier, and that nothing goes without a row."""
