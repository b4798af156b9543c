"""Criteria, step sizes, optimizers, schedules, the training loop, evaluation."""
