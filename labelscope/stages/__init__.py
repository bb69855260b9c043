"""Stages: what is computed from a data set, each step once; one table of them, and one runner that tells how far it is."""
