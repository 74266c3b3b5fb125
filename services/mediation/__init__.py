"""The mediation of a dispute: who takes it up and why, and what becomes of it."""
