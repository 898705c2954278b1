"""Twitch: chat over EventSub websocket, words over Helix, both through twitchio."""
