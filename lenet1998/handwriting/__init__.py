"""Anybody's digit in, the network's answer out."""
