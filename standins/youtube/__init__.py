"""YouTube's Data API for one channel's live chat."""
