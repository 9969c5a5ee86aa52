"""Measurements of the bulk paths, run by `make bench`; never part of the tests."""
