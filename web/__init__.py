"""What people open in a browser: the claim page; the overlay and the console come to it."""
