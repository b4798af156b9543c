"""The layers: three passes each, forward, backward and second_backward."""
