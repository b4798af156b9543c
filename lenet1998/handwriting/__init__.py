"""Read pictures of digits, or draw one, and get the network's answer."""
