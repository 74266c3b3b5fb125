"""Contracts: one suite for every implementation of an interface."""
