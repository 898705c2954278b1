"""YouTube Live: a broadcast's chat, read and written inside the day's quota."""
