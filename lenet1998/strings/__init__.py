"""Section VII: strings of digits, read without cutting them apart."""
