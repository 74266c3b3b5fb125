"""Tests of shared/web, against a small service of their own."""
