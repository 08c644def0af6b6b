"""Files and folders as people name them, as archives hold them and as others offer them."""
