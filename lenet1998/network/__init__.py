"""Layers as a network: LeNet-5 and the designs of the ablations."""
