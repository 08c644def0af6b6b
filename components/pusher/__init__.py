"""The standard Pusher, which publishes completely or not at all and says why it did not."""
