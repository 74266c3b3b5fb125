"""The real cluster: every process of it, started by what operators start it with."""
